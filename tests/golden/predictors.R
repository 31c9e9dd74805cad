# Golden values of chapter 3, made with R's glm and its packages brglm2 and pROC.
#
#   python tests/test_predictors_golden.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/predictors.R FOLDER > tests/golden/predictors.json
#
# The data sets come with statsmodels (spector, fair; poverty from cpunish, nearly separated) and lifelines (rossi).
suppressMessages({library(brglm2); library(pROC); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
load <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
strict <- glm.control(epsilon = 1e-14, maxit = 100)

# Maximum likelihood: glm(family = binomial), Wald intervals by confint.default
ml <- function(d) {
  fit <- glm(y ~ ., data = d, family = binomial, control = strict)
  ends <- confint.default(fit)
  list(beta = unname(coef(fit)), se = unname(sqrt(diag(vcov(fit)))), low = unname(ends[, 1]), high = unname(ends[, 2]),
       p = unname(summary(fit)$coefficients[, 4]))
}

# Firth: brglm2's brglm_fit(type = "AS_mean") for the estimate; the penalised profile likelihood written out here
penalised <- function(beta, X, y) {
  eta <- drop(X %*% beta); w <- plogis(eta) * plogis(-eta)
  sum(y * eta - log1p(exp(eta))) + 0.5 * as.numeric(determinant(crossprod(X, w * X))$modulus)
}
held <- function(k, value, X, y, start) {
  others <- start[-k]
  f <- function(b) -penalised(append(b, value, k - 1), X, y)
  for (round in 1:6) others <- if (length(others) == 1) optimize(f, others + c(-5, 5), tol = 1e-12)$minimum else
    optim(others, f, method = "BFGS", control = list(reltol = 1e-16, maxit = 5000))$par
  -f(others)
}
firth <- function(d) {
  fit <- glm(y ~ ., data = d, family = binomial, method = "brglm_fit", type = "AS_mean",
             control = brglmControl(epsilon = 1e-12, maxit = 10000))
  X <- model.matrix(fit); beta <- coef(fit); best <- penalised(beta, X, d$y); se <- sqrt(diag(vcov(fit)))
  drop <- function(k, value) best - held(k, value, X, d$y, beta) - qchisq(0.95, 1) / 2
  end <- function(k, side) uniroot(function(v) drop(k, v), beta[k] + side * c(0.2, 8) * se[k], tol = 1e-10,
                                   extendInt = if (side > 0) "upX" else "downX")$root
  terms <- seq_along(beta)[-1]
  list(beta = unname(beta), log_likelihood = best,
       low = sapply(terms, function(k) end(k, -1)), high = sapply(terms, function(k) end(k, 1)),
       chi_square = sapply(terms, function(k) 2 * (best - held(k, 0, X, d$y, beta))))
}

# Baseline: chisq.test(correct = FALSE), fisher.test, wilcox.test(exact = FALSE), p.adjust
baseline <- function(d) {
  features <- c("serositis", "hypertension", "leucopenia", "crescents", "low_c3")
  few <- d[1:60, ]
  p <- c(wilcox.test(age ~ y, data = d, exact = FALSE)$p.value, wilcox.test(priors ~ y, data = d, exact = FALSE)$p.value,
         chisq.test(table(d$class, d$y), correct = FALSE)$p.value,
         sapply(features, function(f) chisq.test(table(d[[f]], d$y), correct = FALSE)$p.value))
  gap <- function(x) { m <- tapply(x, d$y, mean); (m[["1"]] - m[["0"]]) }
  list(p = unname(p), fdr = unname(p.adjust(p, "BH")), holm = unname(p.adjust(p, "holm")),
       fisher = fisher.test(table(few$crescents, few$y))$p.value,
       smd_age = gap(d$age) / sqrt(mean(tapply(d$age, d$y, var))),
       smd_serositis = gap(d$serositis) / sqrt(mean(tapply(d$serositis, d$y, function(x) mean(x) * (1 - mean(x))))),
       quartiles_priors = unname(quantile(d$priors[d$y == 1], c(0.25, 0.5, 0.75))))
}

# Validation: pROC::auc and ci.auc (DeLong); the bootstrap by hand with glm, its samples drawn by a formula
measure <- function(lp, y) c(as.numeric(auc(roc(y, lp, quiet = TRUE, direction = "<"))), mean((y - plogis(lp))^2),
                             rev(coef(glm(y ~ lp, family = binomial, control = strict))))
validation <- function(d, samples = 10) {
  n <- nrow(d); i <- 0:(n - 1)
  fit <- glm(y ~ ., data = d, family = binomial, control = strict); lp <- predict(fit)
  optimism <- sapply(0:(samples - 1), function(b) {
    drawn <- d[(i * (2 * b + 3) + 7 * b * b + (i * i) %/% (b + 2)) %% n + 1, ]
    again <- glm(y ~ ., data = drawn, family = binomial, control = strict)
    measure(predict(again), drawn$y) - measure(predict(again, newdata = d), d$y)
  })
  list(apparent = unname(measure(lp, d$y)), delong = as.numeric(ci.auc(roc(d$y, lp, quiet = TRUE, direction = "<")))[c(1, 3)],
       optimism = unname(rowMeans(optimism)), likelihood_ratio = fit$null.deviance - fit$deviance)
}

rossi <- load("rossi"); model <- rossi[c("y", "serositis", "hypertension", "leucopenia", "crescents", "low_c3")]
alone <- lapply(names(model)[-1], function(f) ml(model[c("y", f)]))
result <- list(
  made_with = sprintf("%s; brglm2 %s; pROC %s", R.version.string, packageVersion("brglm2"), packageVersion("pROC")),
  ml = list(spector = ml(load("spector")), fair = ml(load("fair")), rossi = ml(model),
            poverty = suppressWarnings(ml(load("poverty")))),
  alone = list(beta = sapply(alone, function(a) a$beta[2]), low = sapply(alone, function(a) a$low[2]),
               high = sapply(alone, function(a) a$high[2]), p = sapply(alone, function(a) a$p[2])),
  firth = list(spector = firth(load("spector")), rossi = firth(model), poverty = firth(load("poverty"))),
  baseline = baseline(rossi), validation = validation(model), delong_ties = local({
    d <- load("spector"); lp <- round(predict(glm(y ~ ., data = d, family = binomial, control = strict)))
    as.numeric(ci.auc(roc(d$y, lp, quiet = TRUE, direction = "<")))[c(1, 3)]
  }))
cat(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
