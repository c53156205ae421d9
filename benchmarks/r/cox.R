# Trials of 1,000 patients in 2 arms x 4 strata, exponential times to the day, stratified Cox model of survival (Efron).
suppressMessages(library(survival)); set.seed(1); n <- 1000
arm <- rep(0:1, each = n / 2); stratum <- rep(1:4, n / 4)
one <- function() {
  time <- pmin(ceiling(rexp(n, c(.08, .1)[arm + 1])), 28)
  coxph(Surv(time, time < 28) ~ arm + strata(stratum))$coefficients
}
invisible(one()); trials <- as.integer(commandArgs(TRUE)[1])
used <- system.time(for (i in seq_len(trials)) one()); cat(used[["user.self"]] + used[["sys.self"]])
