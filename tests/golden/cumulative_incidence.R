# Golden values for helpers.incidence, made with R and its survival package:
#   Rscript cumulative_incidence.R <lymph_node.csv of lifelines.datasets> > cumulative_incidence.csv
# Time is in whole months so that there are many ties; recurrence and death without recurrence compete.
library(survival)
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
d$month <- ceiling(d$rectime / 30)
dies <- d$censrec == 1 & d$rectime == d$survtime & d$censdead == 1
d$status <- factor(ifelse(dies, "death", ifelse(d$censrec == 1, "recurrence", "censored")),
                   levels = c("censored", "death", "recurrence"))
fit <- survfit(Surv(month, status) ~ hormone, data = d, id = id, conf.type = "log-log")
cat(sprintf("# survival %s, %s; survfit(Surv(month, status) ~ hormone, conf.type = \"log-log\")\n",
            packageVersion("survival"), R.version.string))
cat("hormone,time,state,estimate,standard_error,low,high\n")
at <- summary(fit, times = c(1, 6, 12, 24, 36, 60, 72))
for (k in 2:3) {
  cat(sprintf("%s,%d,%s,%.12g,%.12g,%.12g,%.12g\n", sub("hormone=", "", at$strata), at$time, fit$states[k],
              at$pstate[, k], at$std.err[, k], at$lower[, k], at$upper[, k]), sep = "")
}
