# Stratified score intervals and tests of Miettinen and Nurminen, of the trials in analysis_ordinal_tables.csv; the event
# is a rank in the best half. Run in this directory, with the sources of ratesci 1.0.0 (cran/ratesci a756df0):
#   Rscript make_analysis_stratified_risks.R FOLDER_OF_RATESCI_R_FILES
# Writes analysis_stratified_risks_expected.csv.
folder <- commandArgs(TRUE)[[1]]
for (file in list.files(folder, full.names = TRUE)) source(file)
tables <- read.csv("analysis_ordinal_tables.csv")
expected <- NULL
for (case in unique(tables$case)) {
  trial <- tables[tables$case == case, ]
  trial$event <- trial$rank <= max(trial$rank) / 2
  cells <- aggregate(cbind(x = count * event, n = count) ~ arm + stratum, trial, sum)
  two <- names(which(table(cells$stratum) == 2))
  a <- cells[cells$stratum %in% two & cells$arm == 1, ]
  r <- cells[cells$stratum %in% two & cells$arm == 0, ]
  if (nrow(a) < 2) next
  for (contrast in c("RD", "RR")) for (weights in c("MN", "MH")) {
    if (contrast == "RR" && (sum(a$x) == 0 || sum(r$x) == 0)) next
    margin <- c(RD = -0.1, RR = 0.8)[[contrast]]
    found <- scoreci(a$x, a$n, r$x, r$n, contrast = contrast, stratified = TRUE, weighting = weights, skew = FALSE,
                     bcf = TRUE, sda = 0, theta0 = margin, warn = FALSE, precis = 11, mn_tol = 1e-8)
    plain <- scoreci(a$x, a$n, r$x, r$n, contrast = contrast, stratified = TRUE, weighting = weights, skew = FALSE,
                     bcf = FALSE, sda = 0, theta0 = margin, warn = FALSE, precis = 11, mn_tol = 1e-8)
    estimates <- found$estimates
    expected <- rbind(expected, data.frame(
      case, contrast, weights, margin, lower = estimates[[1, "lower"]], estimate = estimates[[1, "est"]],
      upper = estimates[[1, "upper"]], score = found$pval[[1, "scorenull"]], pooled = plain$pval[[1, "scorenull"]]
    ))
  }
}
write.csv(format(expected, digits = 13), "analysis_stratified_risks_expected.csv", row.names = FALSE, quote = FALSE)
