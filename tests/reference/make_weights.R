# Weighted Cox models with robust errors: R 4.2.2, survival 3.5-3. Rscript make_weights.R, in this folder.
library(survival)
d <- subset(lung, !is.na(inst) & !is.na(ph.ecog))[c("time", "status", "sex", "age", "ph.ecog", "inst")]
d$status <- d$status - 1
d$weight <- round(0.5 + (d$age %% 7) / 4, 2)
d$start <- ifelse(d$time > 60, (d$age %% 5) * 10, 0)
d$row <- seq_len(nrow(d))
found <- NULL
add <- function(name, fit)
  found <<- rbind(found, data.frame(name, estimate = coef(fit)[1], se = sqrt(fit$var[1, 1])))
add("plain", coxph(Surv(time, status) ~ sex, d, weight, robust = TRUE))
add("adjusted", coxph(Surv(time, status) ~ sex + age + strata(ph.ecog), d, weight, robust = TRUE, ties = "breslow"))
add("clusters", coxph(Surv(time, status) ~ sex, d, weight, cluster = inst))
add("late entry", coxph(Surv(start, time, status) ~ sex, d, weight, cluster = row))
d$row <- NULL
write.csv(d, "weights_data.csv", row.names = FALSE)
write.csv(found, "weights_expected.csv", row.names = FALSE)
