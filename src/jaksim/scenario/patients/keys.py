"""The keys of a scenario that say how patients differ."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, REQUIRED, SOURCE, Key

LAWS: Final = ("normal", "lognormal", "gamma", "beta", "uniform", "quantiles", "categories")

_LAW: Final = (
    Key("mean", "number", "Mean of the law."),
    Key("sd", "number", "Standard deviation of the law, above 0."),
    Key("median", "number", "Median, with quartiles, instead of mean and sd."),
    Key("quartiles", "list of numbers", "Lower and upper quartile, as papers print them beside a median."),
    Key("share", "number", "Share of patients with value 1, the others having 0.", low=0.0, high=1.0),
    Key("values", "list of numbers", "Values of the categories, or of the quantiles."),
    Key("shares", "list of numbers", "Shares (or numbers) of patients in the categories, or below the quantiles."),
    Key("low", "number", "Nobody is below; the law is that of the others. Lower bound of a uniform or beta law."),
    Key("high", "number", "Nobody is above; the law is that of the others. Upper bound of a uniform or beta law."),
)

PATIENTS: Final[dict[str, tuple[Key, ...]]] = {
    "population.characteristic": (
        Key(
            "name",
            "text",
            "Name of the characteristic, by which effects refer to it as their covariate. days_since_onset is the one "
            "that windows count from, in whole days.",
            REQUIRED,
        ),
        Key(
            "law",
            "text",
            "Kind of the law. Left out: normal or lognormal by median and quartiles, categories by share or shares.",
            None,
            LAWS,
        ),
        *_LAW,
        Key("rounded", "true or false", "Whether values are whole numbers, rounded from the law.", False),
        Key(
            "stratum",
            "table",
            "Laws that are others in some strata: by name of the stratum a table of the keys that differ.",
            {},
        ),
        Key("unit", "text", "Unit, as printed.", ""),
        SOURCE,
        ASSUMPTION,
    ),
    "population.characteristic.stratum": _LAW,
    "population.correlation": (
        Key("pair", "list of texts", "Two characteristics.", REQUIRED),
        Key("value", "number", "Their correlation.", REQUIRED, low=-0.999, high=0.999),
        Key(
            "of",
            "text",
            "Whether it is the correlation of ranks (Spearman), which papers print, or of the normal latents behind.",
            "ranks",
            ("ranks", "latents"),
        ),
        SOURCE,
        ASSUMPTION,
    ),
    "population.association": (
        Key("pair", "list of texts", "Two characteristics with categories, in the order of their tables.", REQUIRED),
        Key(
            "odds_ratio",
            "number",
            "Odds ratio of the two; with more than two categories, of one category against the one before it. With "
            "other characteristics associated as well, it is the one at given values of these.",
            low=1e-6,
            high=1e6,
        ),
        Key("table", "list of lists", "Numbers of patients by the categories of both, for their odds ratios alone."),
        SOURCE,
        ASSUMPTION,
    ),
    "population.table": (
        Key("file", "text", "Table of patients (CSV, Parquet, SAS or Stata), from the scenario's folder.", REQUIRED),
        Key("columns", "list of texts", "Columns with numbers that are characteristics of patients.", REQUIRED),
        Key("weight", "text", "Column with the weight of each row; all alike when left out.", ""),
        Key("stratum", "text", "Column with the stratum of each row; rows are of all strata when left out.", ""),
        SOURCE,
        ASSUMPTION,
    ),
    "eligibility": (
        Key("name", "text", "Name of the criterion; made from what it says when left out.", ""),
        Key("characteristic", "text", "Characteristic that it is about.", REQUIRED),
        Key("at_least", "number", "Patients with less are not let in."),
        Key("above", "number", "Patients with this or less are not let in."),
        Key("at_most", "number", "Patients with more are not let in."),
        Key("below", "number", "Patients with this or more are not let in."),
        Key("values", "list of numbers", "Values that patients may have, instead of bounds.", ()),
        Key(
            "fact",
            "text",
            "Fact of the catalogue of evidence that it follows, such as laboratory-thresholds/baricitinib_haemoglobin; "
            "jaksim show population holds the bound against it.",
            "",
        ),
        SOURCE,
        ASSUMPTION,
    ),
    "dose": (
        Key("treatment", "text", "Treatment whose dose depends on a characteristic.", REQUIRED),
        Key("characteristic", "text", "Characteristic or covariate of the patient that it depends on.", REQUIRED),
        Key("cuts", "list of numbers", "Values from which on the next dose is given, such as [60] of eGFR.", REQUIRED),
        Key("doses", "list of numbers", "Doses, one more than cuts: below the first, from the first on, ...", REQUIRED),
        Key("unit", "text", "Unit of the characteristic that the fact has to be in.", ""),
        Key(
            "kept",
            "list of numbers",
            "Part of the log hazard ratios at each dose; the dose over the highest one when left out.",
            (),
        ),
        Key(
            "reference",
            "list of numbers",
            "Shares (or numbers) of patients at each dose in the trial that the effects are from, which are then "
            "averages over them; left out, they are those of the highest dose.",
            (),
        ),
        Key("fact", "text", "Fact of the catalogue of evidence that it follows, such as dosing/baricitinib_renal.", ""),
        SOURCE,
        ASSUMPTION,
    ),
    "population.frailty": (
        Key("name", "text", "Name in reports, and of the column of simulated patients.", "frailty"),
        Key("law", "text", "Law of the factor of a patient.", "gamma", ("gamma", "lognormal")),
        Key(
            "level",
            "text",
            "Whether each patient has a factor of her own or all patients of a site have the same one.",
            "patient",
            ("patient", "site"),
        ),
        Key("sites", "whole number", "Number of sites, from each of which as many patients are expected.", 0, low=0),
        Key(
            "variance",
            "number",
            "Variance of a gamma factor, whose mean is 1; of the logarithm of a lognormal one, whose median is 1. With "
            "0 there is no frailty.",
            REQUIRED,
            low=0.0,
            high=16.0,
        ),
        Key(
            "moves",
            "text or list of texts",
            "Moves whose intensities are multiplied: groups (improvement, deterioration, death, discharge, "
            "readmission) or moves such as 5>4.",
            REQUIRED,
        ),
        SOURCE,
        ASSUMPTION,
    ),
}

OF_POPULATION: Final = (
    Key("characteristic", "list of tables", "What patients bring along, one table for each characteristic.", ()),
    Key("correlation", "list of tables", "Correlations of two characteristics each; none where nothing is said.", ()),
    Key("association", "list of tables", "Odds ratios of two characteristics with categories each.", ()),
    Key("table", "table", "Patients of your own, of whom each patient of the trial is one.", {}),
    Key("frailty", "list of tables", "Factors of the intensities of a patient that nobody measures.", ()),
)

SHAPE: Final = (
    Key("centre", "number", "Value of the covariate at which the effect is nothing.", 0.0),
    Key("per", "number", "Number of units that the log hazard ratio is for, such as 10 years.", 1.0),
    Key("cuts", "list of numbers", "Where categories begin, or the knots of a spline.", ()),
    Key(
        "values",
        "list of numbers",
        "Log hazard ratios: of each category, one more than cuts, or at each knot; instead of log_hazard_ratio.",
        (),
    ),
    Key("shape", "text", "How the effect depends on the covariate.", "linear", ("linear", "category", "spline")),
)
