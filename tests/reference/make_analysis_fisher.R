# Fisher's exact test and conditional odds ratio of small tables, by fisher.test.
# Run in this directory: Rscript make_analysis_fisher.R
# Writes analysis_fisher_expected.csv: events and patients of the active and of the reference arm.
set.seed(7)
cases <- rbind(c(3, 10, 1, 12), c(7, 9, 2, 11), c(0, 8, 4, 9), c(12, 60, 25, 70), c(150, 400, 120, 410),
               t(replicate(8, {n <- sample(5:40, 2); c(rbinom(1, n[1], 0.4), n[1], rbinom(1, n[2], 0.3), n[2])})),
               # rare events in large arms
               c(1, 5000, 3, 5000), c(1, 20000, 3, 20000), c(8, 20000, 2, 20000), c(34, 200000, 21, 200000), c(2, 1000000, 9, 500000))
# fisher.test stops at a step of 1e-4; its odds ratio is refined on the noncentral hypergeometric mean.
refined <- function(x) {
  m <- x[1] + x[3]
  u <- max(0, m - x[4]):min(x[2], m)
  if (x[1] == min(u) || x[1] == max(u)) return(NA)
  w <- dhyper(u, x[2], x[4], m, log = TRUE)
  exp(uniroot(function(t) { l <- w + t * (u - x[1]); p <- exp(l - max(l)); sum(p * (u - x[1])) / sum(p) }, c(-20, 20), tol = 1e-14)$root)
}
expected <- t(apply(cases, 1, function(x) {
  test <- fisher.test(matrix(c(x[1], x[2] - x[1], x[3], x[4] - x[3]), 2))
  odds_ratio <- refined(x)
  if (!is.na(odds_ratio)) stopifnot(abs(odds_ratio / test$estimate - 1) < 1e-3)
  c(x, odds_ratio, test$p.value, test$conf.int)
}))
colnames(expected) <- c("x_1", "n_1", "x_0", "n_0", "odds_ratio", "p_value", "low", "high")
write.csv(format(expected, digits = 15), "analysis_fisher_expected.csv", row.names = FALSE, quote = FALSE)
