# Daily scores of patients, analysed by first-order Markov proportional odds models: rms::lrm on patient-days, robust
# variance by rms::robcov, state occupancy by Hmisc::soprobMarkovOrdm.
# Run in this directory: Rscript make_markov.R
# Writes markov_data.csv (a row for each patient, scores of days 0 to 14 on a scale of 1 to 5 with 5 absorbing),
# markov_expected.csv (log odds ratio of a better score, its standard error and robust standard error) and
# markov_occupancy_expected.csv (probability of each score on each day, by arm and baseline score).
suppressMessages({
  library(Hmisc)
  library(rms)
})
set.seed(20220917)

last <- 14
walk <- function(n, shift) {
  arm <- rep(0:1, length.out = n)
  stratum <- sample(c("north", "south"), n, replace = TRUE)
  scores <- matrix(0L, n, last + 1)
  scores[, 1] <- sample(2:4, n, replace = TRUE)
  for (d in 1:last) {
    before <- scores[, d]
    centre <- before - 0.35 * arm * shift - 0.03 * d + 0.2 * (stratum == "south") + rlogis(n, 0, 0.35)
    scores[, d + 1] <- ifelse(before == 5, 5L, pmin(pmax(round(centre), 1L), 5L))
  }
  data.frame(arm = c("control", "active")[arm + 1], stratum, scores)
}
wide <- rbind(cbind(case = "strong", walk(240, 1)), cbind(case = "none", walk(90, 0)))
names(wide)[-(1:3)] <- paste0("score_day_", 0:last)
wide$patient <- seq_len(nrow(wide))
write.csv(wide, "markov_data.csv", row.names = FALSE, quote = FALSE)

days <- function(data) {
  rows <- lapply(1:last, function(d) {
    data.frame(
      id = data$patient, stratum = data$stratum, active = as.numeric(data$arm == "active"), day = d,
      before = data[[paste0("score_day_", d - 1)]], y = data[[paste0("score_day_", d)]]
    )
  })
  long <- do.call(rbind, rows)
  long <- long[long$before != 5, ]
  long$before <- factor(long$before)
  long$day_factor <- factor(long$day)
  long
}
knots <- 1 + (last - 1) * c(0.05, 0.35, 0.65, 0.95)
trends <- c(
  none = "", linear = "+ day", log = "+ log(day)", spline = "+ rcs(day, knots)", factor = "+ day_factor"
)
expected <- occupancy <- NULL
digits <- function(x) sprintf("%.15g", x)
for (case in unique(wide$case)) {
  long <- days(wide[wide$case == case, ])
  for (trend in names(trends)) for (stratified in c(FALSE, TRUE)) {
    words <- paste("y ~ before", trends[trend], if (stratified) "+ stratum", "+ active")
    fit <- lrm(as.formula(words), long, x = TRUE, y = TRUE, eps = 1e-9, tol = 1e-13, maxit = 100)
    robust <- robcov(fit, long$id)
    expected <- rbind(expected, data.frame(
      case, trend, stratified, estimate = digits(-coef(fit)[["active"]]),
      se = digits(sqrt(vcov(fit)["active", "active"])), robust = digits(sqrt(vcov(robust)["active", "active"]))
    ))
    if (stratified || trend == "factor") next
    for (active in 0:1) for (before in 2:4) {
      from <- list(before = factor(before, levels(long$before)), active = active, day = 1)
      share <- soprobMarkovOrdm(fit, from, times = 1:last, ylevels = 1:5, absorb = 5, tvarname = "day", pvarname = "before")
      occupancy <- rbind(occupancy, data.frame(
        case, trend, active, before, day = rep(1:last, 5), score = rep(1:5, each = last), probability = digits(c(share))
      ))
    }
  }
}
write.csv(expected, "markov_expected.csv", row.names = FALSE, quote = FALSE)
write.csv(occupancy, "markov_occupancy_expected.csv", row.names = FALSE, quote = FALSE)
