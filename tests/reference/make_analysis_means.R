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
trials <- list(small = trial(25, 1), strata = trial(200, 3), one_arm = trial(300, 4, 2), large = trial(20000, 4),
               tiny = data.frame(stratum = 1, arm = rep(0:1, each = 4), days = c(3, 9, 12, 20, 17, 21, 25, 26)),
               few = trial(16, 2))
expected <- NULL
record <- function(case, strata, variance, estimate, se, df) {
  p <- 2 * pt(-abs(estimate / se), df)
  half <- qt(0.975, df) * se
  expected <<- rbind(expected, data.frame(case, strata, variance, estimate, se, df, p, low = estimate - half, high = estimate + half))
}
for (case in names(trials)) {
  d <- trials[[case]]
  for (equal in c(FALSE, TRUE)) {
    test <- t.test(days ~ factor(arm, 1:0), d, var.equal = equal)
    record(case, "pooled", if (equal) "equal" else "unequal", -diff(test$estimate)[[1]], test$stderr, test$parameter)
    stopifnot(abs(test$p.value / tail(expected$p, 1) - 1) < 1e-9)
  }
  fit <- if (max(d$stratum) > 1) lm(days ~ arm + factor(stratum), d) else lm(days ~ arm, d)
  record(case, "ancova", "equal", coef(fit)[["arm"]], coef(summary(fit))["arm", "Std. Error"], fit$df.residual)
  both <- Filter(function(p) all(table(factor(p$arm, 0:1)) > 1), split(d, d$stratum))
  parts <- sapply(both, function(p) {
    test <- t.test(days ~ factor(arm, 1:0), p)
    of_arm <- tapply(p$days, p$arm, function(x) var(x) / length(x))
    c(-diff(test$estimate), test$stderr, nrow(p), sum(p$arm) * sum(1 - p$arm) / nrow(p), sum(of_arm^2 / (table(p$arm) - 1)))
  })
  for (weighting in c("weighted", "ancova")) {
    w <- parts[if (weighting == "weighted") 3 else 4, ]
    record(case, weighting, "unequal", sum(w * parts[1, ]) / sum(w), sqrt(sum((w * parts[2, ])^2)) / sum(w),
           sum((w * parts[2, ])^2)^2 / sum(w^4 * parts[5, ]))  # Satterthwaite over arms and strata
  }
}
tables <- do.call(rbind, lapply(names(trials), function(case) {
  cbind(case, aggregate(list(count = rep(1, nrow(trials[[case]]))), trials[[case]], sum))
}))
write.csv(tables, "analysis_means_data.csv", row.names = FALSE, quote = FALSE)
expected[, 4:9] <- lapply(expected[, 4:9], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_means_expected.csv", row.names = FALSE, quote = FALSE)
