# Exact conditional odds ratio over strata, by mantelhaen.test(exact = TRUE).
# Run in this directory: Rscript make_stratified_fisher.R
# Writes stratified_fisher_expected.csv: a row for each table and stratum, events and patients by arm.
set.seed(11)
rows <- NULL
for (case in 1:10) {
  strata <- sample(2:5, 1)
  n_1 <- sample(5:(30 * case), strata, replace = TRUE)
  n_0 <- sample(5:(30 * case), strata, replace = TRUE)
  p <- runif(strata, 0.1, 0.6)
  x_1 <- rbinom(strata, n_1, plogis(qlogis(p) + 0.5))
  x_0 <- rbinom(strata, n_0, p)
  if (case == 1) x_0[] <- 0
  table <- array(rbind(x_1, n_1 - x_1, x_0, n_0 - x_0), c(2, 2, strata))
  test <- mantelhaen.test(table, exact = TRUE)
  # mantelhaen.test stops early; its odds ratio is refined on the mean of the convolution of noncentral laws.
  law <- function(t) {
    total <- 1
    for (s in 1:strata) {
      m <- x_1[s] + x_0[s]
      u <- max(0, m - n_0[s]):min(n_1[s], m)
      w <- dhyper(u, n_1[s], n_0[s], m, log = TRUE) + t * u
      w <- exp(w - max(w))
      total <- convolve(total, rev(w), type = "open")
    }
    total / sum(total)
  }
  lowest <- sum(pmax(0, x_1 + x_0 - n_0))
  gap <- function(t) { p <- law(t); sum(p * (seq_along(p) - 1)) + lowest - sum(x_1) }
  odds_ratio <- if (is.finite(test$estimate) && test$estimate > 0) exp(uniroot(gap, c(-10, 10), tol = 1e-13)$root) else NA
  rows <- rbind(rows, data.frame(case, x_1, n_1, x_0, n_0, odds_ratio, printed = test$estimate, p_value = test$p.value,
                                 low = test$conf.int[1], high = test$conf.int[2], row.names = NULL))
}
write.csv(format(rows, digits = 15), "stratified_fisher_expected.csv", row.names = FALSE, quote = FALSE)
