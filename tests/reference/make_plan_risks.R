# Sizes and powers of two proportions by stats::power.prop.test, and exact powers of its test summed over all counts,
# for tests/reference/test_plan_risks.py. Rscript make_plan_risks.R > plan_risks_expected.csv
exact <- function(p1, p2, n, alpha) {
  x <- 0:n
  z <- outer(x, x, function(a, b) {
    pooled <- (a + b) / (2 * n)
    ifelse(pooled * (1 - pooled) > 0, (a - b) / n / sqrt(pooled * (1 - pooled) * 2 / n), 0)
  })
  if (p1 < p2) z <- -z
  sum(outer(dbinom(x, n, p1), dbinom(x, n, p2))[z > qnorm(1 - alpha / 2)])
}
cat("active,control,alpha,n,power,size80,size90,exact\n")
for (p in list(c(.2, .3), c(.01, .05), c(.6, .45), c(.9, .97))) for (alpha in c(.05, .01)) {
  n <- 120
  power <- power.prop.test(n = n, p1 = p[1], p2 = p[2], sig.level = alpha)$power
  size <- function(power) power.prop.test(p1 = p[1], p2 = p[2], sig.level = alpha, power = power, tol = 1e-12)$n
  cat(p[1], p[2], alpha, n, sprintf("%.12g", power), sprintf("%.12g", size(.8)), sprintf("%.12g", size(.9)),
      sprintf("%.12g", exact(p[1], p[2], n, alpha)), sep = ",")
  cat("\n")
}
