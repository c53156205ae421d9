# Win ratio, win odds and net benefit of the trials in analysis_ordinal_tables.csv, from the matrix of all pairs.
# Run in this directory: Rscript make_analysis_wins.R
# Variances are those of two-sample U-statistics, from var() of the rows' and columns' mean wins and losses.
# Writes analysis_wins_expected.csv; option is the weighting of the strata.
tables <- read.csv("analysis_ordinal_tables.csv")
expected <- NULL
record <- function(case, method, option, estimate, variance) {
  expected <<- rbind(expected, data.frame(case, method, option, estimate = estimate, se = sqrt(variance)))
}

parts <- function(d) {
  d <- d[rep(seq_len(nrow(d)), d$count), ]
  a <- d$rank[d$arm == 1]
  r <- d$rank[d$arm == 0]
  wins <- outer(a, r, "<") * 1
  losses <- outer(a, r, ">") * 1
  covariance <- cov(cbind(rowMeans(wins), rowMeans(losses))) / length(a) +
    cov(cbind(colMeans(wins), colMeans(losses))) / length(r)
  list(n1 = length(a), n0 = length(r), share = c(mean(wins), mean(losses)), covariance = covariance)
}

for (case in unique(tables$case)) {
  trial <- tables[tables$case == case, ]
  if (sum(trial$count) > 1000) next
  by_stratum <- split(trial, trial$stratum)
  sizes <- sapply(by_stratum, function(d) min(tapply(d$count, factor(d$arm, 0:1), sum, default = 0)))
  if (any(sizes == 1)) next
  strata <- lapply(by_stratum[sizes > 1], parts)
  for (weighting in c("mantel_haenszel", "size", "equal", "pooled")) {
    use <- if (weighting == "pooled") list(parts(trial)) else strata
    weight <- sapply(use, function(p) switch(weighting, mantel_haenszel = p$n1 * p$n0 / (p$n1 + p$n0),
                                             size = p$n1 + p$n0, 1))
    weight <- weight / sum(weight)
    share <- Reduce(`+`, Map(function(w, p) w * p$share, weight, use))
    covariance <- Reduce(`+`, Map(function(w, p) w^2 * p$covariance, weight, use))
    delta <- function(gradient) drop(gradient %*% covariance %*% gradient)
    net <- share[1] - share[2]
    record(case, "win_ratio", weighting, log(share[1] / share[2]), delta(c(1, -1) / share))
    record(case, "win_odds", weighting, log((1 + net) / (1 - net)), delta(c(1, -1) * 2 / (1 - net^2)))
    record(case, "net_benefit", weighting, net, delta(c(1, -1)))
  }
}
expected[, 4:5] <- lapply(expected[, 4:5], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_wins_expected.csv", row.names = FALSE, quote = FALSE)
