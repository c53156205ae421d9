# Random trials with tied days, strata, censoring and competing events, analysed by survival, cmprsk and mvtnorm.
# Run in this directory: Rscript make_analysis_incidence.R
# Writes analysis_incidence_tables.csv (counts), analysis_incidence_expected.csv (estimate, standard error, statistic)
# and analysis_curves_expected.csv (curves of the active arm).
library(survival)
library(cmprsk)
library(mvtnorm)
set.seed(20210312)

trial <- function(n, strata, days, log_ratio, censoring = 0.02, competing = 0.02, first_censored = 1) {
  stratum <- sample(strata, n, replace = TRUE)
  arm <- sample(0:1, n, replace = TRUE)
  scale <- 28 / days
  event <- ceiling(rexp(n, 0.03 * scale * 1.5^(stratum %% 3) * exp(log_ratio * arm)))
  drop_out <- if (censoring > 0) pmax(first_censored, ceiling(rexp(n, censoring * scale))) else rep(Inf, n)
  rival <- if (competing > 0) ceiling(rexp(n, competing * scale * exp(-0.3 * arm))) else rep(Inf, n)
  time <- pmin(event, rival, drop_out, days)
  status <- ifelse(event == time, 1, ifelse(rival == time, 2, 0))
  data.frame(stratum, arm, time, status)
}
trials <- list(
  tiny = trial(20, 1, 28, 0.5),
  small = trial(80, 2, 28, 0.4, censoring = 0.04),
  moderate = trial(400, 3, 28, 0.3),
  ties = trial(600, 2, 6, -0.3),
  few_ties = trial(300, 2, 3000, 0.2),
  administrative = trial(500, 3, 28, 0.25, censoring = 0),
  no_competing = trial(300, 2, 28, 0.3, competing = 0),
  late = trial(1500, 4, 28, 0.15, first_censored = 10)
)

expected <- NULL
record <- function(case, method, option, estimate, se, statistic) {
  expected <<- rbind(expected, data.frame(case, method, option, estimate, se, statistic))
}
at_day <- function(data, day) {
  fit <- survfit(Surv(time, factor(status, 0:2, c("censored", "event", "rival"))) ~ arm, data = data)
  kaplan <- summary(survfit(Surv(time, status == 1) ~ arm, data = data), times = day)
  many <- summary(fit, times = day)
  greys <- timepoints(cuminc(data$time, data$status, data$arm, cencode = 0), day)
  rows <- paste(0:1, 1)
  list(
    kaplan = rbind(1 - kaplan$surv, kaplan$std.err^2),
    greenwood = rbind(many$pstate[, 2], many$std.err[, 2]^2),
    aalen = rbind(greys$est[rows, 1], greys$var[rows, 1])
  )
}
on_scale <- list(
  plain = function(s) list(1 - s, 1),
  log = function(s) list(-log(s), 1 / s),
  log_log = function(s) list(log(-log(s)), 1 / (s * -log(s)))
)
record_difference <- function(case, method, option, arms, scale = "plain") {
  free <- on_scale[[scale]](1 - arms[1, ])
  record(case, method, option, diff(arms[1, ]), sqrt(sum(arms[2, ])),
         diff(free[[1]]) / sqrt(sum(free[[2]]^2 * arms[2, ])))
}
incidence <- function(case, data, day) {
  pooled <- at_day(data, day)
  for (scale in names(on_scale)) {
    record_difference(case, "kaplan_meier_difference", paste0("pooled;", scale, ";", day), pooled$kaplan, scale)
  }
  record_difference(case, "cumulative_incidence_difference", paste0("pooled;greenwood;", day), pooled$greenwood)
  record_difference(case, "cumulative_incidence_difference", paste0("pooled;aalen;", day), pooled$aalen)
  parts <- lapply(split(data, data$stratum), at_day, day = day)
  share <- as.vector(table(data$stratum)) / nrow(data)
  weighted <- function(kind) {
    rbind(Reduce(`+`, Map(function(part, w) w * part[[kind]][1, ], parts, share)),
          Reduce(`+`, Map(function(part, w) w^2 * part[[kind]][2, ], parts, share)))
  }
  record_difference(case, "kaplan_meier_difference", paste0("weighted;plain;", day), weighted("kaplan"))
  record_difference(case, "kaplan_meier_difference", paste0("weighted;log_log;", day), weighted("kaplan"), "log_log")
  record_difference(case, "cumulative_incidence_difference", paste0("weighted;greenwood;", day), weighted("greenwood"))
  record_difference(case, "cumulative_incidence_difference", paste0("weighted;aalen;", day), weighted("aalen"))
}
weights_of <- list(
  "fleming_harrington;0;0" = function(s, peto, n) 1,
  "fleming_harrington;1;0" = function(s, peto, n) s,
  "fleming_harrington;0;1" = function(s, peto, n) 1 - s,
  "fleming_harrington;0.5;2" = function(s, peto, n) sqrt(s) * (1 - s)^2,
  "gehan;0;0" = function(s, peto, n) n,
  "tarone_ware;0;0" = function(s, peto, n) sqrt(n),
  "peto_peto;0;0" = function(s, peto, n) peto,
  "modified_peto_peto;0;0" = function(s, peto, n) peto * n / (n + 1),
  "modest;0.4" = function(s, peto, n) 1 / pmax(s, 0.4)
)
weighted_parts <- function(data) {
  days <- sort(unique(data$time[data$status == 1]))
  do.call(rbind, lapply(days, function(day) {
    n <- sum(data$time >= day)
    n1 <- sum(data$time >= day & data$arm == 1)
    d <- sum(data$time == day & data$status == 1)
    d1 <- sum(data$time == day & data$status == 1 & data$arm == 1)
    data.frame(n, d, u = d1 - d * n1 / n, v = d * n1 / n * (1 - n1 / n) * ifelse(n > 1, (n - d) / (n - 1), 1))
  })) -> parts
  parts$s <- c(1, head(cumprod(1 - parts$d / parts$n), -1))
  parts$peto <- cumprod(1 - parts$d / (parts$n + 1))
  parts
}
weighted <- function(case, data) {
  parts <- do.call(rbind, lapply(split(data, data$stratum), weighted_parts))
  for (option in names(weights_of)) {
    w <- weights_of[[option]](parts$s, parts$peto, parts$n)
    u <- sum(w * parts$u); v <- sum(w^2 * parts$v); slope <- sum(w * parts$v)
    record(case, ifelse(startsWith(option, "modest;"), "modestly_weighted_log_rank", "weighted_log_rank"), option,
           u / slope, sqrt(v) / slope, u / sqrt(v))
  }
  pairs <- list(c(0, 0), c(0, 1), c(1, 0), c(1, 1))[1:ifelse(case %in% c("small", "ties"), 2, 4)]
  w <- sapply(pairs, function(pair) parts$s^pair[1] * (1 - parts$s)^pair[2])
  covariance <- t(w) %*% (parts$v * w)
  z <- colSums(w * parts$u) / sqrt(diag(covariance))
  inside <- pmvnorm(rep(-max(abs(z)), length(z)), rep(max(abs(z)), length(z)), corr = cov2cor(covariance),
                    algorithm = GenzBretz(maxpts = 5e6, abseps = 1e-8))
  record(case, "max_combo", length(pairs), sum(parts$u) / sum(parts$v), 1 / sqrt(sum(parts$v)), 1 - inside)
  for (rho in 0:1) {
    test <- survdiff(Surv(time, status == 1) ~ arm + strata(stratum), data = data, rho = rho)
    at <- expected$case == case & expected$option == paste0("fleming_harrington;", rho, ";0")
    stopifnot(all.equal(expected$statistic[at]^2, test$chisq))
  }
}
restricted_means <- function(data, tau) {
  sapply(0:1, function(a) {
    fit <- survfit(Surv(time, status == 1) ~ 1, data = data[data$arm == a, ])
    row <- summary(fit, rmean = tau)$table
    m <- sum(data$arm == a & data$status == 1 & data$time <= tau)
    c(row[["rmean"]], row[["se(rmean)"]]^2, row[["se(rmean)"]]^2 * m / (m - 1))
  })
}
restricted <- function(case, data, tau) {
  share <- as.vector(table(data$stratum)) / nrow(data)
  parts <- lapply(split(data, data$stratum), restricted_means, tau = tau)
  mean_of <- function(row, power) Reduce(`+`, Map(function(part, w) w^power * part[row, ], parts, share))
  for (strata in c("pooled", "weighted")) for (variance in c("greenwood", "unbiased")) {
    row <- ifelse(variance == "greenwood", 2, 3)
    if (strata == "pooled") {
      means <- restricted_means(data, tau)[1, ]; v <- restricted_means(data, tau)[row, ]
    } else {
      means <- mean_of(1, 1); v <- mean_of(row, 2)
    }
    option <- paste(strata, variance, tau, sep = ";")
    record(case, "rmst_difference", option, diff(means), sqrt(sum(v)), diff(means) / sqrt(sum(v)))
    se <- sqrt(sum(v / means^2))
    record(case, "rmst_ratio", option, diff(log(means)), se, diff(log(means)) / se)
  }
}
subdistribution <- function(case, data) {
  for (rho in 0:1) {
    pooled <- cuminc(data$time, data$status, data$arm, rho = rho, cencode = 0)$Tests["1", "stat"]
    record(case, "gray", paste0("pooled;", rho), NA, NA, sqrt(pooled))
    strata <- cuminc(data$time, data$status, data$arm, data$stratum, rho = rho, cencode = 0)$Tests["1", "stat"]
    record(case, "gray", paste0("stratified;", rho), NA, NA, sqrt(strata))
  }
  fit <- crr(data$time, data$status, data$arm, gtol = 1e-12, maxiter = 50)
  record(case, "fine_gray", "pooled;cmprsk", fit$coef, sqrt(fit$var), fit$coef / sqrt(fit$var))
  data$part <- data$stratum
  data$state <- factor(data$status, 0:2, c("censored", "event", "rival"))
  tight <- coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100)
  pooled <- finegray(Surv(time, state) ~ arm + stratum, data = data, etype = "event")
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ arm, data = pooled, weights = fgwt, ties = "breslow", control = tight)
  record(case, "fine_gray", "pooled;events_first", coef(fit), NA, NA)
  strata <- finegray(Surv(time, state) ~ arm + stratum + strata(part), data = data, etype = "event")
  fit <- coxph(Surv(fgstart, fgstop, fgstatus) ~ arm + strata(stratum), data = strata, weights = fgwt,
               ties = "breslow", control = tight)
  record(case, "fine_gray", "stratified;events_first", coef(fit), NA, NA)
}
robust <- function(case, data) {
  for (ties in c("efron", "breslow")) {
    fit <- coxph(Surv(time, status == 1) ~ arm + strata(stratum), data = data, ties = ties, robust = TRUE,
                 control = coxph.control(eps = 1e-13, toler.chol = 1e-14, iter.max = 100))
    record(case, "cox", ties, coef(fit), sqrt(fit$var), coef(fit) / sqrt(fit$var))
  }
}
curves <- NULL
for (case in c("tiny", "moderate")) {
  data <- subset(trials[[case]], arm == 1)
  for (interval in c("plain", "log", "log-log")) {
    fit <- survfit(Surv(time, status == 1) ~ 1, data = data, conf.type = interval)
    curves <- rbind(curves, data.frame(case, curve = paste0("survival;", sub("-", "_", interval)), time = fit$time,
                                       probability = fit$surv, se = fit$surv * fit$std.err,
                                       low = fit$lower, high = fit$upper))
  }
  fit <- survfit(Surv(time, factor(status, 0:2, c("censored", "event", "rival"))) ~ 1, data = data, conf.type = "plain")
  curves <- rbind(curves, data.frame(case, curve = "incidence;plain", time = fit$time, probability = fit$pstate[, 2],
                                     se = fit$std.err[, 2], low = fit$lower[, 2], high = fit$upper[, 2]))
}
curves[, 4:7] <- lapply(curves[, 4:7], function(x) ifelse(is.finite(x), sprintf("%.15g", x), "NA"))
write.csv(curves, "analysis_curves_expected.csv", row.names = FALSE, quote = FALSE)
for (case in names(trials)) {
  data <- trials[[case]]
  last <- max(data$time)
  weighted(case, data)
  robust(case, data)
  incidence(case, data, last / 2)
  restricted(case, data, round(0.6 * last, 1))
  if (case != "no_competing") subdistribution(case, data)
  if (case != "few_ties" && case != "tiny" && case != "small") incidence(case, data, last)
}
tables <- do.call(rbind, lapply(names(trials), function(case) {
  counts <- aggregate(list(count = rep(1, nrow(trials[[case]]))), trials[[case]], sum)
  cbind(case, counts)
}))
write.csv(tables, "analysis_incidence_tables.csv", row.names = FALSE, quote = FALSE)
expected[, 4:6] <- lapply(expected[, 4:6], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_incidence_expected.csv", row.names = FALSE, quote = FALSE)
