"""The design part of a scenario: arms, follow-up, endpoints, analyses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jaksim.analysis import get_method
from jaksim.analysis.margin import targets
from jaksim.checks import known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.adjustment import Adjustment
from jaksim.trial.arm import Arm, check_arms
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.randomisation import Randomisation
from jaksim.trial.site_strata import check_sites

STUDY_DAY_KEYS = ("day", "follow_up")


def read_follow_up(table: Mapping[str, Any]) -> tuple[int, int]:
    """The `[follow_up]` table: days after randomisation, and the study day of randomisation."""
    values = read_section(table, "follow_up", "follow_up")
    return values["days"], values["day_of_randomisation"]


def read_arms(tables: Sequence[Mapping[str, Any]], treatments: Iterable[str]) -> tuple[Arm, ...]:
    """The `[[arm]]` tables; a sole reference is needed, and every treatment of a regimen has to be known."""
    known = list(treatments)
    arms = []
    for place, entry in elements(tables, "arm"):
        values = read_section(entry, "arm", place)
        for name in values["regimen"]:
            if name not in known:
                raise InputError("unknown treatment", where=join(place, "regimen"), allowed=known, got=name)
        with located(place):
            arms.append(
                Arm(values["name"], Regimen(tuple(values["regimen"])), values["allocation"], values["reference"])
            )
    check_arms(arms, ())
    return tuple(arms)


def read_randomisation(table: Mapping[str, Any], arms: Iterable[Arm]) -> Randomisation:
    """The `[randomisation]` table; permuted blocks are twice as long as the sum of the allocation by default."""
    values = read_section(table, "randomisation", "randomisation")
    size = values["block_size"]
    with located("randomisation"):
        return Randomisation(
            scheme=values["scheme"],
            block_size=size if size is not None else 2 * sum(arm.allocation for arm in arms),
            stratified=values["stratified"],
            coin=values["coin"],
            blinded=values["blinded"],
        )


def read_endpoints(
    tables: Sequence[Mapping[str, Any]],
    scale: OrdinalScale,
    horizon: int,
    day_of_randomisation: int,
    states: PatientStates | None = None,
) -> tuple[Endpoint, ...]:
    """The `[[endpoint]]` tables; their days are study days and are turned into days since randomisation."""
    endpoints: list[Endpoint] = []
    for place, entry in elements(tables, "endpoint"):
        if not isinstance(entry.get("name"), str) or not entry["name"]:
            raise InputError("an endpoint needs a name", where=join(place, "name"), allowed="a text")
        spec = dict(entry)
        for key in STUDY_DAY_KEYS:
            if key in spec:
                spec[key] = since_randomisation(spec[key], horizon, day_of_randomisation, join(place, key))
        if entry["name"] in [endpoint.name for endpoint in endpoints]:
            raise InputError("a name is used twice", where=place, allowed="different names", got=entry["name"])
        with located(place):
            endpoints.append(build_endpoint(spec, scale, horizon, states))
    return tuple(endpoints)


def since_randomisation(day: object, horizon: int, day_of_randomisation: int, where: str) -> int:
    """The study day of a scenario in days since randomisation; InputError for a day outside the follow-up."""
    if not isinstance(day, int) or isinstance(day, bool):
        raise InputError("study days are whole numbers", where=where, allowed="a whole number", got=day)
    if not 0 <= day - day_of_randomisation <= horizon:
        last = horizon + day_of_randomisation
        raise InputError(
            "the day is outside the follow-up",
            where=where,
            allowed=f"study days {day_of_randomisation} to {last}",
            got=day,
        )
    return day - day_of_randomisation


def read_analyses(
    tables: Sequence[Mapping[str, Any]], arms: Sequence[Arm], endpoints: Iterable[Endpoint]
) -> tuple[AnalysisPlan, ...]:
    """The `[[analysis]]` tables; one that names no active arm stands for every arm but the reference."""
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    plans = []
    for place, entry in elements(tables, "analysis"):
        values = read_section(entry, "analysis", place)
        if values["endpoint"] not in by_name:
            raise InputError(
                "unknown endpoint", where=join(place, "endpoint"), allowed=list(by_name), got=values["endpoint"]
            )
        with located(place):
            method = get_method(values["method"])
            method.check(by_name[values["endpoint"]])
            method.settings(values["options"])
            check_sites(values["sites"], method, values["options"])
            targets(method, by_name[values["endpoint"]], values["hypothesis"], values["margin"])
            found = _plans(values, arms)
            plans.extend(found if values["unadjusted"] is False else with_unadjusted(found))
    return tuple(plans)


def _plans(values: Mapping[str, Any], arms: Sequence[Arm]) -> list[AnalysisPlan]:
    comparisons, adjustment = _comparisons(values["active"], values["reference"], arms), _adjustment(values)
    strata = f" in {', '.join(values['strata'])}" if values["strata"] else ""
    # The same name with and without sites as strata, so that the two can be compared.
    name = values["name"] or f"{values['endpoint']}, {values['method']}{strata}{adjusted_words(adjustment)}"
    return [
        AnalysisPlan(
            name=f"{name}, {_together(pairs, 0)}" if len(comparisons) > 1 else name,
            endpoint=values["endpoint"],
            method=values["method"],
            active=_together(pairs, 0),
            reference=_together(pairs, 1),
            pairs=pairs,
            role=values["role"],
            alpha=values["alpha"],
            sides=values["sides"],
            strata=tuple(values["strata"]),
            options=values["options"],
            hypothesis=values["hypothesis"],
            margin=values["margin"],
            sites=values["sites"],
            adjustment=adjustment,
        )
        for pairs in comparisons
    ]


def _adjustment(values: Mapping[str, Any]) -> Adjustment | None:
    """What an analysis adjusts for patient by patient; strata too, unless it says that it does not."""
    covariates, strata, robust = tuple(values["covariates"]), values["adjust_strata"], values["robust"]
    if not covariates and not strata:
        for key in ("adjust_strata", "robust", "unadjusted"):
            if values[key] is not None:
                raise InputError(
                    "this is of an analysis that adjusts",
                    where=key,
                    allowed="an analysis with covariates",
                    got=values[key],
                )
        return None
    return Adjustment(covariates, strata is not False, bool(robust))


def adjusted_words(adjustment: Adjustment | None) -> str:
    """What the name of an analysis says of what it adjusts for."""
    if adjustment is None:
        return ""
    return f", adjusted for {', '.join(adjustment.covariates) or 'stratum'}"


def with_unadjusted(plans: Sequence[AnalysisPlan]) -> list[AnalysisPlan]:
    """The analyses of one table and, after each that adjusts, the same without covariates, to be compared with it."""
    found = []
    for plan in plans:
        found.append(plan)
        if plan.adjustment is not None:
            found.append(replace(plan, name=f"{plan.name}, unadjusted", role="exploratory", adjustment=None))
    return found


def named_or_primary(name: str, analyses: Sequence[AnalysisPlan], where: str) -> AnalysisPlan:
    """The analysis of that name, or the only primary one where none is named; InputError, which speaks of `where`."""
    plans = {plan.name: plan for plan in analyses}
    if name:
        known(name, plans, "analysis", where)
        return plans[name]
    primary = [plan for plan in analyses if plan.role == "primary"]
    if len(primary) != 1:
        raise InputError(f"the scenario has {len(primary)} primary analyses", where=where, allowed=plans)
    return primary[0]


_Pairs = tuple[tuple[str, str], ...]


def _comparisons(active: str | list[str], reference: str | list[str], arms: Sequence[Arm]) -> list[_Pairs]:
    """The (active, reference) pairs of each analysis that one table stands for."""
    if isinstance(active, list) or isinstance(reference, list):
        if not (isinstance(active, list) and isinstance(reference, list) and len(active) == len(reference) > 0):
            raise InputError(
                "the arms do not stand in pairs",
                where="active, reference",
                allowed="two lists of arms of the same length",
                got=(active, reference),
            )
        return [tuple(zip(active, reference, strict=True))]
    control = reference or next((arm.name for arm in arms if arm.reference), "")
    return [((name, control),) for name in ([active] if active else [a.name for a in arms if a.name != control])]


def _together(pairs: _Pairs, side: int) -> str:
    return " and ".join(pair[side] for pair in pairs)
