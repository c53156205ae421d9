# Patients with covariates, strata and ties, analysed by survival::coxph and by MASS::polr.
# Run in this directory: Rscript make_covariate_models.R
# Writes covariate_models_data.csv and covariate_models_expected.csv (estimate and standard error of each coefficient).
library(survival)
library(MASS)
set.seed(20210419)

patients <- function(n, days) {
  arm <- rep(0:1, length.out = n)
  age <- round(rnorm(n, 60, 12), 1)
  sex <- sample(c("female", "male"), n, replace = TRUE)
  region <- sample(c("Asia", "Europe", "North America"), n, replace = TRUE, prob = c(1, 3, 6))
  stratum <- sample(4, n, replace = TRUE)
  site <- sample(max(4, n %/% 12), n, replace = TRUE)
  shift <- 0.4 * arm - 0.03 * (age - 60) + 0.3 * (sex == "female") - 0.3 * stratum + rnorm(n, 0, 0.3)
  event <- ceiling(rexp(n, 0.1 * 28 / days * exp(shift)))
  drop_out <- ceiling(rexp(n, 0.02 * 28 / days))
  time <- pmin(event, drop_out, days)
  score <- cut(-shift + rlogis(n), c(-Inf, -1.5, -0.5, 0, 1, 2, Inf), labels = FALSE)
  data.frame(arm, age, sex, region, stratum, site, time, status = as.integer(event == time), score)
}
cases <- list(small = patients(60, 28), ties = patients(400, 7), moderate = patients(600, 28), fine = patients(300, 5000))

expected <- NULL
record <- function(case, model, names, estimate, se) {
  estimate <- sprintf("%.15g", estimate)
  expected <<- rbind(expected, data.frame(case, model, name = names, estimate, se = sprintf("%.15g", se)))
}
control <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
for (case in names(cases)) {
  data <- cases[[case]]
  for (ties in c("efron", "breslow")) {
    plain <- coxph(Surv(time, status) ~ arm + age + sex + region + strata(stratum), data, ties = ties, control = control)
    robust <- coxph(Surv(time, status) ~ arm + age + sex + region + strata(stratum), data, ties = ties, control = control,
                    robust = TRUE, id = seq_len(nrow(data)))
    cluster <- coxph(Surv(time, status) ~ arm + age + sex + region, data, ties = ties, control = control, cluster = site)
    record(case, paste("cox", ties), names(coef(plain)), coef(plain), sqrt(diag(vcov(plain))))
    record(case, paste("cox", ties, "robust"), names(coef(robust)), coef(robust), sqrt(diag(vcov(robust))))
    record(case, paste("cox", ties, "cluster"), names(coef(cluster)), coef(cluster), sqrt(diag(vcov(cluster))))
  }
  # polr's own optimum is rough: polish it by Newton steps on numerical derivatives of the exact gradient.
  fit <- polr(factor(score) ~ arm + age + sex + region + factor(stratum), data, Hess = TRUE)
  x <- model.matrix(~ arm + age + sex + region + factor(stratum), data)[, -1]
  centre <- colMeans(x)
  x <- sweep(x, 2, centre)
  y <- as.integer(factor(data$score))
  p <- ncol(x)
  m <- max(y) - 1
  gradient <- function(b) {
    eta <- drop(x %*% b[1:p])
    cuts <- c(-Inf, b[p + 1:m], Inf)
    upper <- cuts[y + 1] - eta
    lower <- cuts[y] - eta
    probability <- plogis(upper) - plogis(lower)
    g_upper <- dlogis(upper) / probability
    g_lower <- dlogis(lower) / probability
    c(-colSums(x * (g_upper - g_lower)), sapply(1:m, function(j) sum(g_upper[y == j]) - sum(g_lower[y == j + 1])))
  }
  hessian <- function(b) {
    difference <- function(h) sapply(seq_along(b), function(j) {
      e <- replace(numeric(length(b)), j, h)
      (gradient(b + e) - gradient(b - e)) / (2 * h)
    })
    (4 * difference(1e-4) - difference(2e-4)) / 3
  }
  b <- c(coef(fit), fit$zeta - sum(centre * coef(fit)))
  start <- b
  for (i in 1:5) b <- b - solve(hessian(b), gradient(b))
  se <- sqrt(diag(solve(-hessian(b))))
  stopifnot(max(abs(gradient(b))) < 1e-7, max(abs(b - start)[1:p]) < 2e-3,
            abs(se[1] / sqrt(vcov(fit)["arm", "arm"]) - 1) < 1e-3)
  # polr: logit P(Y <= k) = zeta - eta, so eta favours higher, worse scores; jaksim's sign is the opposite.
  record(case, "polr", names(coef(fit))[1:5], -b[1:5], se[1:5])
}
write.csv(do.call(rbind, lapply(names(cases), function(case) cbind(case, cases[[case]]))),
          "covariate_models_data.csv", row.names = FALSE, quote = FALSE)
write.csv(expected, "covariate_models_expected.csv", row.names = FALSE, quote = FALSE)
