# Golden values for the states of chapter 5, made with R and its packages survival and etm.
#
#   python tests/multistate.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/transitions.R FOLDER > tests/golden/transitions.json
#
# The data sets come with lifelines (lifelines.datasets); the rules by which they become states stand in that file.
suppressMessages({library(survival); library(etm); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
golden <- list()
keep <- function(name, call, values) golden[[name]] <<- list(call = call, values = values)
sets <- list(
  recur = list(states = c("well", "ill"), at = c(3, 6, 12, 40, 80, 100), until = 100, pairs = list(c("well", "ill"), c("ill", "well"))),
  stanford = list(states = c("waiting", "transplanted", "dead"), at = c(10, 50, 100, 365, 1000), until = 365,
                  pairs = list(c("waiting", "transplanted"), c("waiting", "dead"), c("transplanted", "dead"))),
  lymph_node = list(states = c("free", "relapsed", "dead"), at = c(6, 12, 24, 48, 72), until = 60,
                    pairs = list(c("free", "relapsed"), c("relapsed", "dead"))),
  recur_later = list(states = c("well", "ill"), at = c(0, 3, 6, 12, 40, 60), until = 60, pairs = list(c("ill", "well"))))

for (name in names(sets)) {
  set <- sets[[name]]
  d <- read.csv(file.path(folder, paste0(name, ".csv")), stringsAsFactors = FALSE)
  d$end <- factor(d$to, levels = c("censored", set$states)); d$now <- factor(d$state, levels = set$states)
  fit <- survfit(Surv(start, stop, end) ~ 1, d, id = patient_id, istate = now, conf.type = "logit", influence = TRUE)
  at <- summary(fit, times = set$at)
  for (k in seq_along(fit$states))
    keep(paste("shares", name, fit$states[k], sep = "."),
         'survfit(Surv(start, stop, to) ~ 1, id = patient_id, istate = state, conf.type = "logit")',
         list(month = at$time, estimate = at$pstate[, k], standard_error = at$std.err[, k], low = at$lower[, k],
              high = at$upper[, k]))
  means <- summary(fit, rmean = set$until)$table
  keep(paste0("months.", name), sprintf("print(survfit(..., influence = TRUE), rmean = %d)", set$until),
       list(state = rownames(means), estimate = unname(means[, "rmean"]), standard_error = unname(means[, "se(rmean)"])))
  for (pair in set$pairs) {
    one <- d[d$state == pair[1], ]; one$event <- as.integer(one$to == pair[2])
    term <- paste(name, pair[1], "to", pair[2], sep = "_")
    sum <- summary(survfit(Surv(start, stop, event) ~ 1, one, id = patient_id, robust = TRUE, ctype = 1), times = set$at, extend = TRUE)
    keep(paste0("intensity.", term), "survfit(Surv(start, stop, event) ~ 1, id = patient_id, robust = TRUE), $cumhaz",
         list(month = sum$time, estimate = sum$cumhaz, standard_error = sum$std.chaz))
    test <- poisson.test(sum(one$event), sum(one$stop - one$start))
    exact <- survreg(Surv(stop - start, event) ~ 1, one, dist = "exponential", cluster = patient_id)
    keep(paste0("rate.", term), "poisson.test(events, time); survreg(Surv(stop - start, event) ~ 1, dist = \"exponential\", cluster = patient_id)",
         list(events = sum(one$event), time = sum(one$stop - one$start), estimate = unname(test$estimate),
              low = test$conf.int[1], high = test$conf.int[2], robust_log_error = sqrt(vcov(exact)[1, 1])))
  }
}

d <- read.csv(file.path(folder, "recur.csv"), stringsAsFactors = FALSE)
e <- data.frame(id = d$patient_id, entry = d$start, exit = d$stop, from = d$state, to = ifelse(d$to == "censored", "cens", d$to))
p <- etm(e, c("well", "ill"), matrix(c(FALSE, TRUE, TRUE, FALSE), 2), "cens", s = 20, t = 80)$est[, , "80"]
keep("markov.recur", "etm(data, state.names, tra, \"cens\", s = 20, t = 80)$est[, , \"80\"]", list(well = p[, "well"], ill = p[, "ill"]))
d <- read.csv(file.path(folder, "stanford.csv"), stringsAsFactors = FALSE)
e <- data.frame(id = d$patient_id, entry = d$start, exit = d$stop, from = d$state, to = ifelse(d$to == "censored", "cens", d$to))
names3 <- c("waiting", "transplanted", "dead"); tra <- matrix(FALSE, 3, 3); tra[1, 2:3] <- tra[2, 3] <- TRUE
p <- etm(e, names3, tra, "cens", s = 30, t = 400)$est
p <- p[, , dim(p)[3]]
keep("markov.stanford", "etm(data, state.names, tra, \"cens\", s = 30, t = 400)$est, the last", as.list(as.data.frame(p[names3, names3])))
cat(toJSON(list(made_with = list(R = R.version.string, survival = as.character(packageVersion("survival")),
                                 etm = as.character(packageVersion("etm"))), golden = golden), digits = NA, auto_unbox = TRUE))
