"""`[adaptation] kind = "dose-selection"`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.parts import ANALYSES, Parts
from jaksim.trial.adaptive.dose_selection import DoseSelection
from jaksim.trial.trigger import Trigger, parse_trigger

KEYS: Final = (
    ANALYSES,
    Key("select_by", "list of texts", "Early analyses, one for each active arm in the same order.", REQUIRED),
    Key("interim", "text", "What triggers the choice, such as 'patients >= 50 %'.", REQUIRED),
    Key(
        "weight",
        "number",
        "Weight of the patients before the choice in the final test; their planned share of the information when left "
        "out, for a trigger with one share.",
    ),
    Key("futility", "number", "The trial ends when no early z is above this bound; never when left out."),
)


def read(values: Mapping[str, Any], parts: Parts) -> DoseSelection:
    """The design."""
    names = parts.decided(values["analyses"])
    for name in values["select_by"]:
        known(name, parts.plans, "analysis", "select_by")
    trigger = parse_trigger(values["interim"])
    weight = values["weight"]
    return DoseSelection(
        analyses=names,
        select_by=tuple(values["select_by"]),
        interim=trigger,
        weight=_planned_weight(trigger, parts) if weight is None else float(weight),
        alpha=parts.plans[names[0]].alpha,
        futility_z=values["futility"],
    )


def _planned_weight(trigger: Trigger, parts: Parts) -> float:
    """Information about one arm from the patients before the choice, in parts of all."""
    shares = {condition.value for condition in trigger.conditions if condition.share}
    if len(shares) != 1:
        raise InputError("the weight is missing", where="weight", allowed="a number between 0 and 1")
    (share,) = shares
    if not 0.0 < share < 1.0:
        raise InputError(
            "one side of the choice has no patients", where="interim", allowed="a share between 0 and 100 %", got=share
        )
    reference = next(arm.allocation for arm in parts.arms if arm.reference)
    active = max(arm.allocation for arm in parts.arms if not arm.reference)
    before = share / sum(arm.allocation for arm in parts.arms)
    return before / (before + (1.0 - share) / (active + reference))
