# Golden values of multiple imputation, made with R's mice and survival.
#
#   python tests/test_imputation.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/imputation.R FOLDER > tests/golden/imputation.json
#
# The data sets come with lifelines (rossi, stanford) and statsmodels (fair). "holes" lack values by a stated rule,
# "filled" are ten data sets completed by another: the same in R and in Python, so that pooling alone is compared.
suppressMessages({library(mice); library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
load <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
strict <- glm.control(epsilon = 1e-14, maxit = 100)
columns <- c("estimate", "ubar", "b", "t", "df", "riv", "lambda", "fmi")

pooled <- function(fits) {
  found <- pool(as.mira(fits))$pooled
  table <- summary(pool(as.mira(fits)), conf.int = TRUE)
  c(list(terms = as.character(found$term), low = table[["2.5 %"]], high = table[["97.5 %"]], p = table$p.value),
    lapply(setNames(columns, columns), function(name) found[[name]]))
}
each <- function(name, fit) lapply(split(load(name), load(name)$set), function(d) { d$set <- NULL; fit(d) })
logit <- function(formula) function(d) glm(formula, data = d, family = binomial, control = strict)
exact <- coxph.control(eps = 1e-12, toler.chol = 1e-13, iter.max = 100)

# pool() of glm and coxph fits; pool.scalar() with n and k given, and with infinite n
scalar <- function(name, formula, term) {
  fits <- each(name, logit(formula))
  Q <- sapply(fits, function(f) coef(f)[[term]]); U <- sapply(fits, function(f) vcov(f)[term, term])
  n <- nobs(fits[[1]]); k <- length(coef(fits[[1]]))
  list(finite = pool.scalar(Q, U, n = n, k = k)[c("qbar", "t", "df", "r", "fmi")],
       infinite = pool.scalar(Q, U)[c("qbar", "t", "df", "r", "fmi")])
}
rossi_formula <- y ~ fin + race + wexp + age + prio
fair_formula <- y ~ children + age + rate + religious

# coxph with strata; with start and stop, and strata; ties by Efron
fitted_cox <- function(fit) list(beta = unname(coef(fit)), covariance = unname(vcov(fit)))
rossi <- subset(load("rossi_filled"), set == 3); stanford <- subset(load("stanford_filled"), set == 3)
cox <- list(
  rossi = fitted_cox(coxph(Surv(week, y) ~ fin + age + prio + strata(race), rossi, control = exact)),
  stanford = fitted_cox(coxph(Surv(start, stop, event) ~ age + transplant + strata(surgery), stanford, control = exact)),
  stanford_hazard = with(basehaz(coxph(Surv(start, stop, event) ~ age + transplant, stanford, control = exact, ties = "efron"),
                                 centered = FALSE), list(time = time, hazard = hazard)))

# mice itself, 200 data sets: logreg for 0 and 1, pmm for the rest
imputed <- function(name, formula, binary) {
  d <- load(name); d$week <- NULL; method <- setNames(rep("", ncol(d)), names(d))
  lacks <- names(d)[colSums(is.na(d)) > 0]; method[lacks] <- "pmm"; method[binary] <- "logreg"
  for (b in binary) d[[b]] <- factor(d[[b]])
  done <- mice(d, m = 200, maxit = 10, method = method, printFlag = FALSE, seed = 1)
  found <- pool(with(done, glm(formula(deparse(formula)), family = binomial)))$pooled
  c(list(share = mean(sapply(1:200, function(s) mean(as.character(complete(done, s)[[binary]][is.na(d[[binary]])]) == "1"))),
         mean = mean(sapply(1:200, function(s) mean(complete(done, s)[[setdiff(lacks, binary)]][is.na(d[[setdiff(lacks, binary)]])])))),
    lapply(setNames(columns, columns), function(name) found[[name]]))
}

result <- list(
  made_with = sprintf("%s; mice %s; survival %s", R.version.string, packageVersion("mice"), packageVersion("survival")),
  logistic = list(rossi = pooled(each("rossi_filled", logit(rossi_formula))), fair = pooled(each("fair_filled", logit(fair_formula)))),
  hazards = list(rossi = pooled(each("rossi_filled", function(d) coxph(Surv(week, y) ~ fin + race + wexp + age + prio, d, control = exact))),
                 stanford = pooled(each("stanford_filled", function(d) coxph(Surv(start, stop, event) ~ age + surgery + transplant, d, control = exact)))),
  scalar = list(rossi = scalar("rossi_filled", rossi_formula, "race"), fair = scalar("fair_filled", fair_formula, "children")),
  cox = cox,
  mice = list(rossi = imputed("rossi_holes", rossi_formula, "race"), fair = imputed("fair_holes", fair_formula, "children")))
cat(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
