# Power and size of Whitehead's formula by Hmisc (popower, posamsize, pomodm), for tests/reference/test_plan_ordinal.py.
# Rscript make_plan_ordinal.R > plan_ordinal_expected.csv
suppressMessages(library(Hmisc))
controls <- list(c(.60, .08, .08, .05, .09, .10), c(.2, .5, .2, .1), c(.05, .15, .8), c(.3, .7))
cat("control,odds_ratio,allocation,alpha,patients,power,size80,size90\n")
for (control in controls) for (or in c(0.7, 1.2, 1.45, 3)) for (a in c(1, 2)) for (alpha in c(0.05, 0.01)) {
  # pomodm makes later categories likelier, jaksim lists the best first.
  active <- pomodm(p = control, odds.ratio = 1 / or)
  fraction <- a / (1 + a)
  pooled <- fraction * active + (1 - fraction) * control
  n <- 600
  power <- unclass(popower(pooled, or, n1 = n * fraction, n2 = n * (1 - fraction), alpha = alpha))$power
  size <- function(p) unclass(posamsize(pooled, or, fraction = fraction, alpha = alpha, power = p))$n
  cat(paste(control, collapse = " "), or, a, alpha, n, sprintf("%.12g", power), sprintf("%.12g", size(.8)),
      sprintf("%.12g", size(.9)), sep = ",")
  cat("\n")
}
