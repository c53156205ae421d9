# The trial of scenarios/delayed-effect.toml by rpact: 468 patients who enter over 22 months at a climbing rate, an
# effect after six months, dropout, O'Brien-Fleming spending, log-rank tests after 252 and 315 events. Time in months.
suppressMessages(library(rpact))
design <- getDesignGroupSequential(
  kMax = 2, informationRates = c(0.8, 1), alpha = 0.025, sided = 1, typeOfDesign = "asOF"
)
hazard <- log(2) / 13
simulate <- function(trials) {
  getSimulationSurvival(
    design = design, piecewiseSurvivalTime = c(0, 6), lambda2 = c(hazard, hazard),
    lambda1 = c(hazard, 0.58 * hazard), plannedEvents = c(252, 315), directionUpper = FALSE,
    accrualTime = c(0:8, 22), accrualIntensity = 26 / 9 * 1:9, maxNumberOfSubjects = 468,
    dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12, maxNumberOfIterations = trials, seed = 1
  )
}
invisible(simulate(10)); trials <- as.integer(commandArgs(TRUE)[1])
used <- system.time(found <- simulate(trials)); cat(found$overallReject, used[["user.self"]] + used[["sys.self"]])
