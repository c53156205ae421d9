# Medians on flat stretches and times that differ by rounding, by survival 3.5.
# Run in this directory: Rscript make_survival_conventions.R
# Writes survival_conventions_data.csv (a row per patient) and survival_conventions_expected.csv (a row per arm).
library(survival)
set.seed(13)
both <- function(time_a, status_a, time_b, status_b)
  data.frame(arm = rep(c("a", "b"), c(length(time_a), length(time_b))), time = c(time_a, time_b), status = c(status_a, status_b))
n <- 60
tenths <- function() pmax(round(rexp(n, 0.5), 1), 0.1)
noise <- function(scale) runif(n, -1, 1) * scale
cases <- list(
  at_half = both(1:4, rep(1, 4), 2 * 1:4, rep(1, 4)),
  censored_on_it = both(1:4, rep(1, 4), 1:4, c(1, 1, 0, 1)),
  flat_to_the_end = both(1:4, c(1, 1, 0, 0), 1:6, c(1, 1, 1, 0, 0, 0)),
  sums_of_tenths = both(c(0.1 + 0.2, 0.6, 0.9), c(1, 1, 0), c(0.3, 0.7, 0.1), c(1, 1, 1)),
  rounded_otherwise = both(tenths() + noise(1e-12), rbinom(n, 1, 0.7), 1.5 * tenths() + noise(1e-12), rbinom(n, 1, 0.7)),
  large_numbers = both(1e6 * tenths() + noise(1e-4), rbinom(n, 1, 0.7), 1e6 * tenths() + noise(1e-4), rbinom(n, 1, 0.7)),
  within_tolerance = both(tenths() + noise(4e-9), rbinom(n, 1, 0.7), tenths() + noise(4e-9), rbinom(n, 1, 0.7)),
  beyond_it = both(tenths() + noise(1e-6), rbinom(n, 1, 0.7), tenths() + noise(1e-6), rbinom(n, 1, 0.7)),
  unlike_arms = both(rexp(12, 1), rep(1, 12), rexp(90, 0.2), rbinom(90, 1, 0.8)))
expected <- do.call(rbind, lapply(names(cases), function(name) {
  d <- cases[[name]]
  medians <- summary(survfit(Surv(time, status) ~ arm, d))$table[, "median"]
  difference <- survdiff(Surv(time, status) ~ arm, d)
  z <- (difference$obs[2] - difference$exp[2]) / sqrt(difference$var[2, 2])
  cox <- coxph(Surv(time, status) ~ arm, d, control = coxph.control(eps = 1e-10, toler.chol = 1e-12, iter.max = 50))
  # The score test of a hazard ratio of 1.5, which is the log-rank test at that margin where no times are tied.
  at_margin <- coxph(Surv(time, status) ~ arm, d, init = log(1.5), control = coxph.control(iter.max = 0))
  z_margin <- if (anyDuplicated(aeqSurv(Surv(d$time, d$status))[, 1])) NA else sign(coef(cox) - log(1.5)) * sqrt(at_margin$score)
  data.frame(case = name, median_a = medians[1], median_b = medians[2], z = z, z_margin = z_margin, log_hazard_ratio = coef(cox))
}))
data <- do.call(rbind, lapply(names(cases), function(name) cbind(case = name, cases[[name]])))
data$time <- sprintf("%.17g", data$time)
write.csv(data, "survival_conventions_data.csv", row.names = FALSE, quote = FALSE)
expected[, -1] <- format(expected[, -1], digits = 12)
write.csv(expected, "survival_conventions_expected.csv", row.names = FALSE, quote = FALSE)
