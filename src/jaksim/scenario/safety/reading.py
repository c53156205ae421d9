"""The tables of safety events."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.key import LARGEST_INTENSITY
from jaksim.model.safety.events import SafetyEvent, SafetyRisk
from jaksim.model.safety.laboratory import LaboratoryValue
from jaksim.scale import OrdinalScale
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.arm import Arm

_SOURCES = ("per_day", "shares", "laboratory")


def read_safety(
    tables: Sequence[Mapping[str, Any]],
    scale: OrdinalScale,
    arms: Sequence[Arm],
    horizon: int,
    since_randomisation: Callable[[int, str], int],
) -> tuple[SafetyEvent, ...]:
    """The safety events, each with the risks of all tables of its name."""
    found: dict[str, SafetyEvent] = {}
    for place, entry in elements(tables, "safety"):
        values = read_section(entry, "safety", place)
        day = horizon if values["day"] is None else since_randomisation(values["day"], f"{place}.day")
        with located(place):
            event = SafetyEvent(
                values["name"], _risks(values, scale, arms, horizon, day), values["most"], values["death_counts"]
            )
            event.check(scale, [arm.name for arm in arms])
            before = found.get(event.name)
            if before is None:
                found[event.name] = event
                continue
            if (before.most, before.death_counts) != (event.most, event.death_counts):
                raise InputError(
                    "tables of one name count the same events", where="most, death_counts", allowed="the same in all"
                )
            if any(risk.share is not None for risk in before.risks) and values["shares"] is not None:
                raise InputError("one table of a name can have its intensity solved for", where="shares")
            found[event.name] = replace(before, risks=(*before.risks, *event.risks))
    return tuple(found.values())


def _risks(
    values: Mapping[str, Any], scale: OrdinalScale, arms: Sequence[Arm], horizon: int, day: int
) -> tuple[SafetyRisk, ...]:
    given = [name for name in _SOURCES if values[name] is not None]
    if len(given) != 1:
        raise InputError(
            "one description of the intensity is needed", where=", ".join(given or _SOURCES), allowed="one of them"
        )
    by_arm = {arm.name: arm for arm in arms}
    for name in values["arms"]:
        known(name, by_arm, "arm", "arms")
    at_risk = [arm for arm in arms if not values["arms"] or arm.name in values["arms"]]
    ratio = _by_arm(values["ratio"], by_arm, "ratio", least=0.0, most=LARGEST_INTENSITY)
    by_score = _by_score(values["by_score"], scale)
    common = {
        "current_scores": None if values["current_scores"] is None else tuple(values["current_scores"]),
        "factors": tuple(by_score.items()),
        "exposure": values["exposure"],
        "start": values["start"],
        "end": math.inf if values["end"] is None else values["end"],
    }
    if given == ["laboratory"]:
        return tuple(_of_laboratory(values, common, at_risk, by_arm, ratio, horizon))
    if given == ["per_day"]:
        largest = values["per_day"] * max((1.0, *ratio.values())) * max((1.0, *by_score.values()))
        if largest > LARGEST_INTENSITY:
            raise InputError(
                "the intensity is too large with its ratio and the factors of scores",
                where="per_day, ratio, by_score",
                allowed=f"up to {LARGEST_INTENSITY:g} per day",
                got=largest,
            )
        return tuple(
            SafetyRisk(arms=(arm.name,), per_day=values["per_day"] * ratio.get(arm.name, 1.0), **common)
            for arm in at_risk
        )
    shares = _by_arm(values["shares"], by_arm, "shares", least=0.0, most=1.0)
    for name in shares:
        if name not in [arm.name for arm in at_risk]:
            raise InputError("the arm is not at risk", where=join("shares", name), allowed=[a.name for a in at_risk])
        if name in ratio:
            raise InputError("an arm has a share or a ratio", where=join("ratio", name), got=ratio[name])
    reference = next(arm.name for arm in arms if arm.reference)
    if reference not in shares and len(shares) < len(at_risk):
        raise InputError(
            "the other arms have the intensity of the reference", where="shares", allowed=f"a share of {reference!r}"
        )
    return tuple(
        SafetyRisk(
            arms=(arm.name,), per_day=ratio.get(arm.name, 1.0), share=shares.get(arm.name), share_day=day, **common
        )
        for arm in at_risk
    )


def _of_laboratory(
    values: Mapping[str, Any],
    common: Mapping[str, Any],
    arms: Sequence[Arm],
    by_arm: Mapping[str, Arm],
    ratio: Mapping[str, float],
    horizon: int,
) -> list[SafetyRisk]:
    if ratio:
        raise InputError("arms differ in the drift of the value", where="ratio", allowed="laboratory.drift_by_arm")
    if (common["start"], common["end"]) != (0.0, math.inf):
        raise InputError("the value drifts from randomisation to the end", where="start, end")
    found = []
    for arm in arms:
        intensities = laboratory_value(values["laboratory"], arm.name, by_arm).intensities(horizon)
        days = {"start": 0.0, "end": math.inf}
        for day, intensity in enumerate(intensities.tolist()):
            days = {"start": float(day), "end": float(day + 1) if day + 1 < horizon else math.inf}
            found.append(SafetyRisk(arms=(arm.name,), per_day=intensity, **{**common, **days}))
    return found


def laboratory_value(table: Mapping[str, Any], arm: str, arms: Mapping[str, Arm]) -> LaboratoryValue:
    """The laboratory value of the patients of an arm."""
    values = read_section(table, "safety.laboratory", "laboratory")
    drift = _by_arm(values["drift_by_arm"], arms, "laboratory.drift_by_arm")
    with located("laboratory"):
        return LaboratoryValue(
            threshold=values["threshold"],
            median=values["median"],
            log_sd=values["log_sd"],
            drift=drift.get(arm, values["drift"]),
            log_sd_per_day=values["log_sd_per_day"],
            below=values["direction"] == "below",
        )


def _by_arm(
    table: Mapping[str, Any], arms: Mapping[str, Arm], where: str, *, least: float = -math.inf, most: float = math.inf
) -> dict[str, float]:
    for name in table:
        known(name, arms, "arm", where)
    return {name: _number(value, join(where, name), least, most) for name, value in table.items()}


def _by_score(table: Mapping[str, Any], scale: OrdinalScale) -> dict[int, float]:
    found = {}
    for score, factor in table.items():
        place = join("by_score", str(score))
        try:
            number = int(score)
        except ValueError:
            raise InputError("not a score", where=place, allowed=scale.scores, got=score) from None
        found[number] = _number(factor, place, 0.0, LARGEST_INTENSITY)
    return found


def _number(value: object, where: str, least: float, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        allowed = f"{least:g} to {most:g}" if most < math.inf else ("a number" if least < 0.0 else "0 or more")
        raise InputError("not such a number", where=where, allowed=allowed, got=value)
    return float(value)
