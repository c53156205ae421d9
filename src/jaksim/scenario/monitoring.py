"""The calendar part of a scenario: when patients come, and what is decided while they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from jaksim.analysis import get_method
from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.scenario.arms_and_analyses import named_or_primary
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.accrual import Accrual, Site, of_sites
from jaksim.trial.interim import FutilityTest, HarmTest, Monitoring
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.trigger import Trigger, parse_trigger


def read_accrual(table: Mapping[str, Any]) -> Accrual | None:
    """The `[accrual]` table, None without one."""
    if not table:
        return None
    values = read_section(table, "accrual", "accrual")
    if (values["rates"] is None) == (not values["site"]):
        raise InputError(
            "one description of the accrual rates is needed", where="accrual", allowed="either rates or sites"
        )
    with located("accrual"):
        if values["site"]:
            if values["cuts"]:
                raise InputError("sites have no common cuts", where="cuts", allowed="rates, or sites without cuts")
            rate = of_sites([_site(place, entry) for place, entry in elements(values["site"], "site")])
        else:
            if len(values["rates"]) != len(values["cuts"]) + 1:
                raise InputError(
                    "wrong number of rates",
                    where="rates",
                    allowed=f"{len(values['cuts']) + 1}, one more than cuts",
                    got=len(values["rates"]),
                )
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
    plan = named_or_primary(values["analysis"], analyses, "monitoring.analysis")
    interims = _interims(values["interim"])
    if not interims and not values["last"]:
        raise InputError(
            "the time of the analysis is missing", where="monitoring", allowed="interim analyses, 'last', or both"
        )
    times = np.array([*(interim.fraction for interim in interims), 1.0])
    numbered = list(enumerate(interims, start=1))
    tested = [*(interim.analysis or plan.name for interim in interims), plan.name]
    with located("monitoring"):
        harm = "" if values["harm_analysis"] else values["harm"]
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
                efficacy_off=tuple(number for number, interim in numbered if not interim.efficacy),
                futility_off=tuple(n for n, interim in numbered if not interim.by_bounds) if values["futility"] else (),
                tests=_numbered_tests(tested, analyses),
            )
        )
        return Monitoring(
            analysis=plan.name,
            boundaries=boundaries,
            interims=tuple(interim.when for interim in interims),
            last=parse_trigger(values["last"]) if values["last"] else None,
            information=values["information"],
            maximum=values["maximum"],
            pipeline=values["pipeline"],
            futility=tuple(interim.futility for interim in interims),
            efficacy=tuple(tested[:-1]),
            harm=_harm_test(values, times, plan.name) if values["harm_analysis"] else None,
        )


def _harm_test(values: Mapping[str, Any], times: Floats, monitored: str) -> HarmTest:
    """The bounds for harm of another analysis, which spends a level of its own at the planned information."""
    from jaksim.trial.monitoring.bounds import boundaries_of
    from jaksim.trial.monitoring.plan import MonitoringPlan
    from jaksim.trial.monitoring.words import spending_of

    alpha, word = values["harm_alpha"], values["harm"] or "pocock"
    spending = spending_of(word, times, alpha, "harm")
    found = boundaries_of(MonitoringPlan(information=tuple(times.tolist()), efficacy=spending, alpha=alpha))
    words = f"{word} spending of {100.0 * alpha:g} %, one-sided"
    return HarmTest(values["harm_analysis"], tuple((-found.upper_z[:-1]).tolist()), words)


class _Interim(NamedTuple):
    """One interim analysis as written: its trigger and planned information, which analysis it tests for efficacy if it
    does, whether the boundaries judge futility there, and which other analysis does."""

    when: Trigger
    fraction: float
    analysis: str
    efficacy: bool
    by_bounds: bool
    futility: FutilityTest | None


def _interims(tables: Sequence[Mapping[str, Any]]) -> list[_Interim]:
    return [_interim(place, entry) for place, entry in elements(tables, "monitoring.interim")]


def _interim(place: str, entry: Mapping[str, Any]) -> _Interim:
    values = read_section(entry, "monitoring.interim", place)
    with located(place):
        trigger = parse_trigger(values["when"])
        judge = _futility_test(values["futility_analysis"], values["futility_z"], values["futility"])
        if values["analysis"] and not values["efficacy"]:
            raise InputError(
                "efficacy is switched off and tested", where="efficacy, analysis", allowed="one of the two"
            )
    fraction = _fraction(values["information"], trigger, place)
    by_bounds = values["futility"] and judge is None
    return _Interim(trigger, fraction, values["analysis"], values["efficacy"], by_bounds, judge)


def _numbered_tests(tested: Sequence[str], analyses: Sequence[AnalysisPlan]) -> tuple[int, ...]:
    """Numbers of the tests made at the analyses: one for each name, and one at each analysis for a statistic without a
    normal law, of which nothing is known from one analysis to the next."""
    methods = {plan.name: get_method(plan.method) for plan in analyses}
    keys = [name if name not in methods or methods[name].smooth else (name, k) for k, name in enumerate(tested)]
    return tuple(list(dict.fromkeys(keys)).index(key) for key in keys)


def _futility_test(analysis: str, z: float | None, tested: bool) -> FutilityTest | None:
    if not analysis:
        if z is not None:
            raise InputError(
                "the bound of another analysis needs its name",
                where="futility_z",
                allowed="with futility_analysis; bounds of the monitored analysis are futility = 'z:BOUND,...'",
            )
        return None
    if z is None:
        raise InputError("the z at which to stop is missing", where="futility_z", allowed="a bound on z, such as 0")
    if not tested:
        raise InputError("futility is both switched off and judged", where="futility", allowed="one of the two")
    return FutilityTest(analysis, float(z))


def _fraction(given: float | None, trigger: Trigger, place: str) -> float:
    if given is not None:
        return given
    shares = {condition.value for condition in trigger.conditions if condition.share}
    if len(trigger.conditions) == 1 and len(shares) == 1:
        return shares.pop()
    raise InputError(
        "the planned information is missing",
        where=join(place, "information"),
        allowed="a fraction of that of the last analysis; it is read off a trigger with one share",
    )
