# Patients who enter late, and patients with several rows: R's survival on rows (start, stop], written as
# late_entry_data.csv and late_entry_expected.csv.
# Rscript tests/reference/make_late_entry.R tests/reference
suppressMessages(library(survival))
out <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20260108)
n <- 160
arm <- rep(c("placebo", "drug"), length.out = n)
stratum <- sample(c("a", "b", "c"), n, replace = TRUE)
age <- round(rnorm(n, 60, 9))
entry <- ifelse(runif(n) < 0.6, sample(0:9, n, replace = TRUE), 0)
life <- entry + ceiling(rexp(n, 0.09 * ifelse(arm == "drug", 0.6, 1) * exp(0.03 * (age - 60))))
time <- pmin(life, 24)
status <- as.integer(life <= 24 & runif(n) < 0.9)
# Some patients come back after an event: several rows (start, stop] of a patient, each of the next patient's arm kept.
data <- data.frame(patient = seq_len(n), arm, stratum, age, entry, time, status)
again <- data[data$status == 1 & data$time < 18 & data$patient %% 4 == 0, ]
again$entry <- again$time
again$time <- pmin(again$time + sample(1:8, nrow(again), replace = TRUE), 24)
again$status <- rep(c(1, 0, 1), length.out = nrow(again))
several <- rbind(data, again)
several <- several[order(several$patient, several$entry), ]
write.csv(several, file.path(out, "late_entry_data.csv"), row.names = FALSE, quote = FALSE)

data$x <- as.integer(data$arm == "drug")
several$x <- as.integer(several$arm == "drug")
rows <- list()
add <- function(case, quantity, value) rows[[length(rows) + 1]] <<- data.frame(case, quantity, value)

for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(entry, time, status) ~ x, data, ties = ties)
  add(paste0("cox_", ties), c("estimate", "se"), c(coef(fit), sqrt(vcov(fit))))
  fit <- coxph(Surv(entry, time, status) ~ x + strata(stratum), data, ties = ties)
  add(paste0("cox_stratified_", ties), c("estimate", "se"), c(coef(fit), sqrt(vcov(fit))))
  fit <- coxph(Surv(entry, time, status) ~ x + age + strata(stratum), data, ties = ties)
  add(paste0("cox_age_", ties), c("estimate", "se", "age", "age_se"),
      c(coef(fit)[1], sqrt(vcov(fit)[1, 1]), coef(fit)[2], sqrt(vcov(fit)[2, 2])))
  fit <- coxph(Surv(entry, time, status) ~ x + cluster(patient), data, ties = ties)
  add(paste0("cox_robust_", ties), c("estimate", "se"), c(coef(fit), sqrt(vcov(fit))))
  fit <- coxph(Surv(entry, time, status) ~ x + age + cluster(patient), several, ties = ties)
  add(paste0("cox_several_", ties), c("estimate", "se", "age", "age_se"),
      c(coef(fit)[1], sqrt(vcov(fit)[1, 1]), coef(fit)[2], sqrt(vcov(fit)[2, 2])))
}
# Without tied times the score test of Cox's model is the log-rank test.
loose <- data
loose$time <- loose$time + seq_len(n) / 1000
write.csv(loose[setdiff(names(loose), "x")], file.path(out, "late_entry_untied_data.csv"), row.names = FALSE, quote = FALSE)
for (model in c("x", "x + strata(stratum)")) {
  fit <- coxph(as.formula(paste("Surv(entry, time, status) ~", model)), loose, ties = "breslow")
  add(ifelse(model == "x", "log_rank", "log_rank_stratified"), "chi_squared", fit$score)
}
# Fleming-Harrington weights, step by step: rho 1, gamma 0 and rho 0, gamma 1, all strata together, with ties.
for (weights in list(c(1, 0), c(0, 1), c(0, 0))) {
  u <- v <- 0
  free <- 1
  for (t in sort(unique(data$time[data$status == 1]))) {
    risk <- data$entry < t & data$time >= t
    d <- sum(risk & data$time == t & data$status == 1)
    d1 <- sum(risk & data$time == t & data$status == 1 & data$x == 1)
    m <- sum(risk); m1 <- sum(risk & data$x == 1)
    w <- free^weights[1] * (1 - free)^weights[2]
    u <- u + w * (d1 - d * m1 / m)
    if (m > 1) v <- v + w^2 * d * (m1 / m) * (1 - m1 / m) * (m - d) / (m - 1)
    free <- free * (1 - d / m)
  }
  add(paste0("weighted_", weights[1], weights[2]), "z", u / sqrt(v))
}
curves <- survfit(Surv(entry, time, status) ~ x, data)
at <- summary(curves, times = 10)
add("km_10", c("free_placebo", "se_placebo", "free_drug", "se_drug"),
    c(at$surv[1], at$std.err[1], at$surv[2], at$std.err[2]))
add("km", c("median_placebo", "median_drug"), unname(quantile(curves, 0.5)$quantile[, 1]))
area <- summary(curves, rmean = 20)$table
add("rmst_20", c("placebo", "se_placebo", "drug", "se_drug"),
    c(area[1, "rmean"], area[1, "se(rmean)"], area[2, "rmean"], area[2, "se(rmean)"]))
expected <- do.call(rbind, rows)
expected$value <- format(expected$value, digits = 15)
write.csv(expected, file.path(out, "late_entry_expected.csv"), row.names = FALSE, quote = FALSE)
