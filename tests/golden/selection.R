# Golden values of selection, log-F prior, collinearity, decision curve, strata and adjusted p values (chapter 3).
#
#   python tests/test_selection_golden.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/selection.R FOLDER > tests/golden/selection.json
#
# The data sets come with statsmodels (spector, fair, anes96) and lifelines (rossi).
suppressMessages({library(rms); library(pROC); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
load <- function(name) read.csv(file.path(folder, paste0(name, ".csv")))
strict <- glm.control(epsilon = 1e-14, maxit = 100)

# Collinearity: rms::vif of a linear model; the condition index by svd of columns at unit length
overlap <- function(d) {
  x <- as.matrix(d[names(d) != "y"]); fit <- ols(y ~ ., data = d)
  s <- svd(sweep(cbind(1, x), 2, sqrt(colSums(cbind(1, x)^2)), "/"))$d
  list(vif = unname(vif(fit)), index = max(s) / min(s), phi = cor(x)[1, 2])
}

# Decision curve: net benefit written out; its optimism in samples drawn by a formula
benefit <- function(lp, y, limit) {
  acted <- lp >= qlogis(limit)
  (sum(acted & y == 1) - sum(acted & y == 0) * limit / (1 - limit)) / length(y)
}
limits <- c(0.1, 0.2, 0.25, 0.3, 0.5)
place <- function(b, n) { i <- 0:(n - 1); (i * (2 * b + 3) + 7 * b * b + (i * i) %/% (b + 2)) %% n + 1 }
draw_in <- function(lp, y, factor) factor * lp + coef(glm(y ~ 1, offset = factor * lp, family = binomial, control = strict))
decision <- function(d, samples = 6, factor = 0.6) {
  fit <- glm(y ~ ., data = d, family = binomial, control = strict); lp <- predict(fit)
  best <- function(y) sapply(limits, function(t) max(0, mean(y) - (1 - mean(y)) * t / (1 - t)))
  moved <- function(lp, to, y) draw_in(lp, y, factor)[1] - factor * lp[1] + factor * to
  each <- lapply(0:(samples - 1), function(b) {
    drawn <- d[place(b, nrow(d)), ]
    again <- glm(y ~ ., data = drawn, family = binomial, control = strict)
    own <- predict(again); all <- predict(again, newdata = d)
    nb <- function(lp, y) sapply(limits, function(t) benefit(lp, y, t))
    list(gap = nb(own, drawn$y) - nb(all, d$y),
         shrunken_gap = nb(moved(own, own, drawn$y), drawn$y) - nb(moved(own, all, drawn$y), d$y),
         gain = nb(own, drawn$y) - best(drawn$y))
  })
  mean_of <- function(name) Reduce(`+`, lapply(each, `[[`, name)) / samples
  list(apparent = sapply(limits, function(t) benefit(lp, d$y, t)), optimism = mean_of("gap"),
       shrunken_apparent = sapply(limits, function(t) benefit(draw_in(lp, d$y, factor), d$y, t)),
       shrunken_optimism = mean_of("shrunken_gap"), gain = mean_of("gain"))
}

# Log-F prior: glm with one more row per feature (constant zero, the feature one, half an event, weight `degrees`);
# profile ends by uniroot of the deviance, p from the deviance with the feature held at zero; slopes in given samples
with_prior <- function(d, degrees) {
  x <- cbind(1, as.matrix(d[names(d) != "y"])); k <- ncol(x) - 1
  list(x = rbind(x, cbind(0, diag(k))), y = c(d$y, rep(0.5, k)), w = c(rep(1, nrow(d)), rep(degrees, k)))
}
fit_prior <- function(a, hold = NULL, at = 0) suppressWarnings(glm.fit(
  if (is.null(hold)) a$x else a$x[, -hold, drop = FALSE], a$y, weights = a$w, family = binomial(), control = strict,
  offset = if (is.null(hold)) NULL else a$x[, hold] * at))
log_f <- function(d, degrees, samples = 6) {
  a <- with_prior(d, degrees); best <- fit_prior(a); k <- ncol(a$x) - 1
  drop <- function(j, at) fit_prior(a, j, at)$deviance - best$deviance
  end <- function(j, side) uniroot(function(at) drop(j, at) - qchisq(0.95, 1), best$coefficients[j] + side * c(0.01, 6),
                                   tol = 1e-12)$root
  slope <- function(lp, y) unname(coef(glm(y ~ lp, family = binomial, control = strict))[2])
  lp <- function(fit, d) as.vector(cbind(1, as.matrix(d[names(d) != "y"])) %*% fit$coefficients)
  gaps <- sapply(0:(samples - 1), function(b) {
    drawn <- d[place(b, nrow(d)), ]; again <- fit_prior(with_prior(drawn, degrees))
    slope(lp(again, drawn), drawn$y) - slope(lp(again, d), d$y)
  })
  list(degrees = degrees, beta = unname(best$coefficients), low = sapply(2:(k + 1), end, side = -1),
       high = sapply(2:(k + 1), end, side = 1), p = sapply(2:(k + 1), function(j) pchisq(drop(j, 0), 1, lower = FALSE)),
       slope = slope(lp(best, d), d$y), optimism = mean(gaps))
}

# The recipe: glm of each feature, glm of those with p < 0.05, glm of those that stay; the area by pROC
area <- function(lp, y) if (length(unique(y)) < 2) NA else as.numeric(auc(roc(y, lp, quiet = TRUE, direction = "<")))
p_of <- function(fit) summary(fit)$coefficients[-1, 4]
recipe <- function(d) {
  features <- setdiff(names(d), "y")
  alone <- sapply(features, function(f) p_of(glm(d$y ~ d[[f]], family = binomial, control = strict)))
  kept <- features[alone < 0.05]
  if (length(kept)) kept <- kept[p_of(glm(d$y ~ ., data = d[kept], family = binomial, control = strict)) < 0.05]
  list(kept = kept, fit = if (length(kept)) glm(reformulate(kept, "y"), data = d, family = binomial, control = strict))
}
score <- function(r, d) if (length(r$kept)) predict(r$fit, newdata = d) else rep(0, nrow(d))
selection <- function(d, samples = 12) {
  features <- setdiff(names(d), "y"); own <- recipe(d)
  again <- lapply(0:(samples - 1), function(b) {
    drawn <- d[place(b, nrow(d)), ]; r <- recipe(drawn)
    list(kept = as.integer(features %in% r$kept), optimism = area(score(r, drawn), drawn$y) - area(score(r, d), d$y))
  })
  list(features = features, kept = as.integer(features %in% own$kept), auc = area(score(own, d), d$y),
       samples = lapply(again, `[[`, "kept"), optimism = sapply(again, `[[`, "optimism"))
}

# Strata: mantelhaen.test(correct = FALSE)
strata <- function(d) {
  t <- mantelhaen.test(table(d$x, d$y, d$stratum), correct = FALSE)
  list(estimate = unname(t$estimate), low = t$conf.int[1], high = t$conf.int[2], p = t$p.value)
}

# Sample size: Riley's first criterion and the shrinkage that solves it
expected <- function(r2, n, p) uniroot(function(s) (s - 1) * log(1 - r2 / s) - p / n, c(r2 + 1e-9, 1 - 1e-9), tol = 1e-13)$root

rossi <- load("rossi_features"); anes <- load("anes_features")
p <- list(rossi = sapply(setdiff(names(rossi), "y"), function(f) p_of(glm(rossi$y ~ rossi[[f]], family = binomial, control = strict))),
          anes = sapply(setdiff(names(anes), "y"), function(f) p_of(glm(anes$y ~ anes[[f]], family = binomial, control = strict))))
result <- list(
  made_with = sprintf("%s; rms %s; pROC %s", R.version.string, packageVersion("rms"), packageVersion("pROC")),
  log_f = list(rossi = log_f(rossi, 1), anes = log_f(anes, 4)),
  overlap = list(spector = overlap(load("spector")), fair = overlap(load("fair"))),
  decision = list(rossi = decision(rossi), anes = decision(anes)),
  selection = list(rossi = selection(rossi), anes = selection(anes)),
  strata = list(rossi = strata(load("rossi_strata")), anes = strata(load("anes_strata"))),
  adjusted = lapply(p, function(x) list(p = unname(x), fdr = unname(p.adjust(x, "BH")), holm = unname(p.adjust(x, "holm")))),
  expected = list(expected(0.2, 181, 15), expected(0.35, 400, 9)))
cat(toJSON(result, digits = NA, auto_unbox = TRUE, pretty = TRUE), "\n")
