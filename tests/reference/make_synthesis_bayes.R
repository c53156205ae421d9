# Bayesian meta-analysis and meta-regression by R's bayesmeta (3.4): Crins et al. (2014, acute rejection), Rubin (1981,
# eight schools), and a meta-regression of the BCG trials (metadat's dat.bcg) on latitude.
# Run in this directory: Rscript make_synthesis_bayes.R
# Writes synthesis_bayes_data.csv and synthesis_bayes_expected.csv.
library(bayesmeta)

data("CrinsEtAl2014"); data("Rubin1981")
crins <- escalc("OR", ai = exp.AR.events, n1i = exp.total, ci = cont.AR.events, n2i = cont.total, slab = publication, data = CrinsEtAl2014)
bcg <- escalc("RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
data <- rbind(
  data.frame(case = "crins", label = crins$publication, y = as.numeric(crins$yi), se = sqrt(crins$vi), x = 0),
  data.frame(case = "schools", label = Rubin1981$school, y = Rubin1981$effect, se = Rubin1981$stderr, x = 0),
  data.frame(case = "bcg", label = paste(bcg$author, bcg$year), y = as.numeric(bcg$yi), se = sqrt(bcg$vi), x = bcg$ablat - 33)
)
data$y <- sprintf("%.15g", data$y); data$se <- sprintf("%.15g", data$se)
write.csv(data, "synthesis_bayes_data.csv", row.names = FALSE)
data <- read.csv("synthesis_bayes_data.csv")

expected <- NULL
put <- function(case, prior, parameter, quantity, value) {
  expected <<- rbind(expected, data.frame(case, prior, parameter, quantity, value = sprintf("%.12g", as.numeric(value))))
}
quantities <- c("median", "mean", "sd", "95% lower", "95% upper")
fits <- list(
  list("crins", "half_normal", 0.5, 0, 4), list("crins", "half_cauchy", 0.5, 0, 4), list("crins", "half_normal", 0.5, NA, NA),
  list("schools", "half_cauchy", 25, 0, 50), list("schools", "half_normal", 10, NA, NA)
)
density <- function(kind, scale) {
  if (kind == "half_normal") function(t) dhalfnormal(t, scale = scale) else function(t) dhalfcauchy(t, scale = scale)
}
accuracy <- list(rel.tol.integrate = 1e-11, delta = 0.0002, epsilon = 1e-7)
for (fit in fits) {
  rows <- data[data$case == fit[[1]], ]
  name <- paste(fit[[2]], fit[[3]], fit[[4]], fit[[5]])
  made <- do.call(bayesmeta, c(list(y = rows$y, sigma = rows$se, labels = rows$label, mu.prior.mean = fit[[4]],
    mu.prior.sd = fit[[5]], tau.prior = density(fit[[2]], fit[[3]]), interval.type = "central"), accuracy))
  put(fit[[1]], name, "tau", quantities, made$summary[quantities, "tau"])
  put(fit[[1]], name, "mean", quantities, made$summary[quantities, "mu"])
  put(fit[[1]], name, "new study", quantities, made$summary[quantities, "theta"])
  put(fit[[1]], name, "mean", "below 0", made$pposterior(mu = 0))
  for (i in 1:2) {
    put(fit[[1]], name, paste0("study:", rows$label[i]), c("mean", "sd", "95% lower", "95% upper"),
        made$theta[c("mean", "sd", "95% lower", "95% upper"), i])
  }
  if (!is.na(fit[[4]])) put(fit[[1]], name, "all", "log evidence", log(made$marginal))
}
rows <- data[data$case == "bcg", ]
x <- cbind(intercept = 1, slope = rows$x)
made <- do.call(bmr, c(list(y = rows$y, sigma = rows$se, labels = rows$label, X = x, tau.prior = density("half_normal", 0.5),
  beta.prior.mean = c(0, 0), beta.prior.sd = c(4, 0.1), interval.type = "central"), accuracy))
for (name in c("tau", "intercept", "slope")) put("bcg", "half_normal 0.5", name, quantities, made$summary[quantities, name])
put("bcg", "half_normal 0.5", "all", "log evidence", log(made$marginal))
write.csv(expected, "synthesis_bayes_expected.csv", row.names = FALSE)
