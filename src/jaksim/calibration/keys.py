"""The keys of a study file: the arms, strata, endpoints and model of a published trial, and the figures to meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from jaksim.calibration.statistic import STATISTIC_KINDS
from jaksim.key import REQUIRED, Key
from jaksim.model.template_keys import PRIORS, TEMPLATE_KEYS

_BASE: Final = (
    Key(
        "base",
        "text",
        "Parameter set, by name or file, whose fitted moves and profiles are held as the shape of this natural "
        "history; those that stand here replace its own.",
    ),
    Key("shift", "table", "By name: free multipliers of sets of moves of the base.", {}),
)
_MODEL: Final = tuple(
    replace(key, default=(), description=f"{key.description} With a base, those that replace its own.")
    if key.name == "move"
    else key
    for key in TEMPLATE_KEYS[""]
)

STUDY_KEYS: Final[Mapping[str, tuple[Key, ...]]] = {
    "": (
        Key(
            "evidence",
            "text",
            "The figures: a study of the catalogue by name, or a file of evidence by its path from this file.",
            REQUIRED,
        ),
        Key("horizon", "whole number", "Days of follow-up after randomisation.", REQUIRED, low=1),
        Key("arm", "table", "The arms of the trial by name.", REQUIRED),
        Key("stratum", "table", "The published subgroups by name.", REQUIRED),
        Key("endpoint", "table", "The endpoints that the figures are about, by name.", REQUIRED),
        Key("model", "table", "The disease model to fit.", REQUIRED),
        Key("target", "list of tables", "The figures to meet, one [[target]] each.", REQUIRED),
        Key("title", "text", "Heading of the report; that of the evidence when left out."),
        Key(
            "day_of_randomisation",
            "whole number",
            "Number that the trial gives to the day of randomisation; `day` keys of endpoints count from it.",
            0,
        ),
        Key("background", "list of texts", "Treatments that every arm had, inside the natural history.", ()),
        Key(
            "natural_history_source",
            "text",
            "Which patients the natural history is that of; the title of the evidence when left out.",
        ),
        Key("notes", "any value", "Remarks for the reader of the file; not used."),
        Key("assumption", "list of tables", "What no publication says; scenarios that use the result print it.", ()),
        Key("excluded", "list of tables", "Figures that are left out, with the reason.", ()),
    ),
    "arm.NAME": (
        Key("regimen", "list of texts", "Treatments beyond the background.", REQUIRED),
        Key("patients", "table", "Number of patients by stratum.", REQUIRED),
    ),
    "stratum.NAME": (
        Key("scores", "table", "Shares of the scores at randomisation; they sum to 1.", REQUIRED),
        Key("covariates", "table", "Values of covariates by name, where an effect asks for one.", {}),
    ),
    "model": (*_MODEL, *_BASE),
    **{f"model.{name}": keys for name, keys in TEMPLATE_KEYS.items() if name},
    "model.shift.NAME": (
        Key("moves", "list of texts", "Groups of moves, or moves, of the base that it multiplies.", REQUIRED),
        *PRIORS,
    ),
    "target": (
        Key("record", "text", "Id of the figure in the evidence.", REQUIRED),
        Key("statistic", "text", "The statistic of the model that answers it.", REQUIRED, tuple(STATISTIC_KINDS)),
        Key("endpoint", "text", "Name of the endpoint it is taken of.", REQUIRED),
        Key("arm", "text", "Name of the arm; of a contrast the first one.", REQUIRED),
        Key("reference", "text", "Of a contrast: the arm of the denominator, or what is subtracted."),
        Key("strata", "list of texts", "Strata of its patients; all when left out."),
        Key("stratified", "true or false", "Of a contrast: whether it is adjusted for the strata.", True),
        Key("inverse", "true or false", "Whether the publication prints the inverse of the ratio.", False),
        Key("moves", "list of texts", "Of a transition ratio: its moves.", ()),
        Key("role", "text", "Whether it is fitted, or only predicted and scored.", "fit", ("fit", "check")),
        Key("weight", "number", "Weight in the fit, where a figure repeats part of another.", 1.0, low=0.0),
        Key("note", "text", "A remark; not used."),
        Key("options", "table", "Options of the method that the publication used.", {}),
    ),
    "excluded": (
        Key("records", "list of texts", "Ids of the figures; * stands for any text.", REQUIRED),
        Key("reason", "text", "Why they are neither fitted nor checked.", REQUIRED),
    ),
    "assumption": (
        Key("name", "text", "What it is about.", REQUIRED),
        Key("value", "any value", "What is taken.", REQUIRED),
        Key("why", "text", "Why.", REQUIRED),
        Key("source", "text", "Where it comes from; none where nothing is published.", REQUIRED),
    ),
}
"""By table of a study file, the keys that it may hold; NAME stands for a name of the user's."""

LEVELS: Final = Key(
    "levels",
    "list of lists",
    "Of an endpoint of scores on a day: scores that the publication puts together, the best level first.",
)
"""The key of an endpoint of a study file that scenarios do not have."""
