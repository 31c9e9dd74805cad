# Golden values of chapter 4, made with R and its packages survival and cmprsk.
#
#   python tests/test_survival_golden.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/survival.R FOLDER > tests/golden/survival.json
#
# The data sets come with lifelines (lifelines.datasets) and with statsmodels (the bone-marrow transplants of
# duration/tests/results/bmt.csv); ties are made where a data set has few (whole months).
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)

curve <- function(fit, times) {
  at <- summary(fit, times = times, extend = FALSE)
  list(month = at$time, estimate = at$surv, standard_error = at$std.err, low = at$lower, high = at$upper,
       at_risk = at$n.risk)
}
cox <- function(fit) list(term = names(coef(fit)), log_ratio = unname(coef(fit)), error = unname(sqrt(diag(vcov(fit)))),
                          p = unname(summary(fit)$coefficients[, "Pr(>|z|)"]), events = rep(fit$nevent, length(coef(fit))))
zph <- function(fit) { table <- cox.zph(fit)$table
  list(term = rownames(table), chi2 = unname(table[, "chisq"]), df = unname(table[, "df"]), p = unname(table[, "p"])) }

waltons <- read("waltons")
for (name in unique(waltons$group)) {
  fit <- survfit(Surv(T, E) ~ 1, waltons[waltons$group == name, ], conf.type = "log-log")
  keep(paste0("km.waltons.", name), 'survfit(Surv(T, E) ~ 1, conf.type = "log-log"), one group',
       curve(fit, c(6, 13, 22, 33, 41, 54, 60)))
  keep(paste0("median.waltons.", name), "print(survfit)", as.list(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")]))
  print_mean <- summary(fit, rmean = 50)$table
  keep(paste0("rmean.waltons.", name), "print(survfit, rmean = 50)", as.list(print_mean[c("rmean", "se(rmean)")]))
}
followup <- function(fit) as.list(summary(fit)$table[c("median", "0.95LCL", "0.95UCL")])
keep("followup.larynx", 'print(survfit(Surv(time, 1 - death) ~ 1, conf.type = "log-log"))',
     followup(survfit(Surv(time, 1 - death) ~ 1, read("larynx"), conf.type = "log-log")))
keep("followup.lung", 'print(survfit(Surv(time, 1 - status) ~ 1, conf.type = "log-log"))',
     followup(survfit(Surv(time, 1 - status) ~ 1, read("lung"), conf.type = "log-log")))
keep("km.rossi", 'survfit(Surv(week, arrest) ~ 1, conf.type = "log-log")',
     curve(survfit(Surv(week, arrest) ~ 1, read("rossi"), conf.type = "log-log"), c(1, 4, 13, 26, 39, 52)))
flat <- data.frame(time = c(1, 2, 3, 4), event = c(1, 1, 0, 1))
keep("median.flat", "print(survfit(Surv(c(1, 2, 3, 4), c(1, 1, 0, 1)) ~ 1))", as.list(
  summary(survfit(Surv(time, event) ~ 1, flat, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")]))

logrank <- function(formula, data) { fit <- survdiff(formula, data)
  list(chi2 = fit$chisq, df = length(fit$n) - 1, p = pchisq(fit$chisq, length(fit$n) - 1, lower.tail = FALSE)) }
bmt <- read("bmt")
keep("logrank.waltons", "survdiff(Surv(T, E) ~ group)", logrank(Surv(T, E) ~ group, waltons))
keep("logrank.rossi", "survdiff(Surv(week, arrest) ~ fin)", logrank(Surv(week, arrest) ~ fin, read("rossi")))
keep("logrank.bmt", "survdiff(Surv(T, Status) ~ Group)", logrank(Surv(T, Status) ~ Group, bmt))

models <- list(
  rossi = list("coxph(Surv(week, arrest) ~ fin + age + prio, ties = \"efron\")",
               coxph(Surv(week, arrest) ~ fin + age + prio, read("rossi"), ties = "efron", control = tight)),
  rossi_fin = list("coxph(Surv(week, arrest) ~ fin, ties = \"efron\")",
                   coxph(Surv(week, arrest) ~ fin, read("rossi"), ties = "efron", control = tight)),
  larynx = list("coxph(Surv(time, death) ~ age + Stage_II + Stage_III + Stage_IV, ties = \"efron\")",
                coxph(Surv(time, death) ~ age + Stage_II + Stage_III + Stage_IV, read("larynx"), ties = "efron",
                      control = tight)),
  lung = list("coxph(Surv(time, status) ~ sex + ph.karno, ties = \"efron\")",
              coxph(Surv(time, status) ~ sex + ph.karno, read("lung"), ties = "efron", control = tight)),
  stanford = list("coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, ties = \"efron\")",
                  coxph(Surv(start, stop, event) ~ age + year + surgery + transplant, read("stanford"), ties = "efron",
                        control = tight)),
  stanford_transplant = list("coxph(Surv(start, stop, event) ~ transplant, ties = \"efron\")",
                             coxph(Surv(start, stop, event) ~ transplant, read("stanford"), ties = "efron",
                                   control = tight)))
for (name in names(models)) {
  keep(paste0("cox.", name), models[[name]][[1]], cox(models[[name]][[2]]))
  keep(paste0("zph.", name), paste0("cox.zph(", models[[name]][[1]], ")"), zph(models[[name]][[2]]))
}
for (name in c("rossi_fin", "stanford_transplant")) {
  residuals <- cox.zph(models[[name]][[2]])
  keep(paste0("schoenfeld.", name), "cox.zph(...)$time and $y",
       list(month = residuals$time, log_hazard_ratio = unname(residuals$y[, 1])))
}

lymph_node <- read("lymph_node")
incidence <- function(name, data, times) {
  data$word <- factor(data$status, levels = c("censored", "relapse", "death"))
  fit <- survfit(Surv(month, word) ~ 1, data, conf.type = "log-log")
  at <- summary(fit, times = times)
  gray <- cuminc(data$month, data$status, cencode = "censored")
  at_gray <- timepoints(gray, times)
  for (k in 2:3) {
    state <- fit$states[k]
    row <- grep(state, rownames(at_gray$est))
    keep(paste("cif", name, state, sep = "."),
         'survfit(Surv(month, status) ~ 1, conf.type = "log-log"); cuminc(month, status, cencode = "censored")',
         list(month = times, estimate = at$pstate[, k], standard_error = at$std.err[, k], low = at$lower[, k],
              high = at$upper[, k], at_risk = at$n.risk[, 1], cuminc_estimate = unname(at_gray$est[row, ]),
              cuminc_variance = unname(at_gray$var[row, ])))
  }
}
incidence("lymph_node", lymph_node, c(6, 12, 24, 36, 60))
incidence("bmt_months", read("bmt_months"), c(2, 4, 6, 12, 24))

rates <- lapply(list(c(0, 12.5), c(1, 12.5), c(24, 431.25)), function(x) {
  test <- poisson.test(x[1], x[2]); list(events = x[1], years = x[2], low = test$conf.int[1], high = test$conf.int[2]) })
keep("rates", "poisson.test(events, years)$conf.int", rates)

json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                                 cmprsk = as.character(packageVersion("cmprsk"))), golden = golden),
           auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
