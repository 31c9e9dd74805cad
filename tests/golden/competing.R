# Golden values of competing events, made with R and its packages cmprsk and survival.
#
#   python tests/test_survival_competing_golden.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/competing.R FOLDER > tests/golden/competing.json
#
# The data sets come with lifelines (the German breast cancer trial) and with statsmodels (bone-marrow transplants):
# both in days and in whole months, for the ties.
suppressMessages({library(survival); library(cmprsk); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
read <- function(name) read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)

covariates <- list(lymph_node = c("is_dtt", "age"), lymph_node_months = c("is_dtt", "age"), bmt = "is_dtt",
                   bmt_months = "is_dtt")
for (name in names(covariates)) {
  data <- read(name)
  events <- c("relapse", "death")
  tests <- cuminc(data$months, data$status, data$arm, cencode = "censored")$Tests
  for (event in events) {
    keep(paste("gray", name, event, sep = "."), 'cuminc(months, status, arm, cencode = "censored")$Tests',
         as.list(setNames(tests[event, ], c("chi2", "p", "df"))))
    x <- as.matrix(data[, covariates[[name]], drop = FALSE])
    fit <- crr(data$months, data$status, x, failcode = event, cencode = "censored", gtol = 1e-14, maxiter = 100)
    keep(paste("crr", name, event, sep = "."),
         'crr(months, status, x, failcode = event, cencode = "censored", gtol = 1e-14)',
         list(log_ratio = unname(fit$coef), error = unname(sqrt(diag(fit$var)))))
    only <- as.matrix(data[, "is_dtt", drop = FALSE])  # its ratio alone, and one that moves with log time
    moving <- crr(data$months, data$status, cov1 = only, cov2 = only, tf = function(t) log(t + 1), failcode = event,
                  cencode = "censored", gtol = 1e-14, maxiter = 100)
    keep(paste("crr_moving", name, event, sep = "."),
         "crr(months, status, cov1 = is_dtt, cov2 = is_dtt, tf = function(t) log(t + 1), failcode = event, gtol = 1e-14)",
         list(log_ratio = unname(moving$coef), error = unname(sqrt(diag(moving$var)))))
    # without a censoring on the day of an event the expanded Cox model is the same; its robust error lacks one term
    data$word <- factor(data$status, levels = c("censored", events))
    data$id <- seq_len(nrow(data))
    long <- finegray(Surv(months, word) ~ ., data = data, etype = event)
    cox <- coxph(reformulate(covariates[[name]], "Surv(fgstart, fgstop, fgstatus)"), long, weights = fgwt, cluster = id,
                 ties = "breslow", control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50))
    keep(paste("finegray", name, event, sep = "."),
         'coxph(Surv(fgstart, fgstop, fgstatus) ~ x, finegray(Surv(months, status) ~ .), fgwt, cluster = id, ties = "breslow")',
         list(log_ratio = unname(coef(cox)), error = unname(sqrt(diag(vcov(cox))))))
  }
}

json <- toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                                 cmprsk = as.character(packageVersion("cmprsk"))), golden = golden),
           auto_unbox = TRUE, digits = NA, na = "null")
cat(gsub(',"([a-z]+\\.[^"]+)":\\{"call"', ',\n"\\1":{"call"', json), "\n", sep = "")  # one golden value a line
