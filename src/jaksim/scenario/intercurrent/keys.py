"""The keys of withdrawal, missed visits and changes of the treatment."""

from __future__ import annotations

from typing import Final

from jaksim.key import ASSUMPTION, LARGEST_INTENSITY, REQUIRED, SOURCE, Key
from jaksim.model.courses.rules import MOST_STAGES
from jaksim.model.courses.trigger import DIRECTIONS

_CONCERNED = (
    Key("name", "text", "Name by which a change on the command line refers to it.", ""),
    Key("current_scores", "list of whole numbers", "Scores of the patients concerned; every living one when left out."),
    Key("arms", "list of texts", "Arms of the patients concerned; every arm when left out.", ()),
)
_PER_DAY = "Intensity per day; 0.01 is about 1 % of the patients concerned a day."
_DAYS = (
    Key("start", "number", "First day since randomisation.", 0.0, low=0.0),
    Key("end", "number", "Day since randomisation at which it ends; never when left out.", low=0.0),
)


def _trigger(on_move: str) -> tuple[Key, ...]:
    return (
        *_CONCERNED,
        Key("per_day", "number", f"{_PER_DAY} Or a probability.", low=0.0, high=LARGEST_INTENSITY),
        Key(
            "probability",
            "number",
            "Probability at each move into one of the scores; with a day, of those who are in one of them at its end.",
            low=0.0,
            high=1.0,
        ),
        Key(
            "on_move",
            "text",
            "Moves into the scores at which it happens with the probability: for the worse, for the better, or any.",
            on_move,
            DIRECTIONS,
        ),
        Key("day", "whole number", "Study day at the end of which it happens, in place of moves."),
        Key(
            "share",
            "number",
            "Share of the patients of the arms concerned to whom it happens by the last day; per_day is solved for, or "
            "with on_move or a day the probability.",
            low=0.0,
            high=1.0,
        ),
        *_DAYS,
    )


_BEGUN = (
    Key(
        "lasts",
        "number",
        "Mean number of days for which the new treatment acts; to the end of follow-up when left out.",
        low=0.01,
    ),
    Key(
        "stages",
        "whole number",
        "Stages of equal mean of which these days are the sum: 1 is an exponential length, many are nearly the same "
        "length for everybody.",
        4,
        low=1,
        high=MOST_STAGES,
    ),
)

INTERCURRENT: Final[dict[str, tuple[Key, ...]]] = {
    "withdrawal": (
        *_CONCERNED,
        Key("per_day", "number", _PER_DAY, REQUIRED, low=0.0, high=LARGEST_INTENSITY),
        *_DAYS,
        SOURCE,
        ASSUMPTION,
    ),
    "treatment_stop": (
        *_trigger("any"),
        Key(
            "treatments",
            "list of texts",
            "Treatments that are stopped; all of the arm's that are not inside the natural history when left out.",
            (),
        ),
        SOURCE,
        ASSUMPTION,
    ),
    "rescue": (
        Key("treatments", "list of texts", "Treatments that are added, of [disease.treatments].", REQUIRED),
        *_trigger("worse"),
        *_BEGUN,
        SOURCE,
        ASSUMPTION,
    ),
    "switch": (
        Key("to", "text", "Arm whose regimen the patient receives from then on.", ""),
        Key("regimen", "list of texts", "Treatments received from then on, in place of an arm's."),
        *_trigger("any"),
        *_BEGUN,
        SOURCE,
        ASSUMPTION,
    ),
    "missed_doses": (
        *_CONCERNED,
        Key(
            "treatments",
            "list of texts",
            "Treatments whose doses are missed; all that the patient is randomised or switched to when left out.",
            (),
        ),
        Key("covered", "number", "Share of the days on which doses are taken.", REQUIRED, low=0.0001, high=1.0),
        Key("days", "number", "Mean length of a pause, in days.", 1.0, low=0.01),
        SOURCE,
        ASSUMPTION,
    ),
    "missed_visit": (
        *_CONCERNED,
        Key("day", "whole number", "Study day of the visit.", REQUIRED),
        Key("probability", "number", "Probability that the visit is missed.", REQUIRED, low=0.0, high=1.0),
        SOURCE,
        ASSUMPTION,
    ),
}

TABLES: Final = (
    Key(
        "withdrawal",
        "list of tables",
        "How patients leave the study, one [[withdrawal]] for each intensity; those that concern a patient add up.",
        (),
    ),
    Key(
        "treatment_stop",
        "list of tables",
        "How patients stop their treatment, one [[treatment_stop]] for each rule; effects of the regimen that are not "
        "inside the natural history end then.",
        (),
    ),
    Key("rescue", "list of tables", "Open-label treatment begun on deterioration, one [[rescue]] for each rule.", ()),
    Key("switch", "list of tables", "How patients go over to another regimen, one [[switch]] for each rule.", ()),
    Key("missed_doses", "list of tables", "Pauses of the treatment, one [[missed_doses]] for each rule.", ()),
    Key("missed_visit", "list of tables", "How patients miss a visit, one [[missed_visit]] for each probability.", ()),
)
