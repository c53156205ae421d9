# Score and likelihood-ratio tests of the proportional odds model on trials in analysis_ordinal_tables.csv.
# Run in this directory: Rscript make_analysis_odds_tests.R
# polr with and without treatment, its maxima sharpened by Newton's method; derivatives of the log likelihood by numDeriv.
# Writes analysis_odds_tests_expected.csv.
suppressMessages({library(MASS); library(numDeriv)})
tables <- read.csv("analysis_ordinal_tables.csv")
expected <- NULL

for (case in c("tiny_strata", "small", "actt_like", "unused_middle", "one_arm_stratum", "unbalanced", "strong")) {
  data <- tables[tables$case == case, ]
  data$y <- as.integer(factor(-data$rank))
  m <- max(data$y) - 1
  x <- model.matrix(~ arm + factor(stratum), data)[, -1, drop = FALSE]
  loglik <- function(b, design) {
    eta <- drop(design %*% b[seq_len(ncol(design))])
    cuts <- c(-Inf, b[ncol(design) + seq_len(m)], Inf)
    sum(data$count * log(plogis(cuts[data$y + 1] - eta) - plogis(cuts[data$y] - eta)))
  }
  maximum <- function(x) {
    fit <- polr(factor(y) ~ x, data = data.frame(y = data$y), weights = data$count)
    b <- c(coef(fit), fit$zeta)
    for (i in 1:5) b <- b - solve(hessian(loglik, b, design = x), grad(loglik, b, design = x))
    stopifnot(abs(loglik(b, x) + fit$deviance / 2) < 1e-5)
    b
  }
  null <- maximum(x[, -1, drop = FALSE])
  full <- maximum(x)
  gain <- loglik(full, x) - loglik(null, x[, -1, drop = FALSE])
  # numDeriv steps by a share of each parameter, hence a treatment coefficient that is 1 at the null.
  shifted <- function(b) loglik(b - c(1, numeric(length(null))), x)
  at_null <- c(1, null)
  score <- grad(shifted, at_null)[1] * sqrt(solve(-hessian(shifted, at_null))[1, 1])
  expected <- rbind(expected, data.frame(case, test = c("score", "lrt"), estimate = full[[1]],
                                         statistic = c(score, sign(full[[1]]) * sqrt(2 * gain))))
}
expected[, 3:4] <- lapply(expected[, 3:4], function(x) sprintf("%.12g", x))
write.csv(expected, "analysis_odds_tests_expected.csv", row.names = FALSE, quote = FALSE)
