"""The keys of a model template: its moves, profiles, treatments, effects, and the parameters that they name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jaksim.key import REQUIRED, Key

PRIORS: Final = (
    Key("prior_mean", "number", "Mean of the normal prior of the parameter, on the log scale.", 0.0),
    Key("prior_sd", "number", "Standard deviation of that prior; 0 holds the parameter.", 1.0, low=0.0),
    Key("reason", "text", "Why this prior is taken; printed with the parameter.", ""),
)

TEMPLATE_KEYS: Final[Mapping[str, tuple[Key, ...]]] = {
    "": (
        Key("scale", "text or table", "Ordinal scale: a built-in name, a TOML file, or its table.", REQUIRED),
        Key("move", "list of tables", "The moves with their prior intensities, one table each.", REQUIRED),
        Key("source", "text", "Where the fitted values come from; scenarios print it.", ""),
        Key("parameter", "table", "Parameters by name that several moves share.", {}),
        Key("profile", "table", "Profiles by name: how the intensities of a family of moves change over time.", {}),
        Key("treatment", "table", "The treatments by name.", {}),
        Key("effect", "list of tables", "Log hazard ratios to fit, one table each.", ()),
    ),
    "parameter.NAME": PRIORS,
    "profile.NAME": (
        Key("cuts", "list of numbers", "Days at which the intensities change together.", REQUIRED),
        Key(
            "prior_mean",
            "number or list of numbers",
            "Prior mean of the log multiplier after each cut, relative to before the first.",
            0.0,
        ),
        Key("prior_sd", "number or list of numbers", "Standard deviation of each of these priors.", 1.0),
    ),
    "move": (
        Key("move", "text", "Score before and after, such as 5>4.", REQUIRED),
        Key("intensity", "number", "Prior median of its intensity per day, in the first piece.", REQUIRED),
        Key("profile", "text", "Name of the profile that it follows; constant when left out."),
        Key("shared", "list of texts", "Names of parameters whose values multiply the intensity too.", ()),
        Key("group", "text", "Group of moves it belongs to, where that is not the one its scores say."),
        *(key for key in PRIORS if key.name != "prior_mean"),
    ),
    "treatment.NAME": (Key("class", "text", "Class of the drug, by which interactions can name it.", REQUIRED),),
    "effect": (
        Key("treatment", "text", "The treatment that has the effect.", REQUIRED),
        Key("name", "text", "Name of the effect, from which that of its parameter is made.", REQUIRED),
        Key(
            "moves",
            "list of texts",
            "Moves that it changes: groups such as improvement, or moves such as 5>4.",
            REQUIRED,
        ),
        Key("current_scores", "list of whole numbers", "It acts only in these scores; everywhere when left out."),
        Key("baseline_scores", "list of whole numbers", "It acts only in patients who entered in these scores."),
        Key("window", "list of numbers", "First and last day of action; the whole time when left out."),
        Key("clock", "text", "What the days of the window count from.", "randomisation", ("randomisation", "onset")),
        Key("covariate", "text", "The effect is per unit of this covariate of the patient.", ""),
        Key("source", "text", "Where its value comes from; that of the model when left out.", ""),
        PRIORS[0],
        Key("prior_sd", "number", "Standard deviation of the prior of the log hazard ratio.", 3.0, low=0.0),
        PRIORS[2],
    ),
}
"""By table of a model template, the keys that it may hold; NAME stands for a name of the user's."""
