# Golden values for helpers.response.rates, made with R's stats::prop.test: Rscript wilson.R > wilson.csv
cat(sprintf("# %s; prop.test(count, n, correct = FALSE)\n", R.version.string))
cat("count,n,share,share_low,share_high\n")
for (pair in list(c(24, 57), c(11, 57), c(22, 57), c(0, 10), c(10, 10), c(1, 1))) {
  test <- suppressWarnings(prop.test(pair[1], pair[2], correct = FALSE))
  cat(sprintf("%d,%d,%.12g,%.12g,%.12g\n", pair[1], pair[2], test$estimate, test$conf.int[1], test$conf.int[2]))
}
