# Trials of 20 to 100,000 patients, with many and with few ties, analysed by survival, cmprsk, rms, coin, metafor and lm.
# Run in this directory: Rscript make_analysis_sizes.R
# Patients come from a congruential generator, so that the tests make the same ones and only results are stored.
# Writes analysis_sizes_expected.csv. What takes R more than a few seconds is left out of the larger trials.
suppressMessages({library(survival); library(cmprsk); library(rms); library(coin); library(metafor); library(mvtnorm)})
tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)

# Lehmer (1951) with the multiplier of Park and Miller (1988); 7 numbers for each patient.
uniform <- function(n, seed) {
  x <- numeric(7 * n)
  for (i in seq_along(x)) x[i] <- seed <- (16807 * seed) %% 2147483647
  matrix(x / 2147483647, ncol = 7, byrow = TRUE)
}
trial <- function(n, grain, seed) {
  u <- uniform(n, seed)
  arm <- floor(2 * u[, 1])
  stratum <- 1 + floor(3 * u[, 2])
  event <- u[, 3] * (1 + 0.3 * arm) * grain
  censoring <- u[, 4] * 2 * grain
  rival <- u[, 5] * 2.5 * grain
  first <- pmin(event, censoring, rival)
  status <- ifelse(first == event, 1, ifelse(first == rival, 2, 0))
  score <- 1 + floor(u[, 6] * (1 - 0.1 * arm) * ifelse(grain < 100, 8, 30))
  days <- floor(u[, 5] * (1 - 0.05 * arm) * 30) - 1
  binary <- as.numeric(u[, 7] < 0.35 + 0.04 * arm + 0.05 * stratum)
  data.frame(arm, stratum, time = 1 + floor(first), status, score, days, event = binary,
             age = 20 + floor(60 * u[, 4]), site = (seq_len(n) - 1) %% 60)
}

expected <- NULL
record <- function(method, options, estimate, se, statistic = estimate / se) {
  expected <<- rbind(expected, data.frame(n, grain, method, options, estimate, se, statistic))
}

weighted_parts <- function(d) {
  d <- d[order(d$time), ]
  days <- unique(d$time[d$status == 1])
  if (!length(days)) return(NULL)
  from <- function(x) { sorted <- sort(x); length(sorted) - findInterval(days, sorted, left.open = TRUE) }
  at <- function(x) as.vector(table(factor(x, days)))
  n <- from(d$time)
  n1 <- from(d$time[d$arm == 1])
  events <- at(d$time[d$status == 1])
  u <- at(d$time[d$status == 1 & d$arm == 1]) - events * n1 / n
  v <- events * n1 / n * (1 - n1 / n) * ifelse(n > 1, (n - events) / (n - 1), 1)
  data.frame(u, v, s = c(1, head(cumprod(1 - events / n), -1)))
}
log_rank_tests <- function(d) {
  test <- survdiff(Surv(time, status == 1) ~ arm + strata(stratum), data = d)
  u <- sum(as.matrix(test$obs)[2, ]) - sum(as.matrix(test$exp)[2, ])
  record("log_rank", "", u / test$var[2, 2], 1 / sqrt(test$var[2, 2]))
  parts <- do.call(rbind, lapply(split(d, d$stratum), weighted_parts))
  stopifnot(all.equal(u, sum(parts$u)), all.equal(test$var[2, 2], sum(parts$v)))
  of <- function(method, options, w) {
    slope <- sum(w * parts$v)
    record(method, options, sum(w * parts$u) / slope, sqrt(sum(w^2 * parts$v)) / slope)
  }
  of("weighted_log_rank", "rho=1", parts$s)
  of("weighted_log_rank", "gamma=1", 1 - parts$s)
  of("modestly_weighted_log_rank", "s_star=0.5", 1 / pmax(parts$s, 0.5))
  peto <- survdiff(Surv(time, status == 1) ~ arm + strata(stratum), data = d, rho = 1)
  stopifnot(all.equal(tail(expected$statistic[expected$options == "rho=1"], 1)^2, peto$chisq))
}
cox_models <- function(d) {
  of <- function(options, formula, ties = "efron", robust = FALSE) {
    fit <- coxph(formula, data = d, ties = ties, robust = robust, control = tight)
    # coxph stops when rounding hides the gain in likelihood: one step of Newton's method more.
    last <- coxph(formula, data = d, ties = ties, init = coef(fit), iter.max = 0)
    step <- drop(vcov(last) %*% colSums(as.matrix(residuals(last, "score"))))
    stopifnot(abs(step) < 1e-5)
    estimate <- coef(fit)[["arm"]] + step[[1]]
    record("cox", options, estimate, sqrt(fit$var[1, 1]))
  }
  by_stratum <- Surv(time, status == 1) ~ arm + strata(stratum)
  of("ties=efron", by_stratum)
  of("ties=breslow", by_stratum, ties = "breslow")
  of("robust", by_stratum, robust = TRUE)
  of("cluster", Surv(time, status == 1) ~ arm + strata(stratum) + cluster(site), robust = TRUE)
  of("covariates", Surv(time, status == 1) ~ arm + age + strata(stratum))
}
difference <- function(method, options, means, variances, ratio = FALSE) {
  if (ratio) { variances <- variances / means^2; means <- log(means) }
  record(method, options, diff(means), sqrt(sum(variances)))
}
curves_at <- function(d, day) {
  pooled <- paste0("strata=pooled;day=", day)
  kaplan <- summary(survfit(Surv(time, status == 1) ~ arm, data = d), times = day)
  difference("kaplan_meier_difference", pooled, 1 - kaplan$surv, kaplan$std.err^2)
  grays <- timepoints(cuminc(d$time, d$status, d$arm, cencode = 0), day)
  rows <- paste(0:1, 1)
  difference("cumulative_incidence_difference", paste0(pooled, ";variance=aalen"), grays$est[rows, 1],
             grays$var[rows, 1])
  if (grain < 100 || n <= 2000) {
    many <- summary(survfit(Surv(time, factor(status, 0:2)) ~ arm, data = d), times = day)
    difference("cumulative_incidence_difference", pooled, many$pstate[, 2], many$std.err[, 2]^2)
  }
  table <- summary(survfit(Surv(time, status == 1) ~ arm, data = d), rmean = day)$table
  means <- table[, "rmean"]
  tau <- paste0("strata=pooled;tau=", day)
  difference("rmst_difference", tau, means, table[, "se(rmean)"]^2)
  difference("rmst_ratio", tau, means, table[, "se(rmean)"]^2, ratio = TRUE)
}
subdistributions <- function(d) {
  test <- cuminc(d$time, d$status, d$arm, d$stratum, cencode = 0)$Tests["1", "stat"]
  record("gray", "", NA, NA, sqrt(test))
  if (n <= 2000 || (n <= 20000 && grain < 100)) {
    fit <- crr(d$time, d$status, d$arm, gtol = 1e-12, maxiter = 50)
    record("fine_gray", "unstratified;censoring=cmprsk", fit$coef, sqrt(fit$var[1, 1]))
  }
}
win_parts <- function(d) {
  a <- d$score[d$arm == 1]
  r <- d$score[d$arm == 0]
  below <- function(x, of) findInterval(x, sort(of), left.open = TRUE) / length(of)
  above <- function(x, of) 1 - findInterval(x, sort(of)) / length(of)
  rows <- cbind(above(a, r), below(a, r))
  columns <- cbind(below(r, a), above(r, a))
  list(weight = length(a) * length(r) / nrow(d), share = colMeans(rows),
       covariance = cov(rows) / length(a) + cov(columns) / length(r))
}
ranks <- function(d) {
  data <- transform(d, better = -score, treated = factor(arm, 1:0), block = factor(stratum))
  p <- win_parts(d)
  half <- c(1, -1) / 2
  se <- sqrt(drop(half %*% p$covariance %*% half))
  record("wilcoxon", "variance=brunner_munzel", 0.5 + sum(half * p$share), se,
         statistic(wilcox_test(better ~ treated, data = data), "standardized")[[1]])
  data$ridit <- ave(data$better, data$block, FUN = function(x) rank(x) / (length(x) + 1))
  if (all(table(data$block, data$treated) > 1)) {
    test <- independence_test(ridit ~ treated | block, data = data)
    record("van_elteren", "", NA, NA, statistic(test, "standardized")[[1]])
    strata <- lapply(split(d, d$stratum), win_parts)
    weight <- sapply(strata, `[[`, "weight")
    weight <- weight / sum(weight)
    share <- Reduce(`+`, Map(function(w, part) w * part$share, weight, strata))
    covariance <- Reduce(`+`, Map(function(w, part) w^2 * part$covariance, weight, strata))
    delta <- function(gradient) sqrt(drop(gradient %*% covariance %*% gradient))
    net <- share[1] - share[2]
    record("win_ratio", "weighting=mantel_haenszel", log(share[1] / share[2]), delta(c(1, -1) / share), NA)
    record("win_odds", "weighting=mantel_haenszel", log((1 + net) / (1 - net)), delta(c(1, -1) * 2 / (1 - net^2)), NA)
    record("net_benefit", "weighting=mantel_haenszel", net, delta(c(1, -1)), NA)
  }
}
ordinal_models <- function(d) {
  d$block <- factor(d$stratum)
  of <- function(options, formula) {
    fit <- lrm(formula, data = d, eps = 1e-13, maxit = 200, tol = 1e-15)
    record("proportional_odds", options, -coef(fit)[["arm"]], sqrt(vcov(fit)["arm", "arm"]))
  }
  of("", score ~ arm + block)
  of("covariates", score ~ arm + age + block)
}
means <- function(d) {
  fit <- summary(lm(days ~ arm + factor(stratum), d))$coefficients["arm", ]
  record("mean_difference", "strata=ancova;variance=equal", fit[[1]], fit[[2]])
  test <- t.test(days ~ factor(arm, 1:0), d)
  record("mean_difference", "strata=pooled;variance=unequal", -diff(test$estimate)[[1]], test$stderr)
}
events <- function(d) {
  x <- tapply(d$event, d$arm, sum)
  size <- tapply(d$event, d$arm, length)
  for (measure in c("RD", "RR", "OR")) {
    name <- c(RD = "risk_difference", RR = "risk_ratio", OR = "odds_ratio")[[measure]]
    plain <- escalc(measure, ai = x[2], n1i = size[2], ci = x[1], n2i = size[1], add = 0)
    record(name, if (measure == "RD") "test=unpooled" else "test=wald", plain$yi[[1]], sqrt(plain$vi[[1]]))
    cells <- aggregate(cbind(x = event, n = 1) ~ arm + stratum, d, sum)
    both <- names(which(table(cells$stratum) == 2))
    a <- cells[cells$arm == 1 & cells$stratum %in% both, ]
    r <- cells[cells$arm == 0 & cells$stratum %in% both, ]
    mh <- rma.mh(measure = measure, ai = a$x, n1i = a$n, ci = r$x, n2i = r$n, add = 0, to = "none", drop00 = FALSE,
                 correct = FALSE)
    if (measure == "RD") record("risk_difference_mh", "", mh$beta[[1]], mh$se, NA)
    else record(paste0(name, "_mh"), "test=wald", mh$beta[[1]], mh$se, mh$zval)
  }
}

for (grain in c(28, 1e6)) for (n in c(20, 200, 2000, 20000, 100000)) {
  d <- trial(n, grain, seed = n + grain)
  log_rank_tests(d)
  cox_models(d)
  curves_at(d, 0.4 * grain)
  subdistributions(d)
  ranks(d)
  ordinal_models(d)
  means(d)
  events(d)
  message(grain, " ", n, " ", round(proc.time()[[3]]), " s")
}
expected[, 5:7] <- lapply(expected[, 5:7], function(x) ifelse(is.na(x), "", sprintf("%.15g", x)))
expected$grain <- as.integer(expected$grain)
expected$n <- as.integer(expected$n)
write.csv(expected, "analysis_sizes_expected.csv", row.names = FALSE, quote = FALSE)
