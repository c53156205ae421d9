# Combination tests and closed testing by rpact; its numbers are copied into test_combination_rpact.py.
suppressMessages(library(rpact))
options(digits = 10)

for (method in c("equalAlpha", "fullAlpha")) for (looks in 2:4) for (futility in c(1, 0.5)) {
  d <- getDesignFisher(kMax = looks, alpha = 0.025, method = method, alpha0Vec = rep(futility, looks - 1))
  cat(method, looks, futility, "critical", format(d$criticalValues, digits = 9), "spent", format(d$alphaSpent, digits = 9), "\n")
}
print(getDesignFisher(kMax = 2, alpha = 0.05, userAlphaSpending = c(0.02, 0.05), method = "userDefinedAlpha")$criticalValues)

arms <- getDataset(
  n1 = c(22, 23, NA), n2 = c(21, NA, NA), n3 = c(20, 25, 26), n4 = c(25, 27, 29),
  means1 = c(1.63, 1.51, NA), means2 = c(1.4, NA, NA), means3 = c(1.9, 2.4, 1.8), means4 = c(1, 1.1, 1.3),
  stDevs1 = c(1.6, 2.1, NA), stDevs2 = c(1.9, NA, NA), stDevs3 = c(2.1, 2.2, 2.3), stDevs4 = c(1.8, 1.7, 2.0)
)
design <- getDesignInverseNormal(kMax = 3, alpha = 0.025, typeOfDesign = "asOF", informationRates = c(0.4, 0.7, 1))
for (test in c("Dunnett", "Simes", "Bonferroni", "Sidak")) {
  found <- getClosedCombinationTestResults(getStageResults(
    design, arms, intersectionTest = test, varianceOption = "overallPooled", normalApproximation = TRUE
  ))
  cat(test, "\n")
  print(found$separatePValues)
  print(found$adjustedStageWisePValues)
  print(found$overallAdjustedTestStatistics)
  print(found$rejected)
}

data <- getDataset(n = c(20, 30), means = c(0.35, 0.31), stDevs = c(1.3, 1.4))
conditional_error <- function(design, data, stage) {
  found <- getAnalysisResults(design, data, stage = stage, normalApproximation = TRUE)
  print(found$.stageResults$pValues)
  print(found$conditionalRejectionProbabilities)
}
conditional_error(getDesignInverseNormal(kMax = 3, alpha = 0.025, typeOfDesign = "OF"), data, 2)
conditional_error(getDesignInverseNormal(kMax = 3, alpha = 0.025, typeOfDesign = "asP", informationRates = c(0.3, 0.8, 1)), data, 2)
conditional_error(getDesignFisher(kMax = 3, alpha = 0.025), data, 2)
conditional_error(getDesignFisher(kMax = 2, alpha = 0.025, alpha0Vec = 0.5), getDataset(n = 20, means = 0.35, stDevs = 1.3), 1)

# Enrichment: subgroup S and the rest R in the first stage, S alone in the second.
subgroup <- getDataset(
  sampleSize1 = c(40, 90), sampleSize2 = c(42, 88), mean1 = c(12.4, 12.9), mean2 = c(10.1, 10.3), stDev1 = c(6, 6.2), stDev2 = c(6.1, 6)
)
rest <- getDataset(
  sampleSize1 = c(80, NA), sampleSize2 = c(78, NA), mean1 = c(11.2, NA), mean2 = c(10.6, NA), stDev1 = c(6.3, NA), stDev2 = c(5.9, NA)
)
two <- getDesignInverseNormal(kMax = 2, alpha = 0.025, typeOfDesign = "asOF", informationRates = c(0.5, 1))
for (test in c("SpiessensDebois", "Simes")) {
  stages <- getStageResults(
    two, getDataset(S1 = subgroup, R = rest), intersectionTest = test, varianceOption = "pooled", normalApproximation = TRUE
  )
  found <- getClosedCombinationTestResults(stages)
  cat("enrichment", test, "\n")
  print(found$separatePValues)
  print(found$adjustedStageWisePValues)
  print(found$overallAdjustedTestStatistics)
  print(found$rejected)
}
