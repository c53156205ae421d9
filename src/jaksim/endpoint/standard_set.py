"""The endpoints that trials of a scale usually report, built from the scale's named sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import FAMILIES, build_endpoint
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale

RECOVERED, DISCHARGED, VENTILATED, DEAD = "recovered", "discharged", "ventilated", "dead"
FREE_OF = ("ventilated", "oxygen", "hospitalised")


def standard_endpoints(
    scale: OrdinalScale,
    horizon: int,
    *,
    known: Sequence[Endpoint] = (),
    day_of_randomisation: int = 0,
    states: PatientStates | None = None,
) -> tuple[Endpoint, ...]:
    """Endpoints commonly reported for a scale, up to the horizon, without those that `known` already holds.

    Time to recovery, discharge and improvement, score on the middle and the last day, worst and mean score, death,
    ventilation or death, days free of ventilation, oxygen and hospital, and a hierarchy of death, ventilation, recovery
    and score; each only where the scale has the named sets for it. Names carry study days.
    """
    found = list(known)
    for spec in _specifications(scale, horizon, day_of_randomisation):
        if spec["kind"] not in FAMILIES:
            continue
        try:
            endpoint = build_endpoint(spec, scale, horizon, states)
        except InputError:  # a scale on which the family makes no sense
            continue
        if endpoint.name not in [one.name for one in found] and not any(same(endpoint, one) for one in found):
            found.append(endpoint)
    return tuple(found[len(known) :])


def same(left: Endpoint, right: Endpoint) -> bool:
    """Whether two endpoints give every path the same answer under different names."""
    if left.kind != right.kind or left.n_categories != right.n_categories or left.better != right.better:
        return False
    pairs = [(getattr(left.automaton, name), getattr(right.automaton, name)) for name in ("start", "step", "final")]
    pairs += [(getattr(left, name), getattr(right, name)) for name in ("time", "status", "rank", "value")]
    return all(one.shape == two.shape and np.array_equal(one, two, equal_nan=True) for one, two in pairs)


def _specifications(scale: OrdinalScale, horizon: int, first_day: int) -> Iterator[Mapping[str, Any]]:
    dead: dict[str, Any] = {"scores": list(scale.absorbing)}
    if set(scale.sets.get(DEAD, ())) == set(scale.absorbing):
        dead = {"set": DEAD}
    for name, words in ((RECOVERED, "time to recovery"), (DISCHARGED, "time to discharge")):
        if name in scale.sets:
            yield {"name": words, "kind": "time_to_event", "set": name}
    for steps in (1, 2):
        words = "1 category" if steps == 1 else f"{steps} categories"
        yield {"name": f"time to improvement by {words}", "kind": "time_to_change", "categories": steps}
    for day in sorted({max(1, horizon // 2), horizon}):
        yield {"name": f"score on day {day + first_day}", "kind": "score_on_day", "day": day}
    if scale.absorbing:
        yield {"name": "death", "kind": "event_by_day", **dead}
        yield {"name": "time to death", "kind": "time_to_event", **dead}
    if scale.absorbing and VENTILATED in scale.sets:
        either = {**dead, "set": [VENTILATED, *([DEAD] if "set" in dead else [])]}
        yield {"name": "ventilation or death", "kind": "event_by_day", **either}
        yield {"name": "time to ventilation or death", "kind": "time_to_event", **either}
    for name, words in zip(FREE_OF, ("ventilator-free days", "oxygen-free days", "hospital-free days"), strict=True):
        if name in scale.sets:
            yield {"name": words, "kind": "free_days", "set": name}
    yield {"name": "worst score", "kind": "worst_score"}
    yield {"name": "mean daily score", "kind": "score_area"}
    hierarchy = [
        {"name": name, "kind": "time_to_event", "set": name, "decisive": name != RECOVERED}
        for name in (DEAD, VENTILATED, RECOVERED)
        if name in scale.sets
    ]
    yield {
        "name": "hierarchy",
        "kind": "hierarchical",
        "components": [*hierarchy, {"name": "score", "kind": "score_on_day"}],
    }
