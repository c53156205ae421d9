# Adjusted analyses of the patients of covariate_models_data.csv by stats::glm, stats::lm and sandwich::vcovHC, and risks
# standardised by a logistic model with the sandwich of the stacked estimating equations, as stdReg::stdGlm has it.
# Run in this directory: Rscript make_adjusted_models.R
# Writes adjusted_models_expected.csv (estimate and standard error).
library(sandwich)
data <- read.csv("covariate_models_data.csv")
expected <- NULL
record <- function(case, model, name, estimate, se) {
  expected <<- rbind(expected, data.frame(case, model, name, estimate = sprintf("%.15g", estimate), se = sprintf("%.15g", se)))
}
tight <- glm.control(epsilon = 1e-15, maxit = 100)
for (case in unique(data$case)) {
  patients <- data[data$case == case, ]
  patients$bad <- as.integer(patients$score >= 4)
  patients$days <- floor(patients$time / max(patients$time) * 28)
  model <- bad ~ arm + age + sex + region + factor(stratum)
  fit <- glm(model, binomial, patients, control = tight)
  names <- names(coef(fit))[2:6]
  record(case, "logistic", names, coef(fit)[names], sqrt(diag(vcov(fit)))[names])
  record(case, "logistic robust", names, coef(fit)[names], sqrt(diag(vcovHC(fit, "HC0")))[names])
  null <- glm(update(model, . ~ . - arm), binomial, patients, control = tight)
  p <- fitted(null)
  x <- model.matrix(null)
  w <- p * (1 - p)
  a <- patients$arm
  adjusted <- sum(w * a * a) - drop(t(x) %*% (w * a)) %*% solve(t(x) %*% (w * x), t(x) %*% (w * a))
  record(case, "logistic score", "arm", coef(fit)["arm"], sum((patients$bad - p) * a) / sqrt(adjusted))  # z in place of se
  line <- lm(update(model, days ~ .), patients)
  record(case, "linear", names, coef(line)[names], sqrt(diag(vcov(line)))[names])
  record(case, "linear robust", names, coef(line)[names], sqrt(diag(vcovHC(line, "HC3")))[names])
  # Stacked estimating equations of the two mean risks and the model (Sjolander 2016).
  z <- model.matrix(fit)
  n <- nrow(z)
  risk <- function(arm) { at <- z; at[, "arm"] <- arm; list(x = at, p = drop(plogis(at %*% coef(fit)))) }
  low <- risk(0)
  high <- risk(1)
  means <- c(mean(low$p), mean(high$p))
  u <- cbind(low$p - means[1], high$p - means[2], z * (patients$bad - fitted(fit)))
  q <- ncol(z)
  information <- rbind(
    cbind(-diag(2), rbind(colMeans(low$p * (1 - low$p) * low$x), colMeans(high$p * (1 - high$p) * high$x))),
    cbind(matrix(0, q, 2), -crossprod(z * fitted(fit) * (1 - fitted(fit)), z) / n))
  covariance <- (solve(information) %*% var(u) %*% t(solve(information)) / n)[1:2, 1:2]
  by <- c(-1, 1)
  record(case, "risk difference", "arm", diff(means), sqrt(by %*% covariance %*% by))
  by <- c(-1, 1) / means
  record(case, "risk ratio", "arm", diff(log(means)), sqrt(by %*% covariance %*% by))
}
write.csv(expected, "adjusted_models_expected.csv", row.names = FALSE, quote = FALSE)
