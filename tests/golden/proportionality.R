# Golden values of hazards that may not be proportional, made with R and its package survival.
#
#   python tests/test_survival_proportionality_golden.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/proportionality.R FOLDER > tests/golden/proportionality.json
#
# The data sets come with lifelines (lifelines.datasets). survRM2 is not needed: its restricted means are those that
# print(survfit, rmean) gives, and the variance of their ratio is the delta method, written out below.
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)

limits <- list(waltons = 50, rossi = 40, lung = 300)
marks <- list(waltons = c(20, 40, 60), rossi = c(13, 26, 52), lung = c(100, 300, 500))
for (name in names(limits)) {
  data <- read(name)
  fit <- survfit(Surv(stop, is_event) ~ is_dtt, data)
  mean <- summary(fit, rmean = limits[[name]])$table[, c("rmean", "se(rmean)")]
  m <- mean[2:1, 1]; s <- mean[2:1, 2]                       # exposed first
  ratio <- log(m[1] / m[2]); spread <- sqrt(s[1]^2 / m[1]^2 + s[2]^2 / m[2]^2)
  keep(paste0("rmean.", name), "summary(survfit(Surv(stop, is_event) ~ is_dtt), rmean = limit)$table; delta method on the log",
       list(limit = limits[[name]], mean = unname(m), error = unname(s), difference = unname(m[1] - m[2]),
            difference_error = sqrt(sum(s^2)), difference_p = 2 * pnorm(-abs(m[1] - m[2]) / sqrt(sum(s^2))),
            ratio = unname(exp(ratio)), ratio_low = unname(exp(ratio - qnorm(0.975) * spread)),
            ratio_high = unname(exp(ratio + qnorm(0.975) * spread)), ratio_p = unname(2 * pnorm(-abs(ratio) / spread))))
  at <- summary(fit, times = marks[[name]], extend = TRUE)
  one <- at$strata == "is_dtt=1"
  gap <- at$surv[one] - at$surv[!one]; error <- sqrt(at$std.err[one]^2 + at$std.err[!one]^2)
  keep(paste0("milestones.", name), "summary(survfit(Surv(stop, is_event) ~ is_dtt), times)$surv and $std.err",
       list(month = marks[[name]], difference = gap, low = gap - qnorm(0.975) * error, high = gap + qnorm(0.975) * error,
            p = 2 * pnorm(-abs(gap) / error), at_risk = pmin(at$n.risk[one], at$n.risk[!one])))
}

for (name in c("waltons", "rossi", "lung", "stanford")) {
  data <- read(name)
  cut <- median(data$stop[data$is_event == 1])
  halves <- survSplit(Surv(start, stop, is_event) ~ ., data, cut = cut, episode = "half")
  halves$early <- halves$is_dtt * (halves$half == 1); halves$late <- halves$is_dtt * (halves$half == 2)
  steps <- coxph(Surv(start, stop, is_event) ~ early + late, halves, ties = "efron", control = tight)
  keep(paste0("steps.", name), "coxph(Surv(start, stop, is_event) ~ early + late, survSplit(cut = median event month))",
       list(cut = cut, log_ratio = unname(coef(steps)), error = unname(sqrt(diag(vcov(steps)))),
            change = unname(coef(steps)[2] - coef(steps)[1]), change_error = sqrt(sum(diag(vcov(steps))))))
  pieces <- survSplit(Surv(start, stop, is_event) ~ ., data, cut = sort(unique(data$stop[data$is_event == 1])))
  pieces$moving <- pieces$is_dtt * log(pieces$stop + 1)
  logs <- coxph(Surv(start, stop, is_event) ~ is_dtt + moving, pieces, ties = "efron", control = tight)
  x <- c(1, log(13))
  keep(paste0("logs.", name), "coxph(Surv(start, stop, is_event) ~ is_dtt + is_dtt:log(stop + 1), survSplit(cut = event months))",
       list(log_ratio = unname(coef(logs)), error = unname(sqrt(diag(vcov(logs)))), at_12 = sum(x * coef(logs)),
            at_12_error = sqrt(drop(t(x) %*% vcov(logs) %*% x))))
}

strata <- list(rossi_strata = c("rossi_strata", "is_dtt + age"), lung_strata = c("lung_strata", "is_dtt + age"),
               stanford_strata = c("stanford_strata", "is_dtt + age"))
for (name in names(strata)) {
  model <- as.formula(paste("Surv(start, stop, is_event) ~", strata[[name]][2], "+ strata(stratum)"))
  table <- cox.zph(coxph(model, read(name), ties = "efron", control = tight))$table
  keep(paste0("zph.", name), "cox.zph(coxph(Surv(start, stop, is_event) ~ is_dtt + age + strata(stratum), ties = \"efron\"))",
       list(term = rownames(table), chi2 = unname(table[, "chisq"]), df = unname(table[, "df"]), p = unname(table[, "p"])))
}

json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival"))),
                    golden = golden), auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
