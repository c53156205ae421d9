# Difference of means of day counts in random trials, by t.test and lm.
# Run in this directory: Rscript make_analysis_means.R
# Writes analysis_means_data.csv (counts) and analysis_means_expected.csv.
set.seed(20210401)
trial <- function(n, strata, one_arm = integer(0)) {
  stratum <- sample(strata, n, replace = TRUE)
  arm <- ifelse(stratum %in% one_arm, 1, rbinom(n, 1, 0.6))
  days <- pmax(-1, pmin(28, round(rnorm(n, 18 - 3 * stratum + 1.2 * arm, 6 + 2 * arm))))
  data.frame(stratum, arm, days)
}
trials <- list(small = trial(25, 1), strata = trial(200, 3), one_arm = trial(300, 4, 2), large = trial(20000, 4))
expected <- NULL
record <- function(case, strata, variance, estimate, se) {
  expected <<- rbind(expected, data.frame(case, strata, variance, estimate, se))
}
for (case in names(trials)) {
  d <- trials[[case]]
  for (equal in c(FALSE, TRUE)) {
    test <- t.test(days ~ factor(arm, 1:0), d, var.equal = equal)
    record(case, "pooled", if (equal) "equal" else "unequal", -diff(test$estimate)[[1]], test$stderr)
  }
  fit <- if (max(d$stratum) > 1) lm(days ~ arm + factor(stratum), d) else lm(days ~ arm, d)
  record(case, "ancova", "equal", coef(fit)[["arm"]], coef(summary(fit))["arm", "Std. Error"])
  both <- Filter(function(p) length(unique(p$arm)) == 2, split(d, d$stratum))
  parts <- sapply(both, function(p) {
    test <- t.test(days ~ factor(arm, 1:0), p)
    c(-diff(test$estimate), test$stderr, nrow(p), sum(p$arm) * sum(1 - p$arm) / nrow(p))
  })
  for (weighting in c("weighted", "ancova")) {
    w <- parts[if (weighting == "weighted") 3 else 4, ]
    record(case, weighting, "unequal", sum(w * parts[1, ]) / sum(w), sqrt(sum((w * parts[2, ])^2)) / sum(w))
  }
}
tables <- do.call(rbind, lapply(names(trials), function(case) {
  cbind(case, aggregate(list(count = rep(1, nrow(trials[[case]]))), trials[[case]], sum))
}))
write.csv(tables, "analysis_means_data.csv", row.names = FALSE, quote = FALSE)
expected[, 4:5] <- lapply(expected[, 4:5], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_means_expected.csv", row.names = FALSE, quote = FALSE)
