# Partial proportional odds by VGAM::vglm with constraint matrices, on the trials of make_analysis_ordinal.R.
# Run in this directory: Rscript make_partial_proportional_odds.R
# Writes partial_odds_expected.csv: log odds ratio of each cut-point and their standard errors, likelihood ratio and
# score chi-squared of proportionality. VGAM's standard errors are from the expected information; those written here, and
# the score test, are from the observed one, by numerical derivatives of the gradient at VGAM's estimates.
suppressMessages(library(VGAM))
counts <- read.csv("analysis_ordinal_tables.csv")
cases <- c("small", "actt_like", "unused_middle", "one_arm_stratum", "unbalanced", "large")
shapes <- list(
  all = function(m) diag(m),
  linear = function(m) cbind(1, seq_len(m) - 1),
  "2" = function(m) cbind(1, seq_len(m) == 2),
  "1,3" = function(m) cbind(1, seq_len(m) == 1, seq_len(m) == 3)
)

model <- function(data, basis) {
  m <- nlevels(data$rank) - 1
  p <- m + ncol(basis)
  dummies <- if (nlevels(data$stratum) > 1) model.matrix(~ stratum, data)[, -1, drop = FALSE] else matrix(0, nrow(data), 0)
  y <- as.integer(data$rank)
  gradient <- function(b) {
    shift <- drop(dummies %*% b[-seq_len(p)])
    at <- outer(rep(1, nrow(data)), b[1:m]) + outer(data$arm, drop(basis %*% b[(m + 1):p])) + shift
    upper <- cbind(at, Inf)[cbind(seq_along(y), y)]
    lower <- cbind(-Inf, at)[cbind(seq_along(y), y)]
    probability <- plogis(upper) - plogis(lower)
    u <- data$count * dlogis(upper) / probability
    l <- data$count * dlogis(lower) / probability
    d <- matrix(0, length(y), m + 1)
    d[cbind(seq_along(y), y)] <- u
    below <- y > 1
    d[cbind(which(below), y[below] - 1)] <- -l[below]
    d <- d[, seq_len(m), drop = FALSE]
    c(colSums(d), drop(crossprod(basis, colSums(d * data$arm))), drop(crossprod(dummies, rowSums(d))))
  }
  hessian <- function(b) {
    difference <- function(h) sapply(seq_along(b), function(j) {
      e <- replace(numeric(length(b)), j, h)
      (gradient(b + e) - gradient(b - e)) / (2 * h)
    })
    found <- (4 * difference(5e-4) - difference(1e-3)) / 3
    (found + t(found)) / 2
  }
  list(gradient = gradient, hessian = hessian, m = m, p = p)
}

fitted_by_vgam <- function(data, basis) {
  m <- nlevels(data$rank) - 1
  constraints <- list("(Intercept)" = diag(m), arm = basis, stratum = matrix(1, m, 1))
  formula <- rank ~ arm + stratum
  vglm(formula, cumulative(link = "logitlink"), data, weights = count, constraints = constraints,
       control = vglm.control(epsilon = 1e-11, maxit = 200, criterion = "coefficients"))
}

expected <- NULL
for (case in cases) {
  data <- counts[counts$case == case, ]
  data$rank <- factor(data$rank, ordered = TRUE)
  data$stratum <- factor(data$stratum)
  m <- nlevels(data$rank) - 1
  null <- fitted_by_vgam(data, matrix(1, m, 1))
  b0 <- coef(null)
  for (shape in names(shapes)) {
    basis <- shapes[[shape]](m)
    fit <- fitted_by_vgam(data, basis)
    parts <- model(data, basis)
    b <- coef(fit)
    covariance <- solve(-parts$hessian(b))
    stopifnot(max(abs(covariance %*% parts$gradient(b))) < 1e-8)
    treatment <- (m + 1):parts$p
    delta <- drop(basis %*% b[treatment])
    se <- sqrt(diag(basis %*% covariance[treatment, treatment] %*% t(basis)))
    of_vgam <- sqrt(diag(basis %*% vcov(fit)[treatment, treatment] %*% t(basis)))
    stopifnot(max(abs(se / of_vgam - 1)) < 0.1)
    at_null <- c(b0[1:m], if (shape == "all") rep(b0[m + 1], m) else c(b0[m + 1], numeric(ncol(basis) - 1)), b0[-(1:(m + 1))])
    u <- parts$gradient(at_null)
    score <- drop(u %*% solve(-parts$hessian(at_null), u))
    ratio <- 2 * (logLik(fit) - logLik(null))
    expected <- rbind(expected, data.frame(
      case, free = shape, cut = seq_len(m), estimate = sprintf("%.15g", delta), se = sprintf("%.12g", se),
      common = sprintf("%.15g", b0[[m + 1]]), likelihood_ratio = sprintf("%.12g", ratio), score = sprintf("%.12g", score),
      df = ncol(basis) - 1
    ))
  }
}
expected$free <- paste0('"', expected$free, '"')
write.csv(expected, "partial_odds_expected.csv", row.names = FALSE, quote = FALSE)
