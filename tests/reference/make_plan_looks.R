# Group-sequential sizes and power of two means by rpact.
# Run in this directory: Rscript make_plan_looks.R. Writes plan_looks_expected.csv.
suppressMessages(library(rpact))
expected <- NULL
record <- function(case, quantity, values) {
  values <- as.vector(values)
  if (!length(values)) return(invisible())
  expected <<- rbind(expected, data.frame(case, quantity, analysis = seq_along(values), value = values))
}
designs <- list(
  of3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asOF"),
  pocock2 = getDesignGroupSequential(informationRates = c(0.4, 1), alpha = 0.05, sided = 2, beta = 0.1, typeOfDesign = "asP"),
  kd3 = getDesignGroupSequential(informationRates = c(0.3, 0.7, 1), alpha = 0.025, sided = 1, beta = 0.15, typeOfDesign = "asKD", gammaA = 2.5),
  hsd4 = getDesignGroupSequential(kMax = 4, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asHSD", gammaA = -3),
  wt3 = getDesignGroupSequential(kMax = 3, alpha = 0.05, sided = 2, beta = 0.2, typeOfDesign = "WT", deltaWT = 0.25),
  hp4 = getDesignGroupSequential(kMax = 4, alpha = 0.025, sided = 1, beta = 0.1, typeOfDesign = "HP"),
  user3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asUser", userAlphaSpending = c(0.002, 0.01, 0.025)),
  futility3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asOF", typeBetaSpending = "bsKD", gammaB = 2, bindingFutility = FALSE),
  binding3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asOF", typeBetaSpending = "bsHSD", gammaB = -2, bindingFutility = TRUE),
  fixedz3 = getDesignGroupSequential(kMax = 3, alpha = 0.025, sided = 1, beta = 0.2, typeOfDesign = "asOF", futilityBounds = c(0, 0.5), bindingFutility = FALSE)
)
for (name in names(designs)) for (normal in c(TRUE, FALSE)) {
  d <- designs[[name]]
  case <- paste0(name, if (normal) "-z" else "-t")
  s <- getSampleSizeMeans(d, alternative = 0.4, stDev = 1.2, allocationRatioPlanned = 2, normalApproximation = normal)
  record(case, "size", s$maxNumberOfSubjects)
  record(case, "expected_null", s$expectedNumberOfSubjectsH0)
  record(case, "expected_half", s$expectedNumberOfSubjectsH01)
  record(case, "expected_effect", s$expectedNumberOfSubjectsH1)
  record(case, "reject", s$rejectPerStage)
  record(case, "upper", d$criticalValues)
  bound <- if (d$sided == 2) s$criticalValuesEffectScaleUpper else s$criticalValuesEffectScale
  record(case, "effect_at_bound", bound)
  if (!is.null(s$futilityBoundsEffectScale) && !any(is.na(s$futilityBoundsEffectScale))) record(case, "effect_at_futility", s$futilityBoundsEffectScale)
  p <- getPowerMeans(d, alternative = 0.4, stDev = 1.2, allocationRatioPlanned = 2, normalApproximation = normal, maxNumberOfSubjects = 300)
  record(case, "power300", p$overallReject)
}
write.csv(format(expected, digits = 12, trim = TRUE), "plan_looks_expected.csv", row.names = FALSE, quote = FALSE)
