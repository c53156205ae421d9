"""The catalogue of every key of a scenario file: where it stands, what it holds, what it means."""

from __future__ import annotations

from typing import Final

from jaksim.scenario.key import REQUIRED, Key
from jaksim.trial.multiplicity.plan import PROCEDURES

_ASSUMPTION = Key(
    "assumption",
    "text",
    "Why a value is assumed where none is published; printed beside the value, which is marked.",
    "",
)
_SOURCE = Key("source", "text", "Where the values come from; without it they are printed as assumptions.", "")
_SCORES = Key(
    "current_scores", "list of whole numbers", "The effect acts only in these scores; everywhere when left out."
)
_MOVES = Key(
    "moves",
    "text or list of texts",
    "Moves that are changed: groups (improvement, deterioration, death, discharge, readmission) or moves such as 5>4.",
    REQUIRED,
)
_WINDOW = Key("window", "table", "When the effect acts; the whole time when left out.")
_CONCERNED = (
    Key("name", "text", "Name by which a change on the command line refers to it.", ""),
    Key("current_scores", "list of whole numbers", "Scores of the patients concerned; every living one when left out."),
    Key("arms", "list of texts", "Arms of the patients concerned; every arm when left out.", ()),
)
_RISK = (
    *_CONCERNED,
    Key(
        "per_day", "number", "Intensity per day; 0.01 is about 1 % of the patients concerned a day.", REQUIRED, low=0.0
    ),
    Key("start", "number", "First day since randomisation.", 0.0, low=0.0),
    Key("end", "number", "Day since randomisation at which the risk ends; never when left out.", low=0.0),
    _SOURCE,
    _ASSUMPTION,
)

CATALOGUE: Final[dict[str, tuple[Key, ...]]] = {
    "": (
        Key("title", "text", "Name of the trial, printed on top of every report.", REQUIRED),
        Key("description", "text", "What the trial asks, in a sentence or two.", ""),
        Key("registry", "text", "Registry number of the trial.", ""),
        Key("sources", "list of texts", "Publications and registry entries the design is taken from.", ()),
        Key("disease", "table", "How patients move through the scale and what treatments change.", REQUIRED),
        Key("population", "table", "How many patients, and of what kind.", REQUIRED),
        Key("follow_up", "table", "How long patients are followed, and how study days are counted.", {}),
        Key("arm", "list of tables", "The arms, one [[arm]] each.", REQUIRED),
        Key("randomisation", "table", "How patients are given to arms.", {}),
        Key("accrual", "table", "When patients come; needed for interim analyses.", {}),
        Key("monitoring", "table", "Interim analyses of one analysis, against boundaries.", {}),
        Key("adaptation", "table", "How the trial changes while patients come, by `kind`.", {}),
        Key("multiplicity", "table", "How several analyses are tested at one familywise level.", {}),
        Key("endpoint", "list of tables", "The endpoints, one [[endpoint]] each.", REQUIRED),
        Key("analysis", "list of tables", "The planned analyses, one [[analysis]] each.", REQUIRED),
        Key(
            "withdrawal",
            "list of tables",
            "How patients leave the study, one [[withdrawal]] for each intensity; those that concern a patient add up.",
            (),
        ),
        Key(
            "treatment_stop",
            "list of tables",
            "How patients stop their treatment, one [[treatment_stop]] for each intensity; effects of the regimen that "
            "are not inside the natural history end then.",
            (),
        ),
        Key(
            "missed_visit",
            "list of tables",
            "How patients miss a visit, one [[missed_visit]] for each probability.",
            (),
        ),
        Key("prediction", "table", "What `jaksim predict` takes as uncertain beyond the parameters.", {}),
        Key(
            "assumption",
            "list of tables",
            "What the scenario takes for granted beyond its other keys, one [[assumption]] each; printed and marked.",
            (),
        ),
    ),
    "disease": (
        Key(
            "scale",
            "text",
            "Ordinal scale: a built-in name or a TOML file; that of the parameter set when left out.",
            "",
        ),
        Key(
            "natural_history",
            "text or table",
            "Intensities without the treatments studied: the name or file of a parameter set, or a table of moves.",
            REQUIRED,
        ),
        Key(
            "background",
            "list of texts",
            "Treatments already inside the natural history, whose effects are not applied again; "
            "those of the parameter set when left out.",
        ),
        Key(
            "treatments",
            "table",
            "By treatment: the name or file of the parameter set that holds its effects, or a table of effects.",
            {},
        ),
        Key("interaction", "list of tables", "What changes when two drugs or drug classes meet in one regimen.", ()),
        Key("covariate", "list of tables", "What a covariate of the patient changes.", ()),
    ),
    "disease.natural_history": (
        Key("move", "list of tables", "The moves with their intensities, one table each.", REQUIRED),
        _SOURCE,
        _ASSUMPTION,
    ),
    "disease.natural_history.move": (
        Key("move", "text", "Score before and after, such as 5>4.", REQUIRED),
        Key("cuts", "list of numbers", "Days since randomisation at which the intensity changes.", ()),
        Key("values", "list of numbers", "Intensity per day in each piece, one more than the cuts.", REQUIRED),
    ),
    "disease.treatments": (
        Key("drug_class", "text", "Class of the drug, by which interactions can name it.", ""),
        Key("effect", "list of tables", "What the treatment changes, one table per effect; nothing when left out.", ()),
        _SOURCE,
    ),
    "disease.treatments.effect": (
        _MOVES,
        Key("log_hazard_ratio", "number", "Effect on the intensity of these moves, log scale."),
        Key("hazard_ratio", "number", "The same as a ratio; give one of the two.", low=1e-6, high=1e6),
        Key("standard_error", "number", "Standard error of the log hazard ratio.", low=0.0),
        Key("interval", "list of numbers", "95 % interval of the hazard ratio, instead of a standard error."),
        _SCORES,
        Key(
            "baseline_scores", "list of whole numbers", "The effect acts only in patients who entered in these scores."
        ),
        Key(
            "covariate",
            "text",
            "The effect is per unit of this covariate of the patient; the same for all without.",
            "",
        ),
        _WINDOW,
        _SOURCE,
        Key("label", "text", "Name of the effect in reports.", ""),
    ),
    "disease.window": (
        Key("start", "number", "First day.", 0.0),
        Key("end", "number", "Day at which the effect ends; never when left out.", low=0.0),
        Key("clock", "text", "What the days count from.", "randomisation", ("randomisation", "onset")),
    ),
    "disease.interaction": (
        Key("pair", "list of texts", "Two treatments or drug classes.", REQUIRED),
        _MOVES,
        Key("log_hazard_ratio", "number", "Change of the log hazard ratio beyond the sum of both effects.", 0.0),
        Key("prior_sd", "number", "Standard deviation of that change, as far as it is unknown.", 0.2, low=0.0),
        _SCORES,
        _WINDOW,
        _SOURCE,
        _ASSUMPTION,
    ),
    "disease.covariate": (
        Key("covariate", "text", "Name of the covariate, as in the population.", REQUIRED),
        _MOVES,
        Key("log_hazard_ratio", "number", "Change of the log intensity per unit of the covariate.", REQUIRED),
        _SOURCE,
    ),
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
        _SOURCE,
        _ASSUMPTION,
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
            "Number that the protocol gives to the day of randomisation; `day` keys of endpoints count from it.",
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
    "randomisation": (
        Key(
            "block_size",
            "whole number",
            "Length of the permuted blocks within strata; twice the sum of the allocation when left out.",
            low=1,
            high=1000,
        ),
        Key(
            "scheme",
            "text",
            "How arms are chosen: simple, permuted blocks, biased coin (Efron) or minimisation (Pocock and Simon).",
            "permuted blocks",
            ("simple", "permuted blocks", "biased coin", "minimisation"),
        ),
        Key("stratified", "true or false", "Blocks or biased coin within strata rather than in the whole trial.", True),
        Key(
            "coin",
            "number",
            "Probability of the arms that lag behind, with a biased coin or by minimisation.",
            0.8,
            low=0.5,
            high=1.0,
        ),
        Key("blinded", "true or false", "Whether patients and doctors do not know the arms; only printed."),
    ),
    "accrual": (
        Key("rates", "list of numbers", "Patients per day in each piece, one more than the cuts; the last for ever."),
        Key("cuts", "list of numbers", "Days since the first day of the trial at which the rate changes.", ()),
        Key("site", "list of tables", "Recruiting sites, one [[accrual.site]] each, instead of rates.", ()),
        Key(
            "arrivals",
            "text",
            "Whether patients come at random (a Poisson process) or evenly, exactly at the rate.",
            "random",
            ("random", "even"),
        ),
        Key("lag", "whole number", "Days from an observation to its place in the data.", 0, low=0, high=3650),
        _SOURCE,
        _ASSUMPTION,
    ),
    "accrual.site": (
        Key("name", "text", "Name of the site.", ""),
        Key("opens", "number", "Day on which it begins to recruit.", 0.0, low=0.0),
        Key("rate", "number", "Patients per day at full speed.", REQUIRED, low=0.0),
        Key("ramp", "whole number", "Days from opening to full speed, climbing in a line.", 0, low=0, high=3650),
    ),
    "monitoring": (
        Key("analysis", "text", "Name of the analysis that is monitored; the primary one when left out.", ""),
        Key(
            "interim",
            "list of tables",
            "The interim analyses in order, one [[monitoring.interim]] each; none for a trial that 'last' alone ends.",
            [],
        ),
        Key(
            "spending",
            "text",
            "How alpha is spent, or the shape of the boundary: obrien-fleming, pocock, hsd:GAMMA, power:RHO, "
            "user:CUMULATIVE,..., wang-tsiatis:DELTA, classical-pocock, classical-obrien-fleming, haybittle-peto:Z.",
            "obrien-fleming",
        ),
        Key(
            "futility",
            "text",
            "When to stop for futility: a spending function for beta, z:BOUND,... or cp:LEVEL (conditional power); "
            "never when left out.",
            "",
        ),
        Key("binding", "true or false", "Whether the upper boundary counts on stopping for futility.", False),
        Key("beta", "number", "Error of the second kind that futility spends.", 0.1, low=1e-6, high=0.9),
        Key("harm", "text", "Spending function of a boundary for harm in a one-sided trial; none when left out.", ""),
        Key("harm_alpha", "number", "Level of the boundary for harm.", 0.025, low=1e-6, high=0.5),
        Key("last", "text", "When the last analysis happens; once all outcomes are complete when left out.", ""),
        Key(
            "information",
            "text",
            "How information is counted: as planned, or by the events or complete outcomes in the data.",
            "planned",
            ("planned", "events", "complete"),
        ),
        Key(
            "maximum",
            "number",
            "Events or complete outcomes at the last analysis as planned; all patients when left out.",
            low=1.0,
        ),
        Key(
            "pipeline",
            "true or false",
            "Whether the patients of a stopped trial are followed to the end and analysed once more, which is reported "
            "beside the decision.",
            False,
        ),
    ),
    "monitoring.interim": (
        Key(
            "when",
            "text",
            "What triggers the analysis, such as 'complete >= 50 %', 'events >= 300 and day >= 120'.",
            REQUIRED,
        ),
        Key(
            "information",
            "number",
            "Planned fraction of the final information; read off the trigger when that is one share.",
            low=0.0,
            high=1.0,
        ),
        Key("efficacy", "true or false", "Whether the trial can stop for efficacy here.", True),
        Key(
            "analysis",
            "text",
            "Name of another planned analysis of the same endpoint that is tested for efficacy here; the monitored one "
            "when left out. What different tests spend is counted in full.",
            "",
        ),
        Key("futility", "true or false", "Whether it can stop for futility here.", True),
        Key(
            "futility_analysis",
            "text",
            "Name of another planned analysis that judges futility here, of any endpoint known before the last one; "
            "the boundaries of the monitored one do when left out.",
            "",
        ),
        Key(
            "futility_z",
            "number",
            "Where that analysis has a z below this, positive when the active arm does better, the trial stops.",
            low=-10.0,
            high=10.0,
        ),
    ),
    "multiplicity": (
        Key("procedure", "text", "How the level is shared among the analyses.", REQUIRED, tuple(PROCEDURES)),
        Key(
            "analyses",
            "list of texts",
            "Analyses tested together, in the order of a fixed sequence; all primary and key secondary ones when left "
            "out, those of the graph or of the families where there are any.",
            (),
        ),
        Key(
            "spending",
            "text",
            "How the level of analyses that are not monitored is spread over the interim analyses at which the trial "
            "may end, a spending function as in [monitoring]; all of it where the trial ends when left out, which does "
            "not keep the familywise level.",
            "",
        ),
        Key("alpha", "number", "Familywise level; that of the analyses when left out.", low=1e-6, high=0.5),
        Key("hypothesis", "list of tables", "Nodes of a graph, one [[multiplicity.hypothesis]] each.", ()),
        Key("family", "list of tables", "Families of gatekeeping in order, one [[multiplicity.family]] each.", ()),
        Key(
            "configuration",
            "list of tables",
            "Worlds in which arms are no better than the reference, in each of which the familywise error is found, "
            "one [[multiplicity.configuration]] each.",
            (),
        ),
    ),
    "multiplicity.hypothesis": (
        Key("analysis", "text", "Name of the analysis.", REQUIRED),
        Key("weight", "number", "Share of the level that it has at the start.", 0.0, low=0.0, high=1.0),
        Key("to", "table", "Shares of its level, by analysis, that it hands on when rejected.", {}),
    ),
    "multiplicity.family": (Key("analyses", "list of texts", "Names of the analyses in it.", REQUIRED),),
    "multiplicity.configuration": (
        Key("name", "text", "Name of the configuration.", REQUIRED),
        Key("null_arms", "list of texts", "Arms given the regimen of the reference; every arm when left out.", ()),
    ),
    "withdrawal": _RISK,
    "treatment_stop": _RISK,
    "missed_visit": (
        *_CONCERNED,
        Key("day", "whole number", "Study day of the visit.", REQUIRED),
        Key("probability", "number", "Probability that the visit is missed.", REQUIRED, low=0.0, high=1.0),
        _SOURCE,
        _ASSUMPTION,
    ),
    "prediction": (
        Key(
            "between_trial_sd",
            "number",
            "How much a treatment's benefit differs from trial to trial: standard deviation of its log hazard ratio.",
            0.0,
            low=0.0,
        ),
        _SOURCE,
        _ASSUMPTION,
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
