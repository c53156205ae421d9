"""The calendar part of a scenario: when patients come, and what is decided while they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.accrual import Accrual, Site, of_sites
from jaksim.trial.interim import Monitoring
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.trigger import Trigger, parse_trigger


def read_accrual(table: Mapping[str, Any]) -> Accrual | None:
    """The `[accrual]` table, None without one."""
    if not table:
        return None
    values = read_section(table, "accrual", "accrual")
    if (values["rates"] is None) == (not values["site"]):
        raise InputError("say how fast patients come", where="accrual", allowed="either rates or sites")
    with located("accrual"):
        if values["site"]:
            if values["cuts"]:
                raise InputError("sites have no common cuts", where="cuts", allowed="rates, or sites without cuts")
            rate = of_sites([_site(place, entry) for place, entry in elements(values["site"], "site")])
        else:
            rate = PiecewiseConstant(tuple(values["cuts"]), tuple(values["rates"]))
        return Accrual(rate, values["arrivals"], values["lag"])


def _site(place: str, entry: Mapping[str, Any]) -> Site:
    values = read_section(entry, "accrual.site", place)
    return Site(values["name"] or place, values["opens"], values["rate"], values["ramp"])


def read_monitoring(table: Mapping[str, Any], analyses: Sequence[AnalysisPlan]) -> Monitoring | None:
    """The `[monitoring]` table, None without one; the boundaries are at the level and sides of the analysis."""
    if not table:
        return None
    from jaksim.trial.monitoring.bounds import boundaries_of
    from jaksim.trial.monitoring.plan import MonitoringPlan
    from jaksim.trial.monitoring.words import efficacy_of, futility_of, spending_of

    values = read_section(table, "monitoring", "monitoring")
    plan = _monitored(values["analysis"], analyses)
    triggers, fractions, off = _interims(values["interim"])
    times = np.array([*fractions, 1.0])
    with located("monitoring"):
        harm = values["harm"]
        boundaries = boundaries_of(
            MonitoringPlan(
                information=tuple(times.tolist()),
                efficacy=efficacy_of(values["spending"], times, plan.alpha),
                alpha=plan.alpha,
                sides=plan.sides,
                beta=values["beta"],
                futility=futility_of(values["futility"], times, values["beta"]) if values["futility"] else None,
                binding=values["binding"],
                harm=spending_of(harm, times, values["harm_alpha"], "harm") if harm else None,
                harm_alpha=values["harm_alpha"],
                efficacy_off=off["efficacy"],
                futility_off=off["futility"] if values["futility"] else (),
            )
        )
        return Monitoring(
            analysis=plan.name,
            boundaries=boundaries,
            interims=triggers,
            last=parse_trigger(values["last"]) if values["last"] else None,
            information=values["information"],
            maximum=values["maximum"],
            pipeline=values["pipeline"],
        )


def _monitored(name: str, analyses: Sequence[AnalysisPlan]) -> AnalysisPlan:
    names = [plan.name for plan in analyses]
    if name:
        if name not in names:
            raise InputError("unknown analysis", where="monitoring.analysis", allowed=names, got=name)
        return analyses[names.index(name)]
    primary = [plan for plan in analyses if plan.role == "primary"]
    if len(primary) != 1:
        raise InputError(
            f"the scenario has {len(primary)} primary analyses", where="monitoring.analysis", allowed=names
        )
    return primary[0]


def _interims(
    tables: Sequence[Mapping[str, Any]],
) -> tuple[tuple[Trigger, ...], list[float], dict[str, tuple[int, ...]]]:
    """Triggers and planned information fractions of the interim analyses, and which of them do not test what."""
    triggers, fractions = [], []
    off: dict[str, list[int]] = {"efficacy": [], "futility": []}
    for number, (place, entry) in enumerate(elements(tables, "monitoring.interim"), start=1):
        values = read_section(entry, "monitoring.interim", place)
        with located(place):
            trigger = parse_trigger(values["when"])
        triggers.append(trigger)
        fractions.append(_fraction(values["information"], trigger, place))
        for what, numbers in off.items():
            if not values[what]:
                numbers.append(number)
    return tuple(triggers), fractions, {what: tuple(numbers) for what, numbers in off.items()}


def _fraction(given: float | None, trigger: Trigger, place: str) -> float:
    if given is not None:
        return given
    shares = {one.value for one in trigger.conditions if one.share}
    if len(trigger.conditions) == 1 and len(shares) == 1:
        return shares.pop()
    raise InputError(
        "the planned information is missing",
        where=join(place, "information"),
        allowed="a fraction of that of the last analysis; it is read off a trigger with one share",
    )
