# Random ordinal trials by arm and stratum, analysed by polr, wilcox.test, mantelhaen.test, prop.test and rank formulas.
# Run in this directory: Rscript make_analysis_ordinal.R
# The event of the risk differences is a rank in the best half of the ranks.
# Writes analysis_ordinal_tables.csv (counts; rank 1 = best) and analysis_ordinal_expected.csv.
library(MASS)
set.seed(20210312)

trial <- function(n, strata, ranks, log_odds_ratio, spread = 1.5, share = 0.5, unused = integer(0), one_arm = integer(0)) {
  stratum <- sample(strata, n, replace = TRUE)
  arm <- ifelse(stratum %in% one_arm, 1, rbinom(n, 1, share))
  latent <- rlogis(n) - log_odds_ratio * arm + 0.6 * (stratum - 1)
  rank <- as.integer(cut(latent, c(-Inf, seq(-spread, spread + 0.6, length.out = ranks - 1), Inf)))
  rank[rank %in% unused] <- ranks
  data.frame(stratum, arm, rank)
}

trials <- list(
  tiny = trial(20, 1, 3, 0.3),
  tiny_strata = trial(40, 2, 4, 0.5),
  binary = trial(200, 3, 2, 0.4, spread = 0.5),
  small = trial(90, 2, 6, 0.6),
  actt_like = trial(1000, 4, 8, 0.25, spread = 2),
  unused_middle = trial(300, 3, 8, 0.3, unused = c(3, 4)),
  one_arm_stratum = trial(400, 3, 5, -0.4, one_arm = 2),
  unbalanced = trial(600, 4, 7, 0.2, share = 0.8),
  strong = trial(500, 2, 5, 2.5),
  many_ranks = trial(700, 3, 40, 0.3, spread = 3),
  many_strata = trial(900, 12, 5, 0.3, spread = 3),
  large = trial(10000, 4, 8, 0.05, spread = 2)
)

expected <- NULL
record <- function(case, method, option, estimate, se, statistic) {
  expected <<- rbind(expected, data.frame(case, method, option, estimate, se, statistic))
}

# polr stops at a relative change of its deviance, so its likelihood is maximised further by Newton's method, with
# the Hessian from Richardson-extrapolated central differences of the gradient; polr's own numbers must be close.
proportional_odds <- function(data) {
  data$worst_first <- factor(-data$rank, ordered = TRUE)
  data$stratum <- factor(data$stratum)
  strata <- nlevels(data$stratum)
  formula <- if (strata > 1) worst_first ~ arm + stratum else worst_first ~ arm
  if (nlevels(data$worst_first) > 2) {
    fit <- polr(formula, data = data, Hess = TRUE, control = list(reltol = 1e-15, maxit = 2000))
    start <- c(coef(fit), fit$zeta)
  } else {
    fit <- glm(update(formula, as.integer(worst_first) - 1 ~ .), binomial, data)
    start <- c(coef(fit)[-1], -coef(fit)[1])
  }
  x <- model.matrix(formula, data)[, -1, drop = FALSE]
  y <- as.integer(data$worst_first)
  p <- ncol(x)
  m <- max(y) - 1
  gradient <- function(b) {
    eta <- drop(x %*% b[1:p])
    cuts <- c(-Inf, b[p + 1:m], Inf)
    upper <- cuts[y + 1] - eta
    lower <- cuts[y] - eta
    probability <- plogis(upper) - plogis(lower)
    g_upper <- dlogis(upper) / probability
    g_lower <- dlogis(lower) / probability
    per_cut <- sapply(1:m, function(j) sum(g_upper[y == j]) - sum(g_lower[y == j + 1]))
    c(-colSums(x * (g_upper - g_lower)), per_cut)
  }
  hessian <- function(b) {
    difference <- function(h) sapply(seq_along(b), function(j) {
      e <- replace(numeric(length(b)), j, h)
      (gradient(b + e) - gradient(b - e)) / (2 * h)
    })
    (4 * difference(5e-4) - difference(1e-3)) / 3
  }
  b <- start
  for (i in 1:4) b <- b - solve(hessian(b), gradient(b))
  se <- sqrt(diag(solve(-hessian(b))))
  stopifnot(max(abs(gradient(b))) < 1e-8, abs(b[1] - start[1]) < 1e-3,
            abs(se[1] / sqrt(vcov(fit)["arm", "arm"]) - 1) < 1e-3)
  c(b[[1]], se[[1]])
}

# Win probability and its variances from midranks (Brunner and Munzel 2000) and from all pairs.
wins <- function(data) {
  better <- -data$rank
  a <- better[data$arm == 1]
  r <- better[data$arm == 0]
  all_ranks <- rank(c(a, r))
  ia <- seq_along(a)
  p <- (mean(all_ranks[ia]) - (length(a) + 1) / 2) / length(r)
  placement_a <- (all_ranks[ia] - rank(a)) / length(r)
  placement_r <- (all_ranks[-ia] - rank(r)) / length(a)
  n <- length(a) + length(r)
  list(n1 = length(a), n0 = length(r), n = n, p = p,
       brunner_munzel = var(placement_a) / length(a) + var(placement_r) / length(r))
}
unbiased_variance <- function(data) {
  better <- -data$rank
  phi <- outer(better[data$arm == 1], better[data$arm == 0], function(a, r) (a > r) + (a == r) / 2)
  apart <- sum(phi)^2 - sum(rowSums(phi)^2) - sum(colSums(phi)^2) + sum(phi^2)
  mean(phi)^2 - apart / (length(phi) * (nrow(phi) - 1) * (ncol(phi) - 1))
}

for (case in names(trials)) {
  data <- trials[[case]]
  data$event <- as.integer(data$rank <= max(data$rank) / 2)
  po <- proportional_odds(data)
  record(case, "proportional_odds", "", po[1], po[2], po[1] / po[2])

  test <- wilcox.test(-rank ~ factor(arm, levels = 1:0), data = data, exact = FALSE, correct = FALSE)
  w <- wins(data)
  p <- test$statistic[[1]] / (w$n1 * w$n0)
  stopifnot(all.equal(p, w$p))
  z <- sign(p - 0.5) * -qnorm(log(test$p.value / 2), log.p = TRUE)
  record(case, "wilcoxon", "brunner_munzel", p, sqrt(w$brunner_munzel), z)
  if (nrow(data) <= 1000) record(case, "wilcoxon", "unbiased", p, sqrt(unbiased_variance(data)), z)

  # van Elteren: rank sums weighted by 1/(n + 1); Cochran-Mantel-Haenszel row mean scores with modified ridit scores.
  by_stratum <- split(data, data$stratum)
  two_arms <- sapply(by_stratum, function(d) min(sum(d$arm), sum(1 - d$arm)) > 1)
  both <- by_stratum[two_arms]
  parts <- sapply(both, function(d) {
    ridit <- rank(-d$rank) / (nrow(d) + 1)
    n1 <- sum(d$arm)
    n0 <- nrow(d) - n1
    w <- wins(d)
    weight <- n1 * n0 / (nrow(d) + 1)
    c(score = sum(ridit[d$arm == 1]) - n1 * mean(ridit), variance = n1 * n0 / nrow(d) * var(ridit),
      weight = weight, p = weight * w$p, of_p = weight^2 * w$brunner_munzel)
  })
  total <- rowSums(parts)
  record(case, "van_elteren", "brunner_munzel", total[["p"]] / total[["weight"]],
         sqrt(total[["of_p"]]) / total[["weight"]], total[["score"]] / sqrt(total[["variance"]]))

  x <- tapply(data$event, data$arm, sum)[c("1", "0")]
  n <- table(data$arm)[c("1", "0")]
  proportions <- prop.test(x, n, correct = FALSE)
  difference <- diff(rev(proportions$estimate))[[1]]
  se <- diff(proportions$conf.int) / (2 * qnorm(0.975))
  if (max(abs(proportions$conf.int)) == 1) se <- NA
  record(case, "risk_difference", "pooled", difference, se, sign(difference) * sqrt(proportions$statistic[[1]]))
  data2 <- do.call(rbind, both)
  counts <- table(factor(data2$arm, levels = 1:0), factor(data2$event, levels = 1:0), data2$stratum)
  n1 <- counts[1, 1, ] + counts[1, 2, ]
  n0 <- counts[2, 1, ] + counts[2, 2, ]
  common <- sum((counts[1, 1, ] * n0 - counts[2, 1, ] * n1) / (n1 + n0)) / sum(n1 * n0 / (n1 + n0))
  excess <- sum(counts[1, 1, ] - (counts[1, 1, ] + counts[2, 1, ]) * n1 / (n1 + n0))
  chisq <- if (dim(counts)[3] > 1) mantelhaen.test(counts, correct = FALSE)$statistic[[1]] else
    (n1 + n0 - 1) / (n1 + n0) * chisq.test(counts[, , 1], correct = FALSE)$statistic[[1]]
  record(case, "risk_difference_mh", "cmh", common, NA, sign(excess) * sqrt(chisq))
}
tables <- do.call(rbind, lapply(names(trials), function(case) {
  counts <- aggregate(list(count = rep(1, nrow(trials[[case]]))), trials[[case]], sum)
  cbind(case, counts)
}))
write.csv(tables, "analysis_ordinal_tables.csv", row.names = FALSE, quote = FALSE)
expected[, 4:6] <- lapply(expected[, 4:6], function(x) ifelse(is.na(x), "", sprintf("%.15g", x)))
write.csv(expected, "analysis_ordinal_expected.csv", row.names = FALSE, quote = FALSE)
