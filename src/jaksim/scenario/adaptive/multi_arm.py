"""`[adaptation] kind = "multi-arm-multi-stage"`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.key import REQUIRED, Key
from jaksim.scenario.adaptive.parts import ANALYSES, Parts
from jaksim.trial.adaptive.many_arms import MOST_ANALYSES, constant_of
from jaksim.trial.adaptive.multi_arm import PATIENTS, STATISTICS, STOPS, MultiArm
from jaksim.trial.trigger import Trigger, parse_trigger

SHAPES: Final = ("obrien-fleming", "pocock", "triangular", "wang-tsiatis:DELTA")
INTERIMS = Key(
    "interims",
    "list of texts",
    "What triggers each interim analysis, counted in the reference arm, such as 'complete >= 50 %'.",
    REQUIRED,
)
INFORMATION = Key(
    "information",
    "list of numbers",
    "Planned fractions of the final information at the interim analyses; read off triggers with one share.",
    (),
)

KEYS: Final = (
    ANALYSES,
    INTERIMS,
    INFORMATION,
    Key("efficacy", "text", f"Shape of the upper bounds: {', '.join(SHAPES)}.", "obrien-fleming"),
    Key("futility", "text", "Lower bounds z:BOUND,... of the interim analyses; none when left out.", ""),
    Key("binding", "true or false", "Whether the upper bounds count on dropping arms for futility.", False),
    Key(
        "keep",
        "list of whole numbers",
        "Most arms that go on after each interim analysis, the best; all when empty.",
        (),
    ),
    Key("stop", "text", "When the trial ends: at the first success, or once every arm is decided.", STOPS[0], STOPS),
    Key(
        "patients",
        "text",
        "What dropping arms does: each arm keeps its planned number, or the total stays and the others get more.",
        PATIENTS[0],
        PATIENTS,
    ),
    Key(
        "test",
        "text",
        "The statistic of an arm: cumulative, or the combination of increments with planned weights, which holds its "
        "level under any re-allocation; cumulative when arms keep their numbers, else combination.",
        "",
        ("", *STATISTICS),
    ),
)


def read(values: Mapping[str, Any], parts: Parts) -> MultiArm:
    """The design with its bounds."""
    names, plans = parts.decided(values["analyses"]), parts.plans
    interims, information = read_interims(values)
    alpha = plans[names[0]].alpha
    allocation = {arm.name: arm.allocation for arm in parts.arms}
    reference = next(arm for arm in parts.arms if arm.reference)
    ratio = allocation[plans[names[0]].pairs[0][0]] / reference.allocation
    upper, lower = _bounds(values, np.array(information), len(names), ratio, alpha)
    return MultiArm(
        analyses=names,
        interims=interims,
        information=information,
        upper_z=tuple(upper.tolist()),
        lower_z=tuple(lower.tolist()),
        alpha=alpha,
        efficacy=values["efficacy"],
        futility=values["futility"],
        binding=values["binding"],
        keep=tuple(values["keep"]),
        stop=values["stop"],
        patients=values["patients"],
        statistic=values["test"] or ("cumulative" if values["patients"] == "per arm" else "combination"),
    )


def read_interims(values: Mapping[str, Any]) -> tuple[tuple[Trigger, ...], tuple[float, ...]]:
    """The triggers of the interim analyses and the planned information of all analyses, 1 for the last."""
    triggers = tuple(parse_trigger(text) for text in values["interims"])
    if not 1 <= len(triggers) < MOST_ANALYSES:
        raise InputError(
            "number of interim analyses", where="interims", allowed=f"1 to {MOST_ANALYSES - 1}", got=len(triggers)
        )
    given = tuple(float(fraction) for fraction in values["information"])
    if not given:
        shares = [{condition.value for condition in trigger.conditions if condition.share} for trigger in triggers]
        if any(len(share) != 1 for share in shares):
            raise InputError("the planned information is missing", where="information", allowed="a fraction for each")
        given = tuple(share.pop() for share in shares)
    fractions = (*given, 1.0)
    if len(given) != len(triggers) or any(b - a < 1e-6 for a, b in zip((0.0, *fractions), fractions, strict=False)):
        raise InputError(
            "the planned information does not grow from analysis to analysis",
            where="information",
            allowed="a fraction between 0 and 1 for each interim analysis, each above the one before",
            got=list(given),
        )
    return triggers, fractions


def _bounds(
    values: Mapping[str, Any], information: NDArray[np.float64], arms: int, ratio: float, alpha: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    word, interims = values["efficacy"], len(information) - 1
    lower = _futility(values["futility"], interims)
    counted = lower if values["binding"] else np.full(interims, -math.inf)
    if word == "triangular":
        if values["futility"]:
            raise InputError("a triangular design has lower bounds of its own", where="futility")
        up = (1.0 + information) / np.sqrt(information)
        down = -((1.0 - 3.0 * information) / np.sqrt(information))[:-1]
        binding = values["binding"]
        constant = constant_of(up, counted, information, arms, ratio, alpha, lower_shape=down if binding else None)
        return constant * up, constant * down
    shape = information ** (_delta(word) - 0.5)
    return constant_of(shape, counted, information, arms, ratio, alpha) * shape, lower


def _delta(word: str) -> float:
    name, _, text = word.partition(":")
    if word in ("obrien-fleming", "pocock"):
        return 0.0 if word == "obrien-fleming" else 0.5
    try:
        delta = float(text)
    except ValueError:
        delta = math.nan
    if name != "wang-tsiatis" or not -2.0 <= delta <= 1.0:
        raise InputError("unknown shape of the bounds", where="efficacy", allowed=SHAPES, got=word)
    return delta


def _futility(word: str, interims: int) -> NDArray[np.float64]:
    if not word:
        return np.full(interims, -math.inf)
    name, _, text = word.partition(":")
    try:
        bounds = [float(bound) for bound in text.split(",")]
    except ValueError:
        bounds = []
    if name != "z" or len(bounds) != interims or any(math.isnan(bound) for bound in bounds):
        raise InputError(
            "unknown rule for futility", where="futility", allowed=f"z: and {interims} bounds between commas", got=word
        )
    return np.array(bounds)
