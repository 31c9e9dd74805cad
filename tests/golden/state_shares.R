# Golden values for helpers.response.states, made with R and its survival package:
#   Rscript state_shares.R > state_shares.csv
# The patients are drawn here (state_spells.csv is written beside it); months are whole, so that there are many ties.
library(survival)
set.seed(20)
states <- c("active", "complete", "partial", "esrd", "dead")
rows <- NULL
for (id in 1:80) {
  end <- sample(6:60, 1); t <- 0; state <- 1
  while (t < end && state != 5) {
    stay <- rgeom(1, 0.12) + 1
    nxt <- if (state == 4) 5 else sample(setdiff(1:5, state), 1, prob = c(5, 5, 4, 1, 1)[-state])
    until <- min(t + stay, end); moves <- t + stay <= end
    rows <- rbind(rows, data.frame(patient_id = sprintf("P%03d", id), month = t, until_month = until,
                                   state = states[state], to = if (moves) states[nxt] else "censored"))
    t <- until
    if (moves) state <- nxt
  }
  rows <- rbind(rows, if (moves && (t == end || state == 5))
    data.frame(patient_id = sprintf("P%03d", id), month = t, until_month = t, state = states[state], to = "none"))
}
write.csv(rows, "state_spells.csv", row.names = FALSE, quote = FALSE)
d <- rows[rows$until_month > rows$month, ]
d$to <- factor(d$to, levels = c("censored", states))
d$state <- factor(d$state, levels = states)
fit <- survfit(Surv(month, until_month, to) ~ 1, data = d, id = patient_id, istate = state)
at <- summary(fit, times = c(0, 1, 3, 6, 12, 24, 36, 48))
cat(sprintf("# survival %s, %s; survfit(Surv(month, until_month, to) ~ 1, id = patient_id, istate = state)\n",
            packageVersion("survival"), R.version.string))
cat("month,state,estimate\n")
for (k in seq_along(fit$states)) cat(sprintf("%d,%s,%.12g\n", at$time, fit$states[k], at$pstate[, k]), sep = "")
