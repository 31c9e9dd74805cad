# Golden values of the visit rates, made with R and its package survival.
#
#   python tests/test_response_visits_intensity.py FOLDER       # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/visits.R FOLDER > tests/golden/visits.json
#
# recur (recurrent events, 400 people) and stanford (one event each, two periods for the transplanted) come with
# lifelines; stanford's times are whole days, so that there are ties.
suppressMessages({library(survival); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 50)
golden <- list()
for (name in c("recur", "stanford")) {
  data <- read.csv(file.path(folder, paste0("ag_", name, ".csv")))
  fit <- coxph(Surv(start, stop, event) ~ z, data, ties = "breslow", cluster = id, control = tight)
  golden[[paste0("ag.", name)]] <- list(call = 'coxph(Surv(start, stop, event) ~ z, ties = "breslow", cluster = id)',
    values = list(log_ratio = unname(coef(fit)), robust_error = sqrt(fit$var[1, 1]), events = fit$nevent))
  people <- aggregate(cbind(years = stop - start, events = event) ~ id, data, sum)
  rate <- glm(events ~ 1 + offset(log(years)), poisson, people, control = list(epsilon = 1e-14))
  score <- people$events - fitted(rate)                    # sandwich by hand: bread is the sum of the fitted values
  golden[[paste0("rate.", name)]] <- list(call = "glm(events ~ offset(log(years)), poisson), sandwich variance",
    values = list(rate = exp(unname(coef(rate))), robust_error = sqrt(sum(score^2)) / sum(fitted(rate))))
}
cat(toJSON(list(made_with = list(R = as.character(getRversion()), survival = as.character(packageVersion("survival"))),
                golden = golden), digits = NA, auto_unbox = TRUE), "\n")
