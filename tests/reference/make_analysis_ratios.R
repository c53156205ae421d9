# Risk ratios and odds ratios of the trials in analysis_ordinal_tables.csv; the event is a rank in the best half.
# Run in this directory: Rscript make_analysis_ratios.R
# metafor for Mantel-Haenszel and Woolf, glm profile under an offset for score tests. Writes analysis_ratios_expected.csv.
suppressMessages(library(metafor))
tables <- read.csv("analysis_ordinal_tables.csv")
expected <- NULL
record <- function(case, method, option, estimate, se, statistic) {
  expected <<- rbind(expected, data.frame(case, method, option, estimate, se, statistic))
}

# Score statistic at a ratio from the likelihood maximised numerically under it.
score <- function(x, n, restrict, statistic) {
  loglik <- function(logit) {
    p0 <- plogis(logit)
    p <- c(restrict(p0), p0)
    if (any(p <= 0 | p >= 1)) return(-1e10)
    sum(dbinom(x, n, p, log = TRUE))
  }
  start <- optimize(loglik, c(-12, 12), maximum = TRUE, tol = 1e-12)$maximum
  h <- 1e-5
  for (i in 1:20) {
    slope <- (loglik(start + h) - loglik(start - h)) / (2 * h)
    start <- start + slope / sum(n) * 4
  }
  p0 <- plogis(start)
  statistic(c(restrict(p0), p0))
}

for (case in unique(tables$case)) {
  trial <- tables[tables$case == case, ]
  trial$event <- trial$rank <= max(trial$rank) / 2
  cells <- aggregate(cbind(x = count * event, n = count) ~ arm + stratum, trial, sum)
  x <- c(sum(cells$x[cells$arm == 1]), sum(cells$x[cells$arm == 0]))
  n <- c(sum(cells$n[cells$arm == 1]), sum(cells$n[cells$arm == 0]))
  two <- names(which(table(cells$stratum) == 2))
  cells <- cells[cells$stratum %in% two, ]
  a <- cells[cells$arm == 1, ]
  r <- cells[cells$arm == 0, ]
  for (measure in c("RR", "OR")) {
    name <- c(RR = "risk_ratio", OR = "odds_ratio")[[measure]]
    if (min(x, n - x) > 0) {
      plain <- escalc(measure, ai = x[1], n1i = n[1], ci = x[2], n2i = n[2], add = 0)
      record(case, name, "wald", plain$yi[[1]], sqrt(plain$vi[[1]]), plain$yi[[1]] / sqrt(plain$vi[[1]]))
      margin <- 0.8
      if (measure == "RR") {
        z <- score(x, n, function(p0) margin * p0, function(p) {
          (x[1] / n[1] - margin * x[2] / n[2]) / sqrt(p[1] * (1 - p[1]) / n[1] + margin^2 * p[2] * (1 - p[2]) / n[2])
        })
      } else {
        fit <- glm(cbind(x, n - x) ~ 1, binomial, offset = c(log(margin), 0), control = list(epsilon = 1e-14))
        p <- fitted(fit)
        z <- (x[1] - n[1] * p[[1]]) * sqrt(sum(1 / (n * p * (1 - p))))
      }
      record(case, name, "pooled at 0.8", plain$yi[[1]], sqrt(plain$vi[[1]]), z)
    }
    mh <- rma.mh(measure = measure, ai = a$x, n1i = a$n, ci = r$x, n2i = r$n, add = 0, to = "none",
                 drop00 = FALSE, correct = FALSE)
    record(case, paste0(name, "_mh"), "wald", mh$beta[[1]], mh$se, mh$zval)
    if (nrow(a) > 1) {
      counts <- array(rbind(a$x, r$x, a$n - a$x, r$n - r$x), c(2, 2, nrow(a)))
      test <- mantelhaen.test(counts, correct = FALSE)
      record(case, paste0(name, "_mh"), "cmh", mh$beta[[1]], mh$se,
             sign(mh$beta[[1]]) * sqrt(test$statistic[[1]]))
      stopifnot(all.equal(unname(test$estimate), if (measure == "OR") exp(mh$beta[[1]]) else unname(test$estimate)))
    }
  }
}
expected[, 4:6] <- lapply(expected[, 4:6], function(x) sprintf("%.15g", x))
write.csv(expected, "analysis_ratios_expected.csv", row.names = FALSE, quote = FALSE)
