# Huber-White and cluster sandwich standard errors of proportional odds by rms::robcov, on the patients of
# make_covariate_models.R. Run in this directory: Rscript make_robust_proportional_odds.R
# Writes robust_odds_expected.csv: estimate and standard error of each coefficient. Models "arm" have arm and stratum alone.
suppressMessages(library(rms))
patients <- read.csv("covariate_models_data.csv")
expected <- NULL
record <- function(case, model, fit, names) {
  expected <<- rbind(expected, data.frame(
    case, model, name = names, estimate = sprintf("%.15g", coef(fit)[names]), se = sprintf("%.15g", sqrt(diag(vcov(fit)))[names])
  ))
}
for (case in unique(patients$case)) {
  data <- patients[patients$case == case, ]
  data$better <- factor(-data$score)
  data$stratum <- factor(data$stratum)
  for (model in c("arm", "covariates")) {
    formula <- if (model == "arm") better ~ arm + stratum else better ~ arm + age + sex + region + stratum
    names <- c("arm", if (model == "covariates") c("age", "sex=male", "region=Europe", "region=North America"))
    fit <- lrm(formula, data, x = TRUE, y = TRUE, eps = 1e-13, maxit = 100, tol = 1e-14)
    stopifnot(!fit$fail)
    record(case, paste(model, "robust"), robcov(fit), names)
    record(case, paste(model, "cluster"), robcov(fit, cluster = data$site), names)
  }
}
write.csv(expected, "robust_odds_expected.csv", row.names = FALSE, quote = FALSE)
