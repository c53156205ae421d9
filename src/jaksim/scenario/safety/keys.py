"""The keys of safety events."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, LARGEST_INTENSITY, REQUIRED, SOURCE, Key
from jaksim.model.safety.events import EXPOSURES, MOST_COUNTED

SAFETY: Final[dict[str, tuple[Key, ...]]] = {
    "safety": (
        Key("name", "text", "Name by which endpoints refer to the event; tables of the same name add up.", REQUIRED),
        Key(
            "per_day",
            "number",
            "Intensity per day in every arm, times its ratio.",
            low=0.0,
            high=LARGEST_INTENSITY,
        ),
        Key(
            "shares",
            "table",
            "By arm, the share of its patients who have the event by `day`; the intensity is solved for. Arms that are "
            "not named have the intensity of the reference, times their ratio.",
        ),
        Key("day", "whole number", "Study day by which the shares are; the last one when left out."),
        Key("laboratory", "table", "A laboratory value whose crossing of a threshold is the event."),
        Key("ratio", "table", "By arm, the ratio of its intensity to that of the others; 1 when left out.", {}),
        Key("current_scores", "list of whole numbers", "Scores of the patients at risk; every living one if left out."),
        Key("by_score", "table", "By score, a factor of the intensity of patients who are in it; 1 when left out.", {}),
        Key("arms", "list of texts", "Arms of the patients at risk; every arm when left out.", ()),
        Key(
            "exposure",
            "text",
            "When patients are at risk: always, on treatment (neither stopped, switched nor paused) or off treatment.",
            "always",
            EXPOSURES,
        ),
        Key("start", "number", "First day since randomisation at risk.", 0.0, low=0.0),
        Key("end", "number", "Day since randomisation at which the risk ends; never when left out.", low=0.0),
        Key(
            "most",
            "whole number",
            "Most events that are counted in a patient; 1 tells only whether there was one.",
            1,
            low=1,
            high=MOST_COUNTED,
        ),
        Key("death_counts", "true or false", "Whether death itself is one more such event.", False),
        SOURCE,
        ASSUMPTION,
    ),
    "safety.laboratory": (
        Key("threshold", "number", "The value that makes the event.", REQUIRED),
        Key("direction", "text", "Whether the value falls or rises to it.", "below", ("below", "above")),
        Key("median", "number", "Median at randomisation, of all patients.", REQUIRED),
        Key("log_sd", "number", "Standard deviation of its logarithm at randomisation.", REQUIRED),
        Key("drift", "number", "Change of the logarithm a day.", 0.0),
        Key("drift_by_arm", "table", "By arm, a drift of its own.", {}),
        Key("log_sd_per_day", "number", "Standard deviation that one day adds to the logarithm.", 0.0, low=0.0),
    ),
}

SAFETY_TABLES: Final = (
    Key(
        "safety",
        "list of tables",
        "Safety events that are counted beside the score, one [[safety]] for each intensity; those of one name add up.",
        (),
    ),
)
