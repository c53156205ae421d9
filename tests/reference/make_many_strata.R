# 5,000 matched pairs and 1,500 sites as strata: survdiff, coxph and van Elteren's test, on data made by a formula that
# test_many_strata.py repeats.  Rscript tests/reference/make_many_strata.R tests/reference
suppressMessages(library(survival))
out <- commandArgs(trailingOnly = TRUE)[1]
rows <- list()
add <- function(case, quantity, value) rows[[length(rows) + 1]] <<- data.frame(case, quantity, value)
data_of <- function(n, strata) {
  i <- 0:(n - 1)
  arm <- i %% 2
  stratum <- (i %/% 2) %% strata
  u <- (i * 7919 + 13) %% 99991 / 99991
  time <- round(-log(1 - u) * (1 + 0.4 * arm) * (1 + stratum %% 7 / 7), 4) + 0.0001
  status <- as.integer((i * 104729 + 7) %% 1009 > 250)
  data.frame(arm, stratum, time, status)
}
for (case in c("pairs", "sites")) {
  data <- if (case == "pairs") data_of(10000, 5000) else data_of(12000, 1500)
  add(case, "distinct", length(unique(paste(data$time, data$status))))
  test <- survdiff(Surv(time, status) ~ arm + strata(stratum), data)
  observed <- if (is.matrix(test$obs)) rowSums(test$obs) else test$obs
  expected <- if (is.matrix(test$exp)) rowSums(test$exp) else test$exp
  add(case, "score", observed[2] - expected[2])
  add(case, "chi_squared", test$chisq)
  for (ties in c("efron", "breslow")) {
    fit <- coxph(Surv(time, status) ~ arm + strata(stratum), data, ties = ties, control = coxph.control(eps = 1e-11, toler.chol = 1e-13))
    add(case, paste0(ties, c("", "_se")), c(coef(fit), sqrt(vcov(fit))))
  }
  # van Elteren: ranks within strata, weighted by 1 / (size + 1)
  t <- v <- 0
  for (d in split(data, data$stratum)) {
    m <- nrow(d); a <- sum(d$arm == 1)
    r <- rank(d$time)
    w <- 1 / (m + 1)
    t <- t + w * (sum(r[d$arm == 1]) - a * (m + 1) / 2)
    v <- v + w^2 * a * (m - a) / (m * (m - 1)) * sum((r - (m + 1) / 2)^2)
  }
  add(case, "van_elteren_z", t / sqrt(v))
}
expected <- do.call(rbind, rows)
expected$value <- format(expected$value, digits = 15)
write.csv(expected, file.path(out, "many_strata_expected.csv"), row.names = FALSE, quote = FALSE)
