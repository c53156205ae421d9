# Pairwise meta-analysis by metafor (3.8) on published data: BCG vaccine against tuberculosis (dat.bcg), diuretics against
# pre-eclampsia (dat.collins1985b), and a table with zero cells.
# Run in this directory: Rscript make_synthesis_pairwise.R
# Writes synthesis_pairwise_tables.csv and synthesis_pairwise_expected.csv.
library(metafor)

bcg <- dat.bcg
collins <- dat.collins1985b
sparse <- data.frame(ai = c(0, 3, 0, 8, 1, 0), n1 = c(40, 60, 25, 90, 30, 30), ci = c(4, 9, 1, 11, 0, 0), n2 = c(42, 55, 25, 88, 31, 29))
tables <- rbind(
  data.frame(case = "bcg", label = bcg$author, first_events = bcg$tpos, first_n = bcg$tpos + bcg$tneg,
             second_events = bcg$cpos, second_n = bcg$cpos + bcg$cneg),
  data.frame(case = "pre_eclampsia", label = collins$author, first_events = collins$pre.xti, first_n = collins$pre.nti,
             second_events = collins$pre.xci, second_n = collins$pre.nci),
  data.frame(case = "sparse", label = paste0("trial", 1:6), first_events = sparse$ai, first_n = sparse$n1,
             second_events = sparse$ci, second_n = sparse$n2)
)
tables <- tables[complete.cases(tables), ]
tables$label <- make.unique(as.character(tables$label))
write.csv(tables, "synthesis_pairwise_tables.csv", row.names = FALSE)

expected <- NULL
put <- function(case, measure, method, quantity, value) {
  expected <<- rbind(expected, data.frame(case, measure, method, quantity, value = sprintf("%.15g", as.numeric(value))))
}
estimators <- c(fixed = "FE", dersimonian_laird = "DL", paule_mandel = "PM", ml = "ML", reml = "REML")
control <- list(tau2.max = 1e6, maxiter = 10000, threshold = 1e-13, tol = 1e-13)

for (case in unique(tables$case)) {
  rows <- tables[tables$case == case, ]
  for (measure in c("OR", "RR", "RD")) {
    drop <- measure != "RD"
    es <- escalc(measure, ai = first_events, n1i = first_n, ci = second_events, n2i = second_n, data = rows, drop00 = drop)
    es <- es[!is.na(es$yi), ]
    name <- c(OR = "odds_ratio", RR = "risk_ratio", RD = "risk_difference")[[measure]]
    put(case, name, "trial", paste0("effect:", es$label), es$yi)
    put(case, name, "trial", paste0("variance:", es$label), es$vi)
    for (method in names(estimators)) {
      fit <- rma(yi, vi, data = es, method = estimators[[method]], control = control)
      put(case, name, method, c("estimate", "se", "tau2", "q"), c(fit$b, fit$se, fit$tau2, fit$QE))
      put(case, name, method, c("lower", "upper"), c(fit$ci.lb, fit$ci.ub))
      if (method == "fixed") next
      pi <- predict(fit)
      put(case, name, method, c("prediction_lower", "prediction_upper"), c(pi$pi.lb, pi$pi.ub))
      for (test in c("knha", "adhoc")) {
        hk <- rma(yi, vi, data = es, method = estimators[[method]], test = test, control = control)
        hp <- predict(hk)
        put(case, name, method, paste(test, c("se", "lower", "upper", "p", "prediction_lower", "prediction_upper")),
            c(hk$se, hk$ci.lb, hk$ci.ub, hk$pval, hp$pi.lb, hp$pi.ub))
      }
    }
    fit <- rma(yi, vi, data = es, method = "DL")
    profile <- confint(fit, control = list(tol = 1e-12, maxiter = 10000, tau2.max = 1e4))$random["tau^2", ]
    put(case, name, "q_profile", c("lower", "upper"), profile[2:3])
    mh <- rma.mh(measure = measure, ai = first_events, n1i = first_n, ci = second_events, n2i = second_n, data = rows,
                 correct = FALSE, add = c(0.5, 0), to = c("only0", "none"))
    put(case, name, "mantel_haenszel", c("estimate", "se", "lower", "upper"), c(mh$b, mh$se, mh$ci.lb, mh$ci.ub))
  }
  peto <- rma.peto(ai = first_events, n1i = first_n, ci = second_events, n2i = second_n, data = rows, add = c(0.5, 0), to = c("only0", "none"))
  put(case, "odds_ratio", "peto", c("estimate", "se", "lower", "upper"), c(peto$b, peto$se, peto$ci.lb, peto$ci.ub))
}
write.csv(expected, "synthesis_pairwise_expected.csv", row.names = FALSE)
