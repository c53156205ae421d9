# Spread between trials and pooled effects by metafor (3.8): the BCG trials by way of allocation, and the outcomes that ship
# (synthesis_outcomes_data.csv: log ratio and standard error of every trial as the synthesis reads them from the catalogue).
# The posterior of tau is integrated by base R.
# Run in this directory: Rscript make_synthesis_outcomes.R
# Writes synthesis_outcomes_expected.csv.
library(metafor)

bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
data <- read.csv("synthesis_outcomes_data.csv")
data <- data[data$outcome != "bcg", ]
data <- rbind(
  data.frame(outcome = "bcg", study = paste(bcg$author, bcg$year), class = bcg$alloc, y = as.numeric(bcg$yi), se = sqrt(bcg$vi)),
  data
)
data$y <- sprintf("%.15g", as.numeric(data$y)); data$se <- sprintf("%.15g", as.numeric(data$se))
write.csv(data, "synthesis_outcomes_data.csv", row.names = FALSE)
data <- read.csv("synthesis_outcomes_data.csv")

expected <- NULL
put <- function(outcome, class, quantity, value) {
  expected <<- rbind(expected, data.frame(outcome, class, quantity, value = sprintf("%.12g", as.numeric(value))))
}
control <- list(tau2.max = 1e6, maxiter = 10000, threshold = 1e-13, tol = 1e-13)

indicators <- function(class) sapply(unique(class), function(name) as.numeric(class == name))

# Density of tau given the data: class means with prior N(0, 1), tau half-normal with scale 0.25.
posterior_of_tau <- function(y, v, class) {
  x <- indicators(class)
  log_likelihood <- function(tau) {
    s <- diag(v + tau^2, length(y)) + x %*% t(x)
    -0.5 * (determinant(s)$modulus + t(y) %*% solve(s, y))
  }
  unscaled <- function(tau) sapply(tau, function(t) log_likelihood(t) + dnorm(t, 0, 0.25, log = TRUE))
  peak <- max(unscaled(seq(0, 1.5, 0.01)))
  density <- function(tau) exp(unscaled(tau) - peak)
  total <- integrate(density, 0, 3, rel.tol = 1e-10, subdivisions = 2000)$value
  below <- function(tau) integrate(density, 0, tau, rel.tol = 1e-10, subdivisions = 2000)$value / total
  sapply(c(0.025, 0.5, 0.975), function(p) uniroot(function(t) below(t) - p, c(1e-6, 2.9), tol = 1e-10)$root)
}

for (outcome in unique(data$outcome)) {
  all <- data[data$outcome == outcome, ]
  for (class in c("all", unique(all$class))) {
    rows <- if (class == "all") all else all[all$class == class, ]
    levels <- length(unique(rows$class))
    if (nrow(rows) - levels < 1) next
    x <- indicators(rows$class)
    fit <- rma(y, se^2, mods = x, intercept = FALSE, data = rows, method = "REML", control = control)
    limits <- confint(fit, control = list(tau2.max = 1e4, tol = 1e-12))$random["tau^2", ]
    put(outcome, class, c("tau2", "tau2_lower", "tau2_upper", "q"), c(limits, fit$QE))
    put(outcome, class, c("tau_low", "tau_median", "tau_high"), posterior_of_tau(rows$y, rows$se^2, rows$class))
    if (levels == 1) {
      fixed <- rma(y, se^2, data = rows, method = "FE")
      hartung_knapp <- rma(y, se^2, data = rows, method = "REML", test = "knha", control = control)
      put(outcome, class, c("fixed", "fixed_se"), c(fixed$b, fixed$se))
      put(outcome, class, c("reml", "knha_lower", "knha_upper"), c(hartung_knapp$b, hartung_knapp$ci.lb, hartung_knapp$ci.ub))
    }
  }
}
write.csv(expected, "synthesis_outcomes_expected.csv", row.names = FALSE)
