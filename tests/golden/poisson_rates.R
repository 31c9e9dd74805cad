# Golden values for helpers.adverse, made with R's stats::poisson.test:
#   Rscript poisson_rates.R <lymph_node.csv of lifelines.datasets> > poisson_rates.csv
# One-sample rates per 100 years, then ratios of two rates (group 2 over group 1).
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
line <- function(kind, events, years, events_2, years_2, test) {
  low <- test$conf.int[1]; high <- test$conf.int[2]
  cat(sprintf("%s,%d,%.12g,%s,%s,%.12g,%.12g,%.12g\n", kind, events, years, events_2, years_2, test$estimate, low, high))
}
cat(sprintf("# %s; poisson.test(x, T / 100) and poisson.test(c(x2, x1), c(T2, T1))\n", R.version.string))
cat("kind,events,years,events_2,years_2,estimate,low,high\n")
for (x in c(0, 1, 2, 7, 10, 57, 250)) line("rate", x, 1267.5, "", "", poisson.test(x, 12.675))
sums <- aggregate(cbind(censrec, years = rectime / 365.25) ~ hormone, data = d, FUN = sum)
for (i in 1:2) line("rate", sums$censrec[i], sums$years[i], "", "", poisson.test(sums$censrec[i], sums$years[i] / 100))
pairs <- list(c(sums$censrec[1], sums$years[1], sums$censrec[2], sums$years[2]),
              c(3, 400, 5, 120.5), c(3, 400, 0, 120.5), c(0, 400, 5, 120.5), c(1, 10, 1, 10))
for (q in pairs) line("ratio", q[1], q[2], q[3], sprintf("%.12g", q[4]), poisson.test(c(q[3], q[1]), c(q[4], q[2])))
