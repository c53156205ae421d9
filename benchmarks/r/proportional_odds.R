# Trials of 1,000 patients in 2 arms x 4 strata on 8 scores, proportional odds model with strata, by polr of MASS.
suppressMessages(library(MASS)); set.seed(1); n <- 1000
arm <- rep(0:1, each = n / 2); stratum <- factor(rep(1:4, n / 4))
shares <- c(.05, .15, .2, .1, .2, .1, .1, .1)
one <- function() {
  score <- factor(sample(8, n, TRUE, shares))
  coef(summary(polr(score ~ arm + stratum, Hess = TRUE)))["arm", ]
}
invisible(one()); trials <- as.integer(commandArgs(TRUE)[1])
used <- system.time(for (i in seq_len(trials)) suppressWarnings(one())); cat(used[["user.self"]] + used[["sys.self"]])
