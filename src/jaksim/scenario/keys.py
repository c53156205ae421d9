"""The catalogue of every key of a scenario file: where it stands, what it holds, what it means."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, REQUIRED, SOURCE, Key
from jaksim.ratio import LARGEST_LOG_SD
from jaksim.scenario.intercurrent.keys import INTERCURRENT, TABLES
from jaksim.scenario.keys_of_conduct import CONDUCT
from jaksim.scenario.keys_of_disease import DISEASE
from jaksim.scenario.keys_of_operations import OPERATIONS
from jaksim.scenario.patients.keys import OF_POPULATION, PATIENTS
from jaksim.scenario.safety.keys import SAFETY, SAFETY_TABLES

_OUTCOME = (
    Key(
        "endpoint",
        "text",
        "Name of the endpoint whose log odds ratio or log hazard ratio has this standard deviation.",
        "",
    ),
    Key(
        "set",
        "text or list of texts",
        "Set of scores whose log odds ratio or log hazard ratio has this standard deviation, instead of an "
        "endpoint of the scenario; of patients who are not in it at randomisation.",
    ),
    Key("day", "whole number", "Study day by which the set is reached; the last one when left out."),
    Key(
        "measure",
        "text",
        "What the standard deviation is of the logarithm of; the odds ratio, of times to an event the hazard "
        "ratio, when left out.",
        None,
        ("odds_ratio", "risk_ratio", "hazard_ratio"),
    ),
)

_TABLES: Final[dict[str, tuple[Key, ...]]] = {
    "": (
        Key("title", "text", "Name of the trial, printed on top of every report.", REQUIRED),
        Key("description", "text", "What the trial asks, in a sentence or two.", ""),
        Key("registry", "text", "Registry number of the trial.", ""),
        Key("sources", "list of texts", "Publications and registry entries the design is taken from.", ()),
        Key("disease", "table", "How patients move through the scale and what treatments change.", REQUIRED),
        Key("population", "table", "How many patients, and of what kind.", REQUIRED),
        Key("eligibility", "list of tables", "Who is let in, one [[eligibility]] for each criterion.", ()),
        Key("dose", "list of tables", "Doses by a characteristic of the patient, one [[dose]] a treatment.", ()),
        Key("follow_up", "table", "How long patients are followed, and how study days are counted.", {}),
        Key("arm", "list of tables", "The arms, one [[arm]] each.", REQUIRED),
        Key("randomisation", "table", "How patients are given to arms.", {}),
        Key("accrual", "table", "When patients come; needed for interim analyses.", {}),
        Key("operations", "table", "How the trial is run, by its sites; in place of accrual.", {}),
        Key("monitoring", "table", "Interim analyses of one analysis, against boundaries.", {}),
        Key("adaptation", "table", "How the trial changes while patients come, by `kind`.", {}),
        Key("multiplicity", "table", "How several analyses are tested at one familywise level.", {}),
        Key("endpoint", "list of tables", "The endpoints, one [[endpoint]] each.", REQUIRED),
        Key("analysis", "list of tables", "The planned analyses, one [[analysis]] each.", REQUIRED),
        *TABLES,
        *SAFETY_TABLES,
        Key("prediction", "table", "What `jaksim predict` takes as uncertain beyond the parameters.", {}),
        Key(
            "assumption",
            "list of tables",
            "What the scenario takes for granted beyond its other keys, one [[assumption]] each; printed and marked.",
            (),
        ),
    ),
    **DISEASE,
    "population": (
        Key("patients", "whole number", "Patients randomised, all arms together.", REQUIRED, low=1, high=100_000_000),
        Key(
            "stratum_sizes",
            "text",
            "Whether stratum sizes are drawn at random or held at their expectation.",
            "drawn",
            ("drawn", "fixed"),
        ),
        Key("stratum", "list of tables", "The randomisation strata, one table each.", REQUIRED),
        *OF_POPULATION,
        SOURCE,
        ASSUMPTION,
    ),
    "population.stratum": (
        Key("name", "text", "Name of the stratum; made from the baseline score when left out.", ""),
        Key("weight", "number", "Share of the population; the weights sum to 1.", low=0.0, high=1.0),
        Key("count", "number", "Published number of patients, instead of a weight in every stratum.", low=0.0),
        Key("baseline_score", "whole number", "Score on the day of randomisation."),
        Key("covariates", "table", "Values of covariates, by name.", {}),
        Key("days_since_onset", "number", "Days from symptom onset to randomisation."),
        Key("mixture", "list of tables", "Several kinds of patients in the stratum, instead of one baseline score."),
    ),
    "population.stratum.mixture": (
        Key("weight", "number", "Share of the stratum; the weights sum to 1.", REQUIRED, low=0.0, high=1.0),
        Key("baseline_score", "whole number", "Score on the day of randomisation.", REQUIRED),
        Key("covariates", "table", "Values of covariates, by name.", {}),
        Key("days_since_onset", "number", "Days from symptom onset to randomisation."),
    ),
    "follow_up": (
        Key("days", "whole number", "Days of follow-up after randomisation.", 28, low=1, high=3650),
        Key(
            "day_of_randomisation",
            "whole number",
            "Number that the protocol gives to the day of randomisation; `day` keys of endpoints count from it, so "
            "that with 1 day 28 is 27 days after randomisation. Taken without being given, it is printed as assumed.",
            1,
            low=0,
            high=1,
        ),
    ),
    "arm": (
        Key("name", "text", "Name of the arm.", REQUIRED),
        Key("regimen", "list of texts", "Treatments given in this arm.", REQUIRED),
        Key(
            "allocation",
            "whole number",
            "Share of the allocation: 1 and 1 for 1:1, 2 and 1 for 2:1.",
            1,
            low=1,
            high=100,
        ),
        Key("reference", "true or false", "True for the arm that the others are compared with.", False),
    ),
    **CONDUCT,
    **OPERATIONS,
    **INTERCURRENT,
    **SAFETY,
    **PATIENTS,
    "prediction": (
        Key(
            "between_trial_sd",
            "number, text or table",
            "How much a treatment's benefit differs from trial to trial. A number: the standard deviation of the log "
            'hazard ratios of each kind of effect. A table: by kind of effect, "improvement" (discharge included), '
            '"deterioration" and "death"; one that is left out does not differ. "pooled": as each draw of the pooled '
            "parameter set of the treatment has it.",
            0.0,
            low=0.0,
            high=LARGEST_LOG_SD,
        ),
        Key(
            "between_trial_correlation",
            "number",
            "Correlation of the benefits of two kinds of effect between trials; 1 where a treatment does more of all "
            "or less of all.",
            0.0,
            low=-0.5,
            high=1.0,
        ),
        Key(
            "published",
            "list of tables",
            "Published values of how much outcomes differ between trials, one [[prediction.published]] each; printed "
            "beside what is assumed, and used for nothing.",
            (),
        ),
        SOURCE,
        ASSUMPTION,
    ),
    "prediction.between_trial_sd": (
        Key(
            "sd",
            "number",
            "Standard deviation between trials: of the log hazard ratio of the moves of this kind or, where an "
            "endpoint is cited, of its log ratio.",
            REQUIRED,
            low=0.0,
            high=LARGEST_LOG_SD,
        ),
        *_OUTCOME,
        SOURCE,
        ASSUMPTION,
    ),
    "prediction.published": (
        Key(
            "sd",
            "number",
            "Standard deviation between trials of the log ratio of an outcome.",
            REQUIRED,
            low=0.0,
            high=LARGEST_LOG_SD,
        ),
        *_OUTCOME,
        Key("source", "text", "Where it is published.", REQUIRED),
    ),
    "analysis": (
        Key("name", "text", "Name of the analysis; made from endpoint, method and strata when left out.", ""),
        Key("endpoint", "text", "Name of the endpoint analysed.", REQUIRED),
        Key("method", "text", "Method of analysis.", REQUIRED),
        Key(
            "role",
            "text",
            "Place of the analysis in the protocol.",
            "secondary",
            ("primary", "key secondary", "secondary", "exploratory"),
        ),
        Key("alpha", "number", "Level of the test, both sides together.", 0.05),
        Key("sides", "whole number", "One- or two-sided test.", 2, low=1, high=2),
        Key(
            "hypothesis",
            "text",
            "What is to be shown: superiority, non-inferiority, or equivalence (two one-sided tests).",
            "superiority",
            ("superiority", "non-inferiority", "equivalence"),
        ),
        Key(
            "margin",
            "number",
            "Value that the estimate is tested against, on its natural scale: a ratio, a difference (0.05 for 5 % "
            "points) or a win probability. Equivalence mirrors it at no effect; superiority needs none.",
        ),
        Key("strata", "list of texts", "Strata analysed, by name; all when left out.", ()),
        Key(
            "covariates",
            "list of texts",
            "What is adjusted for patient by patient: covariates or characteristics of the population, "
            "days_since_onset, baseline_score. For cox, proportional_odds, odds_ratio (logistic regression), "
            "mean_difference (analysis of covariance), risk_difference and risk_ratio (standardised risks).",
            (),
        ),
        Key(
            "adjust_strata",
            "true or false",
            "Whether an analysis that adjusts has the strata among what it adjusts for, without saying so it has; true "
            "without covariates adjusts for strata alone.",
        ),
        Key("robust", "true or false", "Whether an analysis that adjusts has the robust (sandwich) standard error."),
        Key(
            "unadjusted",
            "true or false",
            "Whether an analysis that adjusts is followed by the same without covariates, to be compared with it; "
            "without saying so it is.",
        ),
        Key(
            "sites",
            "text",
            "Whether the sites of [operations] are strata of the analysis: not (pooled), each stratum at each site "
            "(crossed), or each site whatever the strata of its patients (only). For methods that compare within "
            "strata.",
            "pooled",
            ("pooled", "crossed", "only"),
        ),
        Key(
            "active",
            "text or list of texts",
            "Arm compared; every arm but the reference when left out. A list is compared, arm by arm, with the list in "
            "`reference`, every pair with strata of its own, as in the margin of a factorial design.",
            "",
        ),
        Key("reference", "text or list of texts", "Arm it is compared with; the reference arm when left out.", ""),
        Key("options", "table", "Options of the method.", {}),
    ),
    "assumption": (
        Key("name", "text", "What the assumption is about.", REQUIRED),
        Key("value", "text", "What is assumed.", REQUIRED),
        Key("why", "text", "Why it is assumed, and what it does to the result.", REQUIRED),
    ),
}

PRINTED_BY_PART: Final = frozenset(name for name, keys in _TABLES.items() if ASSUMPTION in keys)
"""Tables whose reasons stand beside what the part of the scenario that reads them says of their values."""
_WITHOUT_REASON: Final = ("", "assumption")
CATALOGUE: Final[dict[str, tuple[Key, ...]]] = {
    name: keys if name in PRINTED_BY_PART or name in _WITHOUT_REASON else (*keys, ASSUMPTION)
    for name, keys in _TABLES.items()
}
"""By table, the keys that it may hold; every table may say why its values are assumed."""
