"""The kinds of endpoints that a scenario file can ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from jaksim.endpoint.desirability import KEYS as DESIRABILITY
from jaksim.endpoint.desirability import desirability
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.event_by_day import KEYS as EVENT_BY_DAY
from jaksim.endpoint.event_by_day import event_by_day
from jaksim.endpoint.free_days import KEYS as FREE_DAYS
from jaksim.endpoint.free_days import free_days
from jaksim.endpoint.hierarchical import KEYS as HIERARCHICAL
from jaksim.endpoint.hierarchical import hierarchical
from jaksim.endpoint.intercurrent_strategy import STRATEGY_KEYS
from jaksim.endpoint.lifted import with_strategies
from jaksim.endpoint.longitudinal import KEYS as LONGITUDINAL
from jaksim.endpoint.longitudinal import longitudinal
from jaksim.endpoint.options import true_or_false
from jaksim.endpoint.ranked_components import Component
from jaksim.endpoint.score_area import KEYS as SCORE_AREA
from jaksim.endpoint.score_area import score_area
from jaksim.endpoint.score_on_day import KEYS as SCORE_ON_DAY
from jaksim.endpoint.score_on_day import score_on_day
from jaksim.endpoint.time_to_change import KEYS as TIME_TO_CHANGE
from jaksim.endpoint.time_to_change import time_to_change
from jaksim.endpoint.time_to_event import KEYS as TIME_TO_EVENT
from jaksim.endpoint.time_to_event import time_to_event
from jaksim.endpoint.worst_score import KEYS as WORST_SCORE
from jaksim.endpoint.worst_score import worst_score
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale

COMMON_KEYS = {
    "name": "Name by which analyses and reports refer to the endpoint.",
    "kind": "Family of the endpoint.",
}


@dataclass(frozen=True)
class Family:
    """One kind of endpoint: how it is built, its own keys with a sentence each, and what it is."""

    build: Callable[..., Endpoint]
    keys: Mapping[str, str]
    description: str

    @property
    def takes_scores(self) -> bool:
        return "scores" in self.keys

    @property
    def takes_components(self) -> bool:
        return "components" in self.keys


FAMILIES: Mapping[str, Family] = {
    "time_to_event": Family(time_to_event, TIME_TO_EVENT, "Time to the first day in, or out of, a set of scores."),
    "time_to_change": Family(
        time_to_change, TIME_TO_CHANGE, "Time to improvement or worsening by some categories from baseline."
    ),
    "score_on_day": Family(score_on_day, SCORE_ON_DAY, "Score on one day, as an ordinal endpoint."),
    "worst_score": Family(worst_score, WORST_SCORE, "Worst score by a day, as an ordinal endpoint."),
    "score_area": Family(score_area, SCORE_AREA, "Sum or mean of the daily scores up to a day."),
    "event_by_day": Family(
        event_by_day, EVENT_BY_DAY, "Whether a score in a set was seen by a day, as a binary endpoint."
    ),
    "free_days": Family(free_days, FREE_DAYS, "Number of days free of a set of scores by a day."),
    "hierarchical": Family(
        hierarchical, HIERARCHICAL, "Rank by several endpoints in turn, for win ratio, win odds and net benefit."
    ),
    "desirability": Family(desirability, DESIRABILITY, "Desirability of outcome ranking (DOOR)."),
    "longitudinal": Family(longitudinal, LONGITUDINAL, "All daily scores, each given the day before."),
}


def build_endpoint(
    spec: Mapping[str, object], scale: OrdinalScale, horizon: int, states: PatientStates | None = None
) -> Endpoint:
    """The endpoint that a table of a scenario file describes: "name", "kind" and the keys of that kind.

    With `states` it reads those, by the strategies of `STRATEGY_KEYS`, instead of the scores of the scale.
    Raises InputError, with the nearest spelling, for unknown kinds, keys, sets and values, and for days past the
    horizon.
    """
    name = spec.get("name")
    if not isinstance(name, str) or not name.strip():
        raise InputError("an endpoint needs a name in words", where="endpoint, name", got=name)
    where = f"endpoint '{name}'"
    kind = spec.get("kind")
    if not isinstance(kind, str) or kind not in FAMILIES:
        raise InputError("unknown kind of endpoint", where=f"{where}, kind", allowed=FAMILIES, got=kind)
    family = FAMILIES[kind]
    options = {key: value for key, value in spec.items() if key not in COMMON_KEYS and key not in STRATEGY_KEYS}
    strategies = {key: spec[key] for key in STRATEGY_KEYS if key in spec}
    for key in options:
        if key not in family.keys:
            allowed = (*family.keys, *STRATEGY_KEYS)
            raise InputError(f"unknown key for kind '{kind}'", where=where, allowed=allowed, got=key)
    try:
        if family.takes_scores:
            options["scores"] = _scores(options.pop("set", None), options.get("scores"))
        if family.takes_components:
            options["components"] = _components(options.get("components"), options.get("day"), scale, horizon)
        endpoint = family.build(scale, horizon, name=name, **options)
        endpoint = with_strategies(endpoint, states or PatientStates(scale, ()), strategies)
    except InputError as error:
        raise error.at(where) from None
    return endpoint if "follow_up" in spec else replace(endpoint, cut=partial(_cut, dict(spec), scale, horizon, states))


def _cut(
    spec: Mapping[str, object], scale: OrdinalScale, horizon: int, states: PatientStates | None, days: int
) -> Endpoint:
    return build_endpoint({**spec, "follow_up": days}, scale, horizon, states)


def _components(tables: object, day: object, scale: OrdinalScale, horizon: int) -> list[Component]:
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise InputError("must be a list of tables", where="components", got=tables)
    return [_component(table, number, day, scale, horizon) for number, table in enumerate(tables, start=1)]


def _component(table: Mapping[str, object], number: int, day: object, scale: OrdinalScale, horizon: int) -> Component:
    where = f"components, number {number}"
    spec = dict(table)
    decisive = spec.pop("decisive", False)
    true_or_false(decisive, where=f"{where}, decisive")
    for key in ("day", "follow_up", *STRATEGY_KEYS):
        if key in spec:
            raise InputError("stands beside the components, one for all of them", where=f"{where}, {key}")
    named = "name" in spec
    spec.setdefault("name", f"component {number}")
    if day is not None:
        spec["day"] = day
    try:
        endpoint = build_endpoint(spec, scale, horizon)
        return Component(endpoint if named else replace(endpoint, name=endpoint.event), decisive is True)
    except InputError as error:
        raise error.at(where) from None


def _scores(names: object, scores: object) -> list[str | int]:
    chosen: list[str | int] = []
    for key, given, type_, words in (("set", names, str, "set names"), ("scores", scores, int, "scores")):
        if given is None:
            continue
        items = given if isinstance(given, list | tuple) else [given]
        for item in items:
            if isinstance(item, bool) or not isinstance(item, type_):
                raise InputError(f"must be {words}", where=key, got=item)
            chosen.append(item)
    if not chosen:
        raise InputError("needs 'set', 'scores' or both", where="set")
    return chosen
