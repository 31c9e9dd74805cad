# Golden values of the interval-censored estimate, made with R's survival.
#
#   python tests/test_interval_censoring.py FOLDER       # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/turnbull.R FOLDER > tests/golden/turnbull.json
#
# survfit stops its iterations when no share moves by more than 5e-05; here the same code runs on to 1e-14, or 20,000 times.
# In mice two shares creep towards zero for ever: there the likelihood is compared and not the shares. The data sets
# come with lifelines: diabetes and mice are interval-censored as they are; lung_visits is lung with the day of
# death known only to the visit of every 91st day.
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
code <- deparse(survival:::survfitTurnbull, width.cutoff = 500)
changed <- gsub("eps > 5e-05", "eps > 1e-14 && iter < 20000", code, fixed = TRUE)
stopifnot(sum(code != changed) == 1)
tight <- eval(parse(text = changed), envir = asNamespace("survival"))
golden <- list()
for (name in c("diabetes", "mice", "lung_visits")) {
  data <- read.csv(file.path(folder, paste0(name, ".csv")))
  data$high[is.infinite(data$high)] <- NA
  y <- Surv(data$low, data$high, type = "interval2")
  fit <- tight(factor(rep(1, nrow(data))), y, rep(1, nrow(data)), se.fit = FALSE)
  plain <- survfit(y ~ 1)
  keep <- -diff(c(1, fit$surv)) > 1e-9
  golden[[name]] <- list(call = 'survfit(Surv(low, high, type = "interval2") ~ 1), iterated to 1e-14',
    values = list(jumps = fit$time[keep], share = (-diff(c(1, fit$surv)))[keep],
                  largest_change_by_iterating_on = max(abs(plain$surv - fit$surv))))
}
cat(toJSON(list(made_with = list(R = as.character(getRversion()), survival = as.character(packageVersion("survival"))),
                golden = golden), digits = NA, auto_unbox = TRUE), "\n")
