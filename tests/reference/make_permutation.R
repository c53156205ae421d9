# Permutation tests of stratified trials with unequal arms, by coin: standardised statistics and p values by resampling.
# Run in this directory: Rscript make_permutation.R
# Writes permutation_data.csv (patients) and permutation_expected.csv (statistic, mid-p values of the upper tail).
suppressMessages(library(coin))
set.seed(19721130)
RESAMPLES <- 2e6

patients <- function(n, strata, share) {
  stratum <- sample(strata, n, replace = TRUE)
  data.frame(stratum, arm = rbinom(n, 1, share))
}
times <- function(n, strata, share, log_ratio, days, censoring) {
  data <- patients(n, strata, share)
  event <- rexp(n, 0.06 * 1.7^(data$stratum - 1) * exp(log_ratio * data$arm))
  end <- pmin(ifelse(runif(n) < censoring, runif(n, 0, 28), 28), 28)
  step <- 28 / days
  data$value <- pmin(ceiling(event / step), ceiling(end / step))
  data$status <- as.integer(ceiling(event / step) <= ceiling(end / step))
  data
}
scores <- function(n, strata, share, categories, shift) {
  data <- patients(n, strata, share)
  data$value <- pmin(floor(rexp(n, 0.45 * exp(-shift * data$arm)) + 0.4 * (data$stratum - 1)), categories - 1)
  data$status <- 1
  data
}
events <- function(n, strata, share, risk, ratio) {
  data <- patients(n, strata, share)
  data$value <- rbinom(n, 1, pmin(risk * data$stratum * ratio^data$arm, 1))
  data$status <- 1
  data
}

# A stratum's scores are those of its own patients; van Elteren's weights are one over its size and one more.
within <- function(data, trafo) unsplit(lapply(split(data, data$stratum), trafo), data$stratum)
log_rank <- function(data) {
  within(data, function(x) as.vector(logrank_trafo(Surv(x$value, x$status), ties.method = "mid-ranks")))
}
midrank <- function(data) rank(data$value)
elteren <- function(data) within(data, function(x) rank(x$value) / (nrow(x) + 1))
own <- function(data) data$value

cases <- list(
  few_ties = list("log_rank", log_rank, times(150, 2, 0.25, 0.6, 5000, 0.3)),
  daily = list("log_rank", log_rank, times(240, 3, 0.33, -0.35, 28, 0.1)),
  more_on_active = list("log_rank", log_rank, times(150, 2, 0.7, 0.5, 28, 0.5)),
  equal_arms = list("log_rank", log_rank, times(120, 1, 0.5, 0.5, 28, 0.2)),
  few_events = list("log_rank", log_rank, times(120, 2, 0.3, -0.9, 28, 0.9)),
  deaths = list("risk_difference_mh", own, events(400, 3, 0.25, 0.05, 1.9)),
  many_deaths = list("risk_difference_mh", own, events(150, 2, 0.33, 0.35, 1.25)),
  ordinal = list("van_elteren", elteren, scores(150, 3, 0.3, 7, 0.4)),
  pooled = list("wilcoxon", midrank, scores(100, 1, 0.3, 5, 0.5)),
  days = list("mean_difference", own, scores(140, 2, 0.25, 29, 0.35))
)

expected <- NULL
data <- NULL
for (case in names(cases)) {
  trial <- cases[[case]][[3]]
  trial$score <- cases[[case]][[2]](trial)
  strata <- if (cases[[case]][[1]] == "wilcoxon") factor(rep(1, nrow(trial))) else factor(trial$stratum)
  frame <- data.frame(score = trial$score, arm = trial$arm, strata)
  asymptotic <- independence_test(score ~ arm | strata, data = frame, teststat = "scalar")
  drawn <- independence_test(score ~ arm | strata, data = frame, teststat = "scalar", alternative = "greater",
                             distribution = approximate(nresample = RESAMPLES))
  expected <- rbind(expected, data.frame(case, method = cases[[case]][[1]],
                                         u = as.numeric(statistic(asymptotic, "linear") - expectation(asymptotic)),
                                         variance = as.numeric(variance(asymptotic)), statistic = statistic(asymptotic),
                                         upper = as.numeric(midpvalue(drawn)), resamples = RESAMPLES))
  data <- rbind(data, cbind(case, trial[, c("stratum", "arm", "value", "status")]))
}
# The usual names of these tests in coin are the same statistics.
check <- cases$equal_arms[[3]]
named <- logrank_test(Surv(value, status) ~ factor(arm), data = check, ties.method = "mid-ranks")
stopifnot(all.equal(abs(as.numeric(statistic(named))), abs(expected$statistic[expected$case == "equal_arms"])))
check <- cases$pooled[[3]]
named <- wilcox_test(value ~ factor(arm), data = check)
stopifnot(all.equal(abs(as.numeric(statistic(named))), abs(expected$statistic[expected$case == "pooled"])))
check <- cases$deaths[[3]]
named <- cmh_test(factor(value) ~ factor(arm) | factor(stratum), data = check)
stopifnot(all.equal(as.numeric(statistic(named)), expected$statistic[expected$case == "deaths"]^2))

expected[, 3:6] <- lapply(expected[, 3:6], function(x) sprintf("%.15g", x))
write.csv(expected, "permutation_expected.csv", row.names = FALSE, quote = FALSE)
write.csv(data, "permutation_data.csv", row.names = FALSE, quote = FALSE)
