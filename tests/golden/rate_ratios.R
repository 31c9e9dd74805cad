# Golden values of the ratios of two rates, made with R; the sandwich is written out.
#
#   python tests/test_response_visits_intensity.py FOLDER       # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/rate_ratios.R FOLDER > tests/golden/rate_ratios.json
#
# recur (recurrent events, 400 people) and stanford (one event each; the transplanted are in both groups, one after the
# other) come with lifelines.
suppressMessages(library(jsonlite))
folder <- commandArgs(trailingOnly = TRUE)[1]
golden <- list()
for (name in c("recur", "stanford")) {
  data <- read.csv(file.path(folder, paste0("ag_", name, ".csv")))
  data <- data[data$stop > data$start, ]; data$time <- data$stop - data$start
  fit <- glm(event ~ z + offset(log(time)), poisson, data, control = list(epsilon = 1e-14, maxit = 100))
  x <- model.matrix(fit)
  bread <- solve(crossprod(x, fitted(fit) * x))
  meat <- crossprod(rowsum((data$event - fitted(fit)) * x, data$id))   # scores added up within patients
  error <- sqrt((bread %*% meat %*% bread)[2, 2])
  sums <- aggregate(cbind(event, time) ~ z, data, sum); sums <- sums[order(-sums$z), ]
  exact <- poisson.test(sums$event, sums$time)
  golden[[name]] <- list(
    call = "glm(event ~ z + offset(log(time)), poisson), sandwich with patients as clusters; poisson.test(events, times)",
    values = list(log_ratio = unname(coef(fit)[2]), robust_error = error, events = sums$event,
                  exact = unname(exact$estimate), exact_low = exact$conf.int[1], exact_high = exact$conf.int[2]))
}
cat(toJSON(list(made_with = list(R = R.version.string), golden = golden), digits = NA, auto_unbox = TRUE), "\n")
