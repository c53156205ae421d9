# Network meta-analysis by R's netmeta (1.2) and metafor (3.8): glucose-lowering agents (Senn et al. 2013) and smoking
# cessation (Hasselblad 1998), both with multi-arm trials.
# Run in this directory: Rscript make_synthesis_network.R
# Writes synthesis_network_contrasts.csv, synthesis_network_arms.csv, synthesis_network_expected.csv.
library(netmeta)

data(Senn2013); data(smokingcessation)
contrasts <- data.frame(study = Senn2013$studlab, first = Senn2013$treat1, second = Senn2013$treat2,
                        effect = Senn2013$TE, se = Senn2013$seTE)
write.csv(contrasts, "synthesis_network_contrasts.csv", row.names = FALSE)
arms <- NULL
for (i in seq_len(nrow(smokingcessation))) for (j in 1:3) {
  row <- smokingcessation[i, paste0(c("treat", "event", "n"), j)]
  if (!is.na(row[[2]]) && as.character(row[[1]]) != "") {
    arms <- rbind(arms, data.frame(study = i, treatment = as.character(row[[1]]), events = row[[2]], n = row[[3]]))
  }
}
write.csv(arms, "synthesis_network_arms.csv", row.names = FALSE)
# Half an event is added to all cells of a trial with a zero cell, and to no other trial.
zero <- tapply(arms$events == 0 | arms$events == arms$n, arms$study, any)
add <- ifelse(zero[as.character(arms$study)], 0.5, 0)
pairs <- NULL
for (s in unique(arms$study)) {
  rows <- which(arms$study == s)
  a <- arms$events[rows] + add[rows]; b <- arms$n[rows] - arms$events[rows] + add[rows]
  for (i in seq_along(rows)) for (j in seq_along(rows)) if (i < j) {
    pairs <- rbind(pairs, data.frame(study = s, first = arms$treatment[rows[i]], second = arms$treatment[rows[j]],
      effect = log(a[i] / b[i]) - log(a[j] / b[j]), se = sqrt(1 / a[i] + 1 / b[i] + 1 / a[j] + 1 / b[j])))
  }
}

expected <- NULL
put <- function(case, method, first, second, quantity, value) {
  expected <<- rbind(expected, data.frame(case, method, first, second, quantity, value = sprintf("%.12g", as.numeric(value))))
}
network <- function(case, pairs, reference, small) {
  net <- netmeta(effect, se, first, second, study, data = pairs, reference.group = reference, tol.multiarm = 0.01)
  for (a in net$trts) for (b in net$trts) if (a < b) {
    put(case, "fixed", a, b, c("estimate", "se"), c(net$TE.fixed[a, b], net$seTE.fixed[a, b]))
    put(case, "dersimonian_laird", a, b, c("estimate", "se"), c(net$TE.random[a, b], net$seTE.random[a, b]))
  }
  put(case, "dersimonian_laird", "", "", c("tau2", "q", "q_df", "i2"), c(net$tau^2, net$Q, net$df.Q, net$I2))
  parts <- decomp.design(net)
  for (i in 1:3) put(case, "decomposition", rownames(parts$Q.decomp)[i], "", c("q", "df", "p"), parts$Q.decomp[i, c("Q", "df", "pval")])
  inc <- parts$Q.inc.random
  put(case, "decomposition", "Between designs, random", "", c("q", "df", "p", "tau2"), c(inc$Q, inc$df, inc$pval, inc$tau.within^2))
  rank <- netrank(net, small.values = small)
  put(case, "p_score", names(rank$Pscore.random), "", "random", rank$Pscore.random)
  put(case, "p_score", names(rank$Pscore.fixed), "", "fixed", rank$Pscore.fixed)
  sides <- netsplit(net)
  multi <- names(which(table(pairs$study) > 1))
  inside <- unique(unlist(lapply(multi, function(s) { t <- unique(c(pairs$first[pairs$study == s], pairs$second[pairs$study == s])); apply(combn(sort(t), 2), 2, paste, collapse = ":") })))
  for (i in seq_along(sides$comparison)) {
    name <- sides$comparison[i]
    both <- strsplit(name, ":")[[1]]
    if (name %in% inside || paste(rev(both), collapse = ":") %in% inside) next
    if (is.na(sides$direct.random$TE[i]) || is.na(sides$indirect.random$TE[i])) next
    put(case, "split", both[1], both[2], c("direct", "direct_se", "indirect", "indirect_se", "p"),
        c(sides$direct.random$TE[i], sides$direct.random$seTE[i], sides$indirect.random$TE[i], sides$indirect.random$seTE[i], sides$compare.random$p[i]))
  }
}
network("senn", contrasts, "plac", "good")
network("smoking", pairs, "A", "bad")

# Restricted maximum likelihood by metafor.
reml <- function(case, blocks, reference) {
  y <- unlist(lapply(blocks, `[[`, "y"))
  V <- metafor::bldiag(lapply(blocks, `[[`, "V"))
  first <- unlist(lapply(blocks, `[[`, "first")); base <- unlist(lapply(blocks, `[[`, "base"))
  study <- rep(seq_along(blocks), sapply(blocks, function(b) length(b$y)))
  contrast <- unlist(lapply(blocks, function(b) seq_along(b$y)))
  others <- setdiff(sort(unique(c(first, base))), reference)
  X <- sapply(others, function(t) (first == t) - (base == t))
  fit <- metafor::rma.mv(y, V, mods = X, intercept = FALSE, random = ~ factor(contrast) | factor(study), rho = 0.5, method = "REML",
                         control = list(optimizer = "optim", reltol = 1e-16, maxit = 5000))
  put(case, "reml", others, reference, "estimate", fit$b)
  put(case, "reml", others, reference, "se", fit$se)
  put(case, "reml", "", "", "tau2", fit$tau2)
}
events <- function(rows, add) {
  a <- rows$events + add; b <- rows$n - rows$events + add
  y <- log(a / b); v <- 1 / a + 1 / b
  list(y = y[-1] - y[1], V = diag(v[-1], length(v) - 1) + v[1], first = rows$treatment[-1], base = rep(rows$treatment[1], length(y) - 1))
}
reml("smoking", lapply(split(arms, arms$study), function(d) events(d, 0.5 * any(d$events == 0))), "A")
write.csv(expected, "synthesis_network_expected.csv", row.names = FALSE)
