# Public data sets as R writes them, in every style of write.csv, write.csv2, write.table and data.table::fwrite, and
# the answers of R 4.2.2 (survival 3.5-3, MASS 7.3-58.2, ordinal 2022.11-16, vcd 1.4-11, KMsurv 0.1-5, haven 2.5.1).
# Rscript make_data_files.R, in this folder.
suppressMessages({library(survival); library(MASS)})
styles <- list(
  csv = function(d, f) write.csv(d, f),
  csv_plain = function(d, f) write.csv(d, f, row.names = FALSE, quote = FALSE, na = ""),
  csv2 = function(d, f) write.csv2(d, f),
  table = function(d, f) write.table(d, f),
  table_plain = function(d, f) write.table(d, f, row.names = FALSE, quote = FALSE),
  tab = function(d, f) write.table(d, f, sep = "\t", row.names = FALSE),
  tab_rows = function(d, f) write.table(d, f, sep = "\t"),
  corner = function(d, f) write.table(d, f, sep = ",", col.names = NA),
  bar = function(d, f) write.table(d, f, sep = "|", row.names = FALSE),
  crlf = function(d, f) write.table(d, f, sep = ",", row.names = FALSE, eol = "\r\n"),
  fwrite = function(d, f) data.table::fwrite(d, f))
found <- NULL
add <- function(name, data, chosen, what, value, words) for (style in chosen) {
  file <- paste0(name, "_", style, ".csv")
  styles[[style]](data, file.path("data_files", file))
  found <<- rbind(found, data.frame(file, what, value, words))
}
slope <- function(...) unname(coef(coxph(...))[1])
error <- function(...) sqrt(coxph(...)$var[1, 1])
odds <- function(...) -unname(coef(polr(...))[1])

half <- aml; half$time <- half$time + 0.5; half$died <- half$status == 1
arms <- "--arm x --reference Nonmaintained"
add("aml", half, names(styles), "estimate", slope(Surv(time, status) ~ relevel(x, "Nonmaintained"), half), arms)
add("died", half, c("csv", "tab", "fwrite"), "estimate",
    slope(Surv(time, status) ~ relevel(x, "Nonmaintained"), half), paste(arms, "--status died"))
words <- subset(lung, inst %in% c(1, 3, 11, 12))[c("time", "status", "sex", "age")]
words$sex <- factor(words$sex, 1:2, c("Male", "Female"))
told <- words; told$status <- factor(told$status, 1:2, c("Alive", "Dead"))
add("lung", words, "csv", "estimate", slope(Surv(time, status) ~ sex, words), "--arm sex --reference Male --event-code 2")
add("lung", told, "table", "estimate", slope(Surv(time, status) ~ sex, words), "--arm sex --reference Male")
days <- jasa[c("accept.dt", "fu.date", "fustat", "transplant")]
heart_transplant <- "--arm transplant --time fu.date --start-date accept.dt --status fustat"
value <- slope(Surv(as.numeric(fu.date - accept.dt), fustat) ~ transplant, jasa)
add("jasa", days, c("csv", "csv2", "fwrite"), "estimate", value, heart_transplant)
written <- days
for (n in 1:2) written[[n]] <- toupper(format(days[[n]], "%d%b%Y"))
add("jasa_sas", written, "csv_plain", "estimate", value, heart_transplant)
for (n in 1:2) written[[n]] <- format(days[[n]], "%m/%d/%Y")
add("jasa_us", written, "table_plain", "estimate", value, heart_transplant)
again <- heart[c("start", "stop", "event", "transplant", "id")]
add("heart", again, "table", "se", error(Surv(start, stop, event) ~ transplant + cluster(id), again),
    "--arm transplant --entry start --time stop --status event --cluster id --reference 0")
late <- subset(get(data(list = "channing", package = "KMsurv")), age > ageentry)
late <- late[seq(1, nrow(late), 3), c("death", "ageentry", "age", "gender")]
add("channing", late, "fwrite", "estimate", slope(Surv(ageentry, age, death) ~ gender, late),
    "--arm gender --time age --entry ageentry --status death")
add("gehan", gehan, "csv", "estimate", slope(Surv(time, cens) ~ relevel(treat, "control"), gehan),
    "--arm treat --status cens --codes event=1,censored=0")
levels <- "--map Sat:Low=1 --map Sat:Medium=2 --map Sat:High=3"
add("housing", housing, c("csv", "tab"), "estimate", -unname(coef(polr(Sat ~ Cont, housing, Freq))[1]),
    paste("--method proportional_odds --arm Cont --score Sat --frequency Freq --reference Low", levels))
add("wine", ordinal::wine, "table_plain", "estimate", odds(rating ~ contact, ordinal::wine),
    "--method proportional_odds --arm contact --score rating --reference no")
data(Arthritis, package = "vcd")
levels <- "--map Improved:None=0 --map Improved:Some=1 --map Improved:Marked=2"
add("arthritis", Arthritis, "csv_plain", "estimate", odds(Improved ~ relevel(Treatment, "Placebo"), Arthritis),
    paste("--method proportional_odds --arm Treatment --score Improved", levels))
sas <- data.frame(TIME = half$time, STATUS = half$status, ARM = as.character(half$x))
haven::write_xpt(sas, "data_files/aml.xpt", name = "AML", version = 5)
found <- rbind(found, data.frame(file = "aml.xpt", what = "estimate",
  value = slope(Surv(time, status) ~ relevel(x, "Nonmaintained"), half), words = "--reference Nonmaintained"))
write.csv(found, "data_files_expected.csv", row.names = FALSE)
