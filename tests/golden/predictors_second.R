# Golden values of chapters 2 and 3 on further data sets, made with R's glm and its package pROC.
#
#   python tests/test_predictors_golden_second.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/predictors_second.R FOLDER > tests/golden/predictors_second.json
#
# The data sets come with lifelines (the German breast-cancer study, and the released prisoners).
suppressMessages({library(pROC); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
load <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
strict <- glm.control(epsilon = 1e-14, maxit = 100)
features <- c("serositis", "hypertension", "leucopenia", "crescents", "low_c3")
d <- load("lymph"); rossi <- load("rossi"); model <- d[c("y", features)]

# glm(family = binomial), Wald intervals by confint.default
ml <- function(d) {
  fit <- glm(y ~ ., data = d, family = binomial, control = strict)
  ends <- confint.default(fit)
  list(beta = unname(coef(fit)), low = unname(ends[, 1]), high = unname(ends[, 2]),
       p = unname(summary(fit)$coefficients[, 4]))
}
alone <- lapply(features, function(f) ml(model[c("y", f)]))

# chisq.test(correct = FALSE), fisher.test, wilcox.test(exact = FALSE), p.adjust; the distance of Yang and Dalton by hand
p <- c(wilcox.test(age ~ y, data = d, exact = FALSE)$p.value, wilcox.test(nodes ~ y, data = d, exact = FALSE)$p.value,
       chisq.test(table(d$class, d$y), correct = FALSE)$p.value,
       sapply(features, function(f) chisq.test(table(d[[f]], d$y), correct = FALSE)$p.value))
gap <- function(x) { m <- tapply(x, d$y, mean); m[["1"]] - m[["0"]] }
shares <- prop.table(table(d$y, d$class), 1)[, -1]
spread <- Reduce(`+`, lapply(1:2, function(i) diag(shares[i, ]) - shares[i, ] %o% shares[i, ])) / 2
between <- shares["1", ] - shares["0", ]
few <- d[1:25, ]
baseline <- list(p = unname(p), fdr = unname(p.adjust(p, "BH")), holm = unname(p.adjust(p, "holm")),
  fisher = fisher.test(table(few$serositis, few$y))$p.value,
  smd_age = gap(d$age) / sqrt(mean(tapply(d$age, d$y, var))),
  smd_serositis = gap(d$serositis) / sqrt(mean(tapply(d$serositis, d$y, function(x) mean(x) * (1 - mean(x))))),
  smd_class = sqrt(drop(between %*% solve(spread, between))),
  quartiles_nodes = unname(quantile(d$nodes[d$y == 1], c(0.25, 0.5, 0.75))))

# pROC::auc and ci.auc (DeLong); the bootstrap by hand with glm, its samples drawn by a formula
area <- function(y, lp) roc(y, lp, quiet = TRUE, direction = "<")
measure <- function(lp, y) c(as.numeric(auc(area(y, lp))), mean((y - plogis(lp))^2),
                             rev(coef(glm(y ~ lp, family = binomial, control = strict))))
fit <- glm(y ~ ., data = model, family = binomial, control = strict); lp <- predict(fit)
i <- 0:(nrow(model) - 1)
optimism <- sapply(0:9, function(b) {
  drawn <- model[(i * (2 * b + 3) + 7 * b * b + (i * i) %/% (b + 2)) %% nrow(model) + 1, ]
  again <- glm(y ~ ., data = drawn, family = binomial, control = strict)
  measure(predict(again), drawn$y) - measure(predict(again, newdata = model), model$y)
})
validation <- list(apparent = unname(measure(lp, model$y)), delong = as.numeric(ci.auc(area(model$y, lp)))[c(1, 3)],
                   optimism = unname(rowMeans(optimism)), likelihood_ratio = fit$null.deviance - fit$deviance)

# Cohen's kappa with the large-sample variance of Fleiss, Cohen and Everitt (1969), written out
kappa <- function(one, other) {
  s <- prop.table(table(factor(one, 0:1), factor(other, 0:1))); a <- rowSums(s); b <- colSums(s)
  po <- sum(diag(s)); pe <- sum(a * b); k <- (po - pe) / (1 - pe); first <- 0; second <- 0
  for (u in 1:2) for (v in 1:2)
    if (u == v) first <- first + s[u, u] * (1 - (a[u] + b[u]) * (1 - k))^2 else second <- second + s[u, v] * (b[u] + a[v])^2
  error <- sqrt((first + (1 - k)^2 * second - (k - pe * (1 - k))^2) / ((1 - pe)^2 * length(one)))
  unname(c(k, k - qnorm(0.975) * error, k + qnorm(0.975) * error))
}
wilson <- function(x) prop.test(sum(x), length(x), correct = FALSE)$conf.int[1:2]

cat(toJSON(list(
  made_with = sprintf("%s; pROC %s", R.version.string, packageVersion("pROC")),
  alone = list(beta = sapply(alone, function(a) a$beta[2]), low = sapply(alone, function(a) a$low[2]),
               high = sapply(alone, function(a) a$high[2]), p = sapply(alone, function(a) a$p[2])),
  together = ml(model), baseline = baseline, validation = validation,
  kappa = list(lymph.crescents.low_c3 = kappa(d$crescents, d$low_c3),
               lymph.hypertension.serositis = kappa(d$hypertension, d$serositis),
               rossi.wexp.mar = kappa(rossi$wexp, rossi$mar)),
  wilson = list(rossi.arrest = wilson(rossi$arrest), lymph.y = wilson(d$y), lymph.crescents = wilson(d$crescents))),
  digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
