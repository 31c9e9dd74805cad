# Golden values of chapter 4 on further data sets, made with R and its package survival.
#
#   python tests/test_survival_golden_second.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/survival_second.R FOLDER > tests/golden/survival_second.json
#
# The data sets come with lifelines (lifelines.datasets).
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)

cox <- function(name, call, fit) {
  keep(paste0("cox.", name), call, list(log_ratio = I(unname(coef(fit))), error = I(unname(sqrt(diag(vcov(fit))))),
       p = I(unname(summary(fit)$coefficients[, "Pr(>|z|)"])), events = fit$nevent))
  table <- cox.zph(fit)$table
  keep(paste0("zph.", name), "cox.zph(fit)", list(term = rownames(table), chi2 = unname(table[, "chisq"]),
       df = unname(table[, "df"]), p = unname(table[, "p"])))
  fit
}
fit <- cox("aids", 'coxph(Surv(start, stop, event) ~ year, ties = "efron")',
           coxph(Surv(start, stop, event) ~ year, read("aids"), ties = "efron", control = tight))
test <- cox.zph(fit)
keep("schoenfeld.aids", "cox.zph(fit)$time and $y", list(month = test$time, log_hazard_ratio = unname(test$y[, 1])))
cox("recur", 'coxph(Surv(start, stop, event) ~ treat + age, ties = "efron")',
    coxph(Surv(start, stop, event) ~ treat + age, read("recur"), ties = "efron", control = tight)) -> done
cox("recur_treat", 'coxph(Surv(start, stop, event) ~ treat, ties = "efron")',
    coxph(Surv(start, stop, event) ~ treat, read("recur"), ties = "efron", control = tight)) -> done

late <- function(name, times) {
  at <- summary(survfit(Surv(start, stop, event) ~ 1, read(name)), times = times)
  keep(paste0("late.", name), "survfit(Surv(start, stop, event) ~ 1)",
       list(month = at$time, estimate = at$surv, standard_error = at$std.err))
}
late("aids", c(1, 2, 3, 5)); late("recur", c(20, 60, 120, 200))

middle <- function(name, formula) keep(paste0("median.", name), 'print(survfit(conf.type = "log-log"))', as.list(
  summary(survfit(formula, read(name), conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")]))
middle("larynx", Surv(time, death) ~ 1); middle("lung", Surv(time, status) ~ 1)

for (name in c("yes", "no")) {
  d <- subset(read("gbsg2"), horTh == name)
  at <- summary(survfit(Surv(time, cens) ~ 1, d), rmean = 1500)$table
  keep(paste0("rmean.gbsg2.", name), "print(survfit(Surv(time, cens) ~ 1), rmean = 1500)",
       as.list(at[c("rmean", "se(rmean)")]))
}

rate <- function(name, events, time) {
  ends <- sapply(1:2, function(i) poisson.test(events[i], time[i])$conf.int)
  ratio <- poisson.test(rev(events), rev(time))
  keep(paste0("rate.", name), "poisson.test(x, T); poisson.test(c(x2, x1), c(T2, T1))", list(
    events = events, time = time, low = ends[1, ], high = ends[2, ], ratio = c(unname(ratio$estimate), ratio$conf.int)))
}
rossi <- read("rossi"); larynx <- read("larynx")
rate("rossi", unname(tapply(rossi$arrest, rossi$fin, sum)), unname(tapply(rossi$week, rossi$fin, sum)))
rate("larynx", unname(tapply(larynx$death, larynx$Stage_IV, sum)), unname(tapply(larynx$time, larynx$Stage_IV, sum)))

json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
                    golden = golden), auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
