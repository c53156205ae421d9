# Random trials with tied days, strata, censoring and competing events, analysed by survdiff and coxph.
# Run in this directory: Rscript make_analysis_survival.R
# Writes analysis_survival_tables.csv (counts) and analysis_survival_expected.csv (estimate, standard error, statistic).
library(survival)
set.seed(20210311)

trial <- function(n, strata, days, log_ratio, censoring = 0.01, competing = 0, two_arms = rep(TRUE, strata)) {
  stratum <- sample(strata, n, replace = TRUE)
  arm <- ifelse(two_arms[stratum], sample(0:1, n, replace = TRUE), 1)
  hazard <- 0.02 * 28 / days * 2^(stratum %% 4) * exp(log_ratio * arm)
  event <- ceiling(rexp(n, hazard))
  drop_out <- if (censoring > 0) ceiling(rexp(n, censoring * 28 / days)) else rep(Inf, n)
  rival <- if (competing > 0) ceiling(rexp(n, competing * 28 / days)) else rep(Inf, n)
  time <- pmin(event, drop_out, rival, days)
  status <- ifelse(event == time, 1, ifelse(rival == time, 2, 0))
  data.frame(stratum, arm, time, status)
}

trials <- list(
  tiny = trial(20, 1, 28, 0.5),
  tiny_strata = trial(24, 3, 10, 0.3),
  small = trial(60, 2, 28, 0.4, censoring = 0.05),
  moderate = trial(300, 4, 28, 0.2),
  competing = trial(400, 3, 28, -0.3, censoring = 0.02, competing = 0.04),
  few_ties = trial(250, 2, 5000, 0.3, censoring = 0.02),
  heavy_ties = trial(800, 4, 5, -0.2),
  no_censoring_but_last = trial(1000, 4, 28, 0.15, censoring = 0),
  one_arm_stratum = trial(300, 3, 28, 0.4, two_arms = c(TRUE, FALSE, TRUE)),
  large = trial(10000, 4, 28, 0.05),
  large_effect = trial(2000, 2, 28, 2.5),
  all_tied = data.frame(stratum = 1, arm = rep(0:1, each = 20), time = 7, status = rep(c(1, 0, 1, 0), c(15, 5, 9, 11)))
)

expected <- NULL
record <- function(case, method, option, estimate, se, statistic) {
  expected <<- rbind(expected, data.frame(case, method, option, estimate, se, statistic))
}
for (case in names(trials)) {
  data <- trials[[case]]
  test <- survdiff(Surv(time, status == 1) ~ arm + strata(stratum), data = data)
  u <- sum(as.matrix(test$obs)[2, ]) - sum(as.matrix(test$exp)[2, ])
  v <- test$var[2, 2]
  stopifnot(all.equal(u^2 / v, test$chisq))
  record(case, "log_rank", "", u / v, 1 / sqrt(v), u / sqrt(v))
  for (ties in c("efron", "breslow")) {
    fit <- coxph(Surv(time, status == 1) ~ arm + strata(stratum), data = data, ties = ties,
                 control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100))
    se <- sqrt(fit$var[1, 1])
    record(case, "cox", ties, coef(fit)[[1]], se, coef(fit)[[1]] / se)
  }
}
tables <- do.call(rbind, lapply(names(trials), function(case) {
  counts <- aggregate(list(count = rep(1, nrow(trials[[case]]))), trials[[case]], sum)
  cbind(case, counts)
}))
write.csv(tables, "analysis_survival_tables.csv", row.names = FALSE, quote = FALSE)
expected[, 4:6] <- lapply(expected[, 4:6], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_survival_expected.csv", row.names = FALSE, quote = FALSE)
