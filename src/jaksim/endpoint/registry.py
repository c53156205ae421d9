"""The families of endpoints that a scenario file can ask for, those of other packages included."""

from __future__ import annotations

from collections.abc import KeysView, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.family import Family
from jaksim.endpoint.intercurrent_strategy import STRATEGY_KEYS
from jaksim.endpoint.kinds import KINDS
from jaksim.endpoint.lifted import with_strategies
from jaksim.endpoint.options import true_or_false
from jaksim.endpoint.ranked_components import Component
from jaksim.endpoint.safety_reading import (
    SAFETY_KEY,
    SAFETY_KEYS,
    Reading,
    in_words,
    read_both,
    read_events,
    scores_read,
    seen_through,
)
from jaksim.errors import InputError, located
from jaksim.model.patient_states import PatientStates
from jaksim.registry import Registry
from jaksim.scale import OrdinalScale

COMMON_KEYS = {
    "name": "Name by which analyses and reports refer to the endpoint.",
    "kind": "Family of the endpoint.",
}

FAMILIES: Final = Registry(Family, "family of endpoints", "jaksim.endpoint", "families", "FAMILY", "jaksim.endpoints")
"""All families by the word for their kind; `FAMILIES.register` adds one's own, as do entry points of packages."""
FAMILY_NAMES: Final[KeysView[str]] = FAMILIES.keys()


def get_family(name: object) -> Family:
    """The family called `name`; InputError with the nearest spelling for any other word."""

    def refused() -> InputError:
        return InputError("unknown kind of endpoint", where="kind", allowed=FAMILIES, got=name)

    if not isinstance(name, str):
        raise refused()
    return FAMILIES.find(name, refused)


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
    beside = (*STRATEGY_KEYS, *SAFETY_KEYS)
    given = {key: value for key, value in spec.items() if key not in COMMON_KEYS and key not in beside}
    strategies = {key: spec[key] for key in STRATEGY_KEYS if key in spec}
    try:
        family = get_family(spec.get("kind"))
        reading = _reading(spec, family, states)
        read = scale if reading is None else reading.scale
        options = family.settings(scores_read(given) if SAFETY_KEY in spec and family.takes_scores else given, beside)
        if family.takes_scores:
            options["scores"] = _scores(options.pop("set", None), options.get("scores"))
        if family.takes_components:
            options["components"] = _components(
                options.get("components"), options.get("day"), scale, horizon, states, reading
            )
        endpoint = family.build(read, horizon, name=name, **options)
        if SAFETY_KEY in spec:
            endpoint = in_words(endpoint, read)
        if endpoint.kind != family.kind or family.kind not in KINDS:
            raise InputError("the family is of another kind than its endpoint", allowed=KINDS, got=endpoint.kind)
        known = states or PatientStates(scale, ())
        endpoint = with_strategies(endpoint, known, strategies, None if reading is None else reading.of_state)
    except InputError as error:
        raise error.at(where) from None
    if "follow_up" in spec or "follow_up" not in family.keys:
        return endpoint
    return replace(endpoint, cut=partial(_cut, dict(spec), scale, horizon, states))


def _cut(
    spec: Mapping[str, object], scale: OrdinalScale, horizon: int, states: PatientStates | None, days: int
) -> Endpoint:
    return build_endpoint({**spec, "follow_up": days}, scale, horizon, states)


def _reading(spec: Mapping[str, object], family: Family, states: PatientStates | None) -> Reading | None:
    """What the endpoint reads in place of the scores; None where it reads these."""
    tables = spec.get("components") if family.takes_components else None
    named = [table.get(SAFETY_KEY) for table in tables or () if isinstance(table, Mapping) and SAFETY_KEY in table]  # type: ignore[attr-defined]
    if SAFETY_KEY in spec:
        if family.takes_components or family.kind == "longitudinal":
            raise InputError(
                "it stands in the tables of the components" if family.takes_components else "all days are scores",
                where=SAFETY_KEY,
                got=spec[SAFETY_KEY],
            )
        return read_events(states, spec[SAFETY_KEY])
    if not named:
        return None
    for name in named:
        read_events(states, name)
    assert states is not None
    return read_both(states, list(dict.fromkeys(map(str, named))))


def _components(
    tables: object,
    day: object,
    scale: OrdinalScale,
    horizon: int,
    states: PatientStates | None,
    reading: Reading | None,
) -> list[Component]:
    if not isinstance(tables, list | tuple) or not all(isinstance(table, Mapping) for table in tables):
        raise InputError("must be a list of tables", where="components", got=tables)
    found = []
    for number, table in enumerate(tables, start=1):
        with located(f"components, number {number}"):
            found.append(_component(table, number, day, scale, horizon, states, reading))
    return found


def _component(
    table: Mapping[str, object],
    number: int,
    day: object,
    scale: OrdinalScale,
    horizon: int,
    states: PatientStates | None,
    reading: Reading | None,
) -> Component:
    spec = dict(table)
    decisive = spec.pop("decisive", False)
    true_or_false(decisive, where="decisive")
    for key in ("day", "follow_up", *STRATEGY_KEYS):
        if key in spec:
            raise InputError("stands beside the components, one for all of them", where=key)
    named = "name" in spec
    spec.setdefault("name", f"component {number}")
    if day is not None:
        spec["day"] = day
    endpoint = _plain_component(spec, scale, horizon, states, reading)
    return Component(endpoint if named else replace(endpoint, name=endpoint.event), decisive is True)


def _plain_component(
    spec: Mapping[str, object],
    scale: OrdinalScale,
    horizon: int,
    states: PatientStates | None,
    reading: Reading | None,
) -> Endpoint:
    """A component over what all components read together."""
    if reading is None or states is None:
        return build_endpoint(spec, scale, horizon)
    if SAFETY_KEY not in spec:
        return seen_through(build_endpoint(spec, scale, horizon), Reading(scale, states.score), reading)
    own = read_events(states, spec[SAFETY_KEY])
    plain = scores_read({key: value for key, value in spec.items() if key != SAFETY_KEY})
    built = in_words(build_endpoint(plain, own.scale, horizon), own.scale)
    return seen_through(replace(built, event=f"{own.scale.name}: {built.event}"), own, reading)


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
