# Golden values of the time-zero comparison of chapter 4, made with R and its package survival.
#
#   python tests/test_survival_sequential_golden.py FOLDER     # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/time_zero.R FOLDER > tests/golden/time_zero.json
#
# The data sets come with lifelines (lifelines.datasets). The strata of the sequential comparison are built here
# start by start, in a loop, so that they are a second way to the same rows.
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)
robust <- function(fit) list(term = names(coef(fit)), log_ratio = unname(coef(fit)),
                             robust_error = unname(sqrt(diag(vcov(fit)))),
                             naive_error = unname(sqrt(diag(fit$naive.var))))

keep("stratified.stanford", "coxph(Surv(start, stop, event) ~ transplant + age + strata(surgery), cluster = id)",
     robust(coxph(Surv(start, stop, event) ~ transplant + age + strata(surgery), read("stanford"), cluster = id,
                  ties = "efron", control = tight)))
keep("stratified.dd", "coxph(Surv(duration, observed) ~ is_democracy + start_decade + strata(un_continent_name), cluster = ctryname)",
     robust(coxph(Surv(duration, observed) ~ is_democracy + start_decade + strata(un_continent_name), read("dd"),
                  cluster = ctryname, ties = "efron", control = tight)))

sequential <- function(data) {
  strata <- lapply(which(!is.na(data$wait) & data$wait < data$time), function(i) {
    m <- data$wait[i]
    waits <- ifelse(is.na(data$wait), Inf, data$wait)
    j <- which(data$time > m & waits > m & seq_len(nrow(data)) != i)
    own <- data.frame(s = i, id = data$id[i], t = data$time[i] - m, d = data$dead[i], x = 1)
    rest <- data.frame(s = rep(i, length(j)), id = data$id[j], t = pmin(data$time, waits)[j] - m,
                       d = as.integer(data$dead[j] == 1 & data$time[j] <= waits[j]), x = rep(0, length(j)))
    rbind(own, rest)
  })
  do.call(rbind, strata)
}
for (name in c("stanford_patients", "lymph_node_patients")) {
  rows <- sequential(read(name))
  fit <- coxph(Surv(t, d) ~ x + strata(s), rows, cluster = id, ties = "efron", control = tight)
  keep(paste0("sequential.", name), "coxph(Surv(t, d) ~ x + strata(s), cluster = id), strata start by start",
       c(robust(fit), list(rows = nrow(rows), events = sum(rows$d))))
}
json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
                    golden = golden), auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
