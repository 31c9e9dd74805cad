# Golden values of the multiverse: score statistics of its null, and variance shared out among decisions.
#
#   python tests/test_multiverse_golden.py FOLDER             # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/multiverse.R FOLDER > tests/golden/multiverse.json
#
# The data sets come with lifelines (lifelines.datasets) and statsmodels (statsmodels.datasets).
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = TRUE)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)

rao <- function(name, exposure, null) {
  tight <- glm.control(epsilon = 1e-14, maxit = 100)
  small <- glm(null, binomial, read(name), control = tight)
  large <- update(small, reformulate(c(".", exposure), "."))
  keep(paste("rao", name, exposure, sep = "."), 'anova(glm(null), glm(with exposure), test = "Rao")', list(
    chi2 = anova(small, large, test = "Rao")$Rao[2], sign = unname(sign(coef(large)[exposure])), n = nobs(small)))
}
rao("rossi", "fin", arrest ~ age + race + wexp + mar + paro + prio)
rao("rossi", "mar", arrest ~ age + race + wexp + fin + paro + prio)
rao("spector", "PSI", GRADE ~ GPA + TUCE)

fixed <- function(name, data) {
  test <- survdiff(Surv(time, event) ~ group, data)
  keep(paste0("log_rank.", name), "survdiff(Surv(time, event) ~ group)", list(
    chi2 = test$chisq, sign = sign(test$obs[2] - test$exp[2]), n = nrow(data)))
}
fixed("waltons", read("waltons")); fixed("gbsg2", read("gbsg2"))
fixed("waltons.landmark", subset(read("waltons"), time > 30)); fixed("gbsg2.landmark", subset(read("gbsg2"), time > 365))

changing <- function(name) {
  data <- read(name)
  switches <- !is.na(data$wait) & data$wait < data$time
  before <- transform(data, start = 0, stop = ifelse(switches, wait, time), event = ifelse(switches, 0, dead), x = 0)
  after <- transform(data[switches, ], start = wait, stop = time, event = dead, x = 1)
  from_start <- switches & data$wait <= 0
  rows <- rbind(before[!from_start, ], after)
  fit <- coxph(Surv(start, stop, event) ~ x, rows, ties = "exact")
  keep(paste0("exact.", name), 'coxph(Surv(start, stop, event) ~ x, ties = "exact")$score', list(
    chi2 = fit$score, sign = unname(sign(coef(fit))), events = fit$nevent))
}
changing("stanford_patients"); changing("lymph_node_patients")

orders <- function(items) {
  if (length(items) <= 1) return(list(items))
  do.call(c, lapply(seq_along(items), function(i) lapply(orders(items[-i]), function(rest) c(items[i], rest))))
}
lmg <- function(name, response, terms) {
  data <- read(name)
  fits <- new.env()
  explained <- function(who) {
    if (!length(who)) return(0)
    key <- paste(sort(who), collapse = "+")
    if (is.null(fits[[key]])) fits[[key]] <- summary(lm(reformulate(paste0("factor(", who, ")"), response), data))$r.squared
    fits[[key]]
  }
  gains <- sapply(orders(terms), function(order) {
    reached <- sapply(seq_along(order), function(i) explained(order[seq_len(i)]))
    setNames(diff(c(0, reached)), order)[terms]
  })
  keep(paste0("lmg.", name), "summary(lm())$r.squared, gains averaged over every order of the terms", list(
    term = terms, share = unname(rowMeans(gains)), whole = explained(terms), alone = unname(sapply(terms, explained)),
    last = unname(sapply(terms, function(one) explained(terms) - explained(setdiff(terms, one)))), orders = ncol(gains)))
}
lmg("rossi", "log(week)", c("fin", "race", "wexp", "mar", "paro"))
lmg("gbsg2", "log(time)", c("group", "menostat", "tgrade", "event"))

json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
                    golden = golden), auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z_]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
