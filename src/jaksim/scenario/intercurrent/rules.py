"""The tables that say how treatment changes: stop, rescue, switch, missed doses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.key import LARGEST_INTENSITY
from jaksim.model.courses.rules import Begun, MissedDoses, Rescue, Switch, TreatmentStop
from jaksim.model.courses.trigger import Trigger
from jaksim.model.regimen import Regimen
from jaksim.model.selection import Selection
from jaksim.scenario.intercurrent.target import ShareTarget
from jaksim.scenario.intercurrent.words import arms_words, assumed, concerned, window_words
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption

RULES: Final = ("treatment_stop", "rescue", "switch", "missed_doses")
_StudyDay = Callable[[int, str], int]


def read_rules(
    event: str, tables: Sequence[Mapping[str, Any]], arms: Sequence[Arm], since_randomisation: _StudyDay
) -> tuple[tuple[Any, ...], list[Assumption], list[ShareTarget]]:
    """The rules in the tables of one event, with a line for what each assumes and what is known of those that are to be
    solved for."""
    found: list[Any] = []
    lines: list[Assumption] = []
    targets = []
    for place, entry in elements(tables, event):
        values = read_section(entry, event, place)
        if values.get("share") is not None:
            _take_share(entry, values, place)
            targets.append(ShareTarget(event, len(found), values["share"], place, len(lines)))
        _check_used(entry, values, place)
        if values.get("day") is not None:
            values["day"] = since_randomisation(values["day"], f"{place}.day")
        with located(place):
            rule = _READERS[event](values, arms)
        found.append(rule)
        about = values["name"] or event.replace("_", " ")
        lines.append(assumed(about, statement_of(rule), values))
    return tuple(found), lines, targets


def check_known(top: Mapping[str, Any], treatments: Sequence[str]) -> None:
    """InputError for a rule of the scenario `top` with a treatment that its disease does not know."""
    for event in RULES:
        for place, entry in elements(top[event], event):
            for key in ("treatments", "regimen"):
                for name in entry.get(key, ()):
                    known(name, treatments, "treatment", join(place, key))


def _check_used(entry: Mapping[str, Any], values: Mapping[str, Any], place: str) -> None:
    """InputError for a key that says nothing beside the others."""
    if "on_move" in entry and (values["probability"] is None or values["day"] is not None):
        what = "moves need a probability" if values["day"] is None else "it happens on a day, and not at moves"
        raise InputError(what, where=f"{place}.on_move", got=entry["on_move"])
    if "stages" in entry and values["lasts"] is None:
        raise InputError("what acts to the end has no stages", where=f"{place}.stages", allowed="with lasts")


def _take_share(entry: Mapping[str, Any], values: dict[str, Any], place: str) -> None:
    """Fill in the value to begin with of what is to be solved for; InputError where it is given too."""
    for key in ("per_day", "probability"):
        if values[key] is not None:
            raise InputError("the share is given, from which it follows", where=f"{place}.{key}", got=values[key])
    values["probability" if values["day"] is not None or "on_move" in entry else "per_day"] = 0.1


def _stop(values: Mapping[str, Any], arms: Sequence[Arm]) -> TreatmentStop:
    return TreatmentStop(**_concerned(values), **_when(values), treatments=tuple(values["treatments"]))


def _rescue(values: Mapping[str, Any], arms: Sequence[Arm]) -> Rescue:
    treatments = tuple(values["treatments"])
    if not treatments:
        raise InputError("a rescue adds something", where="treatments", allowed="a treatment or more")
    rule = Rescue(**_concerned(values), **_when(values), **_length(values), treatments=Regimen(treatments).treatments)
    for arm in arms:
        if rule.arms and arm.name not in rule.arms:
            continue
        for name in treatments:
            if name in arm.regimen.treatments:
                raise InputError(
                    f"patients of the arm {arm.name!r} receive it already",
                    where="treatments",
                    allowed="other treatments, or only the arms without it in `arms`",
                    got=name,
                )
    return rule


def _switch(values: Mapping[str, Any], arms: Sequence[Arm]) -> Switch:
    by_name = {arm.name: arm.regimen for arm in arms}
    if bool(values["to"]) == (values["regimen"] is not None):
        raise InputError(
            "a switch is to the regimen of an arm or to one of its own", where="to, regimen", allowed="one"
        )
    if values["to"]:
        known(values["to"], by_name, "arm", "to")
    regimen = by_name[values["to"]] if values["to"] else Regimen(tuple(values["regimen"]))
    if not values["arms"]:
        raise InputError("which arms go over?", where="arms", allowed=list(by_name))
    if values["to"] in values["arms"]:
        raise InputError("an arm cannot go over to itself", where="arms", got=values["to"])
    return Switch(**_concerned(values), **_when(values), **_length(values), regimen=regimen, to=values["to"])


def _missed_doses(values: Mapping[str, Any], arms: Sequence[Arm]) -> MissedDoses:
    rule = MissedDoses(
        *concerned(values), covered=values["covered"], days=values["days"], treatments=tuple(values["treatments"])
    )
    if rule.per_day > LARGEST_INTENSITY:
        raise InputError(
            "pauses begin too often",
            where="covered, days",
            allowed=f"(1 - covered) / (covered days) up to {LARGEST_INTENSITY:g} per day",
            got=rule.per_day,
        )
    return rule


_READERS: Final[Mapping[str, Callable[[Mapping[str, Any], Sequence[Arm]], Any]]] = {
    "treatment_stop": _stop,
    "rescue": _rescue,
    "switch": _switch,
    "missed_doses": _missed_doses,
}


def _concerned(values: Mapping[str, Any]) -> dict[str, Any]:
    scores, arms = concerned(values)
    return {"current_scores": scores, "arms": arms}


def _when(values: Mapping[str, Any]) -> dict[str, Any]:
    end = math.inf if values["end"] is None else values["end"]
    names = ("per_day", "probability", "day", "on_move", "start")
    return {**{name: values[name] for name in names}, "end": end}


def _length(values: Mapping[str, Any]) -> dict[str, Any]:
    return {"lasts": math.inf if values["lasts"] is None else values["lasts"], "stages": values["stages"]}


def statement_of(rule: TreatmentStop | Rescue | Switch | MissedDoses) -> str:
    """What a rule says, in words."""
    names = " + ".join(rule.regimen.treatments if isinstance(rule, Switch) else rule.treatments)
    if isinstance(rule, MissedDoses):
        inside = _scores(rule, " in")
        taken = f"{names or 'doses'} taken on {100.0 * rule.covered:g} % of the days{inside}"
        return f"{taken}, pauses of {rule.days:g} days{arms_words(rule)}"
    if isinstance(rule, TreatmentStop):
        what = f"of {names}" if names else ""
    else:
        what = f"{names} added" if isinstance(rule, Rescue) else f"over to {names or 'no treatment'}"
    lasting = ""
    if isinstance(rule, Begun) and rule.lasts < math.inf:
        spread = 100.0 / math.sqrt(rule.stages)
        lasting = f", acting for {rule.lasts:g} days on average (coefficient of variation {spread:.0f} %)"
    elif isinstance(rule, Begun):
        lasting = ", acting from then to the end"
    return f"{f'{what} ' if what else ''}{_occasion(rule)}{lasting}{arms_words(rule)}"


def _occasion(rule: Trigger) -> str:
    window = window_words(rule.start, rule.end)
    if rule.day is not None:
        share = 100.0 * (1.0 if rule.probability is None else rule.probability)
        return f"{share:g} % of those alive{_scores(rule, ' in')} at the end of day {rule.day}"
    if rule.probability is None:
        return f"{rule.per_day:g} per day{window}{_scores(rule, ',')}"
    moves = {"worse": "move for the worse", "better": "move for the better", "any": "move"}[rule.on_move]
    return f"{100.0 * rule.probability:g} % at each {moves}{_scores(rule, ' into')}{window}"


def _scores(rule: Selection, word: str) -> str:
    return "" if rule.current_scores is None else f"{word} score {', '.join(map(str, rule.current_scores))}"
