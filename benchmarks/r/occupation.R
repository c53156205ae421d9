# Daily probabilities of 8 scores over 28 days by soprobMarkovOrd of Hmisc: the same chain as in patients.R.
options(warn = -1); suppressMessages(library(Hmisc))
intercepts <- c(8, 6, 4, 1, -2, -4, -6)
move <- function(yprev, t, gap, X) matrix(-1.2 * (4 - as.integer(yprev)), ncol = 1, dimnames = list(yprev, NULL))
one <- function() soprobMarkovOrd(1:8, 1:28, 5, absorb = 8, intercepts = intercepts, g = move, X = c(arm = 0))
invisible(one()); cells <- as.integer(commandArgs(TRUE)[1])
used <- system.time(for (i in seq_len(cells)) one()); cat(used[["user.self"]] + used[["sys.self"]])
