# Critical values of Dunnett's test for large samples by mvtnorm, and step-down p values by multcomp.
# Run in this directory: Rscript make_dunnett.R
# Writes dunnett_expected.csv: patients per control patient in each active arm, level, sides, critical value;
# dunnett_steps_expected.csv: z of three comparisons with ratios 0.5, 1, 2, sides, adjusted p values.
library(mvtnorm)
library(multcomp)
correlation <- function(r) { b <- sqrt(r / (1 + r)); s <- outer(b, b); diag(s) <- 1; s }
exact <- Miwa(steps = 4096)
designs <- list(c(1, 1), c(1, 1, 1), c(0.5, 0.5, 0.5), c(0.5, 1, 2), c(1, 1, 1, 1))
rows <- list()
for (r in designs) for (alpha in c(0.025, 0.05, 0.01)) {
  tail <- function(z) 1 - pmvnorm(upper = rep(z, length(r)), corr = correlation(r), algorithm = exact)
  z <- uniroot(function(z) tail(z) - alpha, c(1, 5), tol = 1e-10)$root
  rows[[length(rows) + 1]] <- data.frame(ratios = paste(r, collapse = " "), alpha = alpha, sides = 1, critical = z)
  set.seed(1)
  z <- qmvnorm(1 - alpha, tail = "both.tails", corr = correlation(r), algorithm = GenzBretz(maxpts = 5e6, abseps = 1e-6))$quantile
  rows[[length(rows) + 1]] <- data.frame(ratios = paste(r, collapse = " "), alpha = alpha, sides = 2, critical = z)
}
write.csv(format(do.call(rbind, rows), digits = 10), "dunnett_expected.csv", row.names = FALSE, quote = FALSE)
r <- c(0.5, 1, 2)
variance <- outer(rep(1, 3), rep(1, 3)) + diag(1 / r)
steps <- list()
for (z in list(c(2.3, 2.1, 1.9), c(2.6, 1.0, 2.05), c(0.3, 2.1, 2.2), c(3.1, 2.0, 1.7))) for (sides in 1:2) {
  fit <- parm(z * sqrt(diag(variance)), variance)
  set.seed(1)
  test <- summary(glht(fit, diag(3), alternative = if (sides == 1) "greater" else "two.sided"),
                  test = adjusted("free", maxpts = 5e6, abseps = 1e-6))
  steps[[length(steps) + 1]] <- c(z, sides, test$test$pvalues)
}
steps <- do.call(rbind, steps)
colnames(steps) <- c("z_1", "z_2", "z_3", "sides", "p_1", "p_2", "p_3")
write.csv(format(steps, digits = 10), "dunnett_steps_expected.csv", row.names = FALSE, quote = FALSE)
