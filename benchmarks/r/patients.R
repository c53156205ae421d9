# Patients of 28 days on 8 scores by simMarkovOrd of Hmisc: a first-order Markov chain with proportional odds.
options(warn = -1); suppressMessages(library(Hmisc)); set.seed(1)
intercepts <- c(8, 6, 4, 1, -2, -4, -6)
move <- function(yprev, t, gap, X) matrix(-1.2 * (4 - as.integer(yprev)), ncol = 1, dimnames = list(yprev, NULL))
simulate <- function(n) simMarkovOrd(n, 1:8, 1:28, 5, X = c(arm = 0), absorb = 8, intercepts = intercepts, g = move)
invisible(simulate(5)); patients <- as.integer(commandArgs(TRUE)[1])
used <- system.time(simulate(patients)); cat(used[["user.self"]] + used[["sys.self"]])
