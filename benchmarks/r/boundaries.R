# Designs with five analyses, O'Brien-Fleming spending and futility that does not bind, by rpact.
suppressMessages(library(rpact))
one <- function() getDesignGroupSequential(
  kMax = 5, alpha = 0.025, sided = 1, typeOfDesign = "asOF", typeBetaSpending = "bsHSD", gammaB = -2, beta = 0.1,
  bindingFutility = FALSE
)
invisible(one()); designs <- as.integer(commandArgs(TRUE)[1])
used <- system.time(for (i in seq_len(designs)) one()); cat(used[["user.self"]] + used[["sys.self"]])
