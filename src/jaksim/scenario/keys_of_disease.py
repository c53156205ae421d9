"""The keys of a scenario that say how patients move through the scale and what treatments change."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, REQUIRED, SOURCE, Key
from jaksim.scenario.patients.keys import SHAPE

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

DISEASE: Final[dict[str, tuple[Key, ...]]] = {
    "disease": (
        Key(
            "scale",
            "text or table",
            "Ordinal scale: a built-in name, a TOML file, or the table that such a file holds; that of the parameter "
            "set when left out.",
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
            "By treatment: the name or file of the parameter set that holds its effects, or a table of effects, which "
            "may change some of a parameter set's.",
            {},
        ),
        Key("interaction", "list of tables", "What changes when two drugs or drug classes meet in one regimen.", ()),
        Key("covariate", "list of tables", "What a covariate of the patient changes.", ()),
        Key(
            "phase",
            "list of tables",
            "Phases of the disease by days since onset, through which treatments can act, beside or in place of those "
            "that come with jaksim: viral and inflammation.",
            (),
        ),
    ),
    "disease.phase": (
        Key("name", "text", "Name of the phase.", REQUIRED),
        Key("days", "list of numbers", "Days since onset between which the level goes straight.", REQUIRED),
        Key("levels", "list of numbers", "Level of the phase on each of these days, 0 or more.", REQUIRED),
        Key("intervals", "list of lists", "95 % interval of each of these days, [] for one taken as known.", ()),
        SOURCE,
        ASSUMPTION,
    ),
    "disease.treatments.reference_onset": (
        Key("median", "number", "Median of the days since onset at randomisation.", low=0.0),
        Key("quartiles", "list of numbers", "Lower and upper quartile, beside a median."),
        Key("days", "list of whole numbers", "The days, instead of median and quartiles."),
        Key("shares", "list of numbers", "Share of patients on each of these days; equal ones when left out."),
        Key("followed", "whole number", "Days of follow-up that the effect is an average of; 28 when left out.", low=1),
        SOURCE,
    ),
    "disease.natural_history": (
        Key("move", "list of tables", "The moves with their intensities, one table each.", REQUIRED),
        SOURCE,
        ASSUMPTION,
    ),
    "disease.natural_history.move": (
        Key("move", "text", "Score before and after, such as 5>4.", REQUIRED),
        Key("cuts", "list of numbers", "Days since randomisation at which the intensity changes.", ()),
        Key("values", "list of numbers", "Intensity per day in each piece, one more than the cuts.", REQUIRED),
    ),
    "disease.treatments": (
        Key("drug_class", "text", "Class of the drug, by which interactions can name it.", ""),
        Key(
            "effect",
            "table or list of tables",
            "What the treatment changes, one table per effect; nothing when left out. Beside a parameter_set: which of "
            "its effects are changed, each named by its label, and what is new about them.",
            (),
        ),
        Key(
            "parameter_set",
            "text",
            "The name or file of the parameter set that holds the effects, where the table changes some of them.",
            "",
        ),
        Key("window", "table", "When every effect acts that has no window of its own here."),
        Key(
            "phase",
            "text",
            "The phase of the disease through which every effect acts: its log hazard ratio goes with the level on the "
            "day since onset.",
            "",
        ),
        Key(
            "reference_onset",
            "table",
            "Days since onset at which the patients came in the trial that the effects are from, where the average of "
            "the log hazard ratio is that of the effect; needed with a phase, but for stated effects.",
        ),
        SOURCE,
    ),
    "disease.treatments.effect": (
        Key(
            "moves",
            "text or list of texts",
            f"{_MOVES.description} Required, but for a stated effect: where its event is good, or a rank, improvement "
            "and discharge; where it is bad, death, or deterioration, readmission and death.",
        ),
        Key("log_hazard_ratio", "number", "Effect on the intensity of these moves, log scale."),
        Key("hazard_ratio", "number", "The same as a ratio; give one of the two.", low=1e-6, high=1e6),
        Key("standard_error", "number", "Standard error of the log hazard ratio.", low=0.0),
        Key(
            "interval",
            "list of numbers",
            "95 % interval of the hazard ratio or of the stated value, instead of a standard error.",
        ),
        Key(
            "endpoint",
            "text",
            "Of an effect stated on an endpoint instead of a hazard ratio: its name. The hazard ratio of the moves is "
            "solved for, so that a very large trial of the patients of the scenario finds the stated value.",
            "",
        ),
        Key("method", "text", "The analysis of that endpoint whose estimate is stated, as in analysis.method.", ""),
        Key("value", "number", "The estimate, as that method gives it: a ratio, a difference or a probability."),
        Key(
            "risk",
            "number",
            "Instead of method and value: the share of patients on this treatment who have the event.",
            low=0.0,
            high=1.0,
        ),
        Key("sd", "number", "Standard deviation of a stated value, of a ratio's logarithm.", low=0.0),
        Key(
            "on_top_of",
            "list of texts",
            "Treatments that both sides of a stated effect get; the others of the arm that gives it with the fewest "
            "when left out.",
        ),
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
        *SHAPE,
        _WINDOW,
        SOURCE,
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
        Key(
            "parameter_set",
            "text",
            "The name or file of a parameter set that pools many trials, from which both are taken and drawn together "
            "with its effects; instead of log_hazard_ratio and prior_sd.",
            "",
        ),
        _SCORES,
        _WINDOW,
        SOURCE,
        ASSUMPTION,
    ),
    "disease.covariate": (
        Key("covariate", "text", "Name of the covariate, as in the population.", REQUIRED),
        _MOVES,
        Key(
            "log_hazard_ratio",
            "number",
            "Change of the log intensity per unit of the covariate; left out where values are given.",
        ),
        *SHAPE,
        SOURCE,
    ),
}
