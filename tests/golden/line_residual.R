# Residual standard deviations about a random line, made with R 4.2 and its package nlme (3.1-162).
#
#   python tests/test_labelling_noise.py FOLDER        # writes the data sets as CSV; they are not kept
#   Rscript tests/golden/line_residual.R FOLDER > tests/golden/line_residual.json
#
# The data sets come with statsmodels: firms' investment by year, and children per woman by country and year.
suppressMessages({library(nlme); library(jsonlite)})
folder <- commandArgs(trailingOnly = TRUE)[1]
golden <- list(made_with = sprintf("%s; nlme %s", R.version.string, packageVersion("nlme")))
tight <- lmeControl(opt = "optim", msMaxIter = 1000, maxIter = 1000, reltol = 1e-13)
for (name in c("grunfeld", "fertility")) for (months in c(if (name == "grunfeld") 19 else 5, 12)) {
  data <- subset(read.csv(file.path(folder, paste0(name, ".csv"))), month <= months)
  data$early <- pmin(data$month, 6)
  data$late <- data$month - data$early
  call <- if (months > 6) "lme(value ~ early + late, random = ~ early | id)" else "lme(value ~ early, random = ~ early | id)"
  fixed <- if (months > 6) value ~ early + late else value ~ early
  golden[[paste(name, months, sep = ".")]] <- list(
    call = call, values = lme(fixed, data = data, random = ~ early | id, control = tight)$sigma)
}
cat(toJSON(golden, auto_unbox = TRUE, digits = NA, pretty = TRUE), "\n")
