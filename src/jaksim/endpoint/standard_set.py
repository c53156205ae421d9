"""The endpoints that trials of a scale usually report: what every family offers for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import FAMILIES, build_endpoint
from jaksim.errors import InputError
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale


def standard_endpoints(
    scale: OrdinalScale,
    horizon: int,
    *,
    known: Sequence[Endpoint] = (),
    day_of_randomisation: int = 0,
    states: PatientStates | None = None,
) -> tuple[Endpoint, ...]:
    """Endpoints commonly reported for a scale, up to the horizon, without those that `known` already holds.

    Those are what the families offer (`Family.standard`), such as time to recovery, death and ventilator-free days,
    each only where the scale has the named sets for it. Names carry study days.
    """
    found = list(known)
    for spec in _tables(scale, horizon, day_of_randomisation):
        try:
            endpoint = build_endpoint(spec, scale, horizon, states)
        except InputError:  # a scale on which the family makes no sense
            continue
        if endpoint.name not in [kept.name for kept in found] and not any(same(endpoint, kept) for kept in found):
            found.append(endpoint)
    return tuple(found[len(known) :])


def same(left: Endpoint, right: Endpoint) -> bool:
    """Whether two endpoints give every path the same answer under different names."""
    if left.kind != right.kind or left.n_categories != right.n_categories or left.better != right.better:
        return False
    pairs = [(getattr(left.automaton, name), getattr(right.automaton, name)) for name in ("start", "step", "final")]
    pairs += [(getattr(left, name), getattr(right, name)) for name in ("time", "status", "rank", "value")]
    return all(one.shape == two.shape and np.array_equal(one, two, equal_nan=True) for one, two in pairs)


def _tables(scale: OrdinalScale, horizon: int, first_day: int) -> list[Mapping[str, Any]]:
    """What every family offers, in order."""
    offered = [
        (order, {"kind": family.name, **table})
        for family in FAMILIES.values()
        if family.standard is not None
        for order, table in family.standard(scale, horizon, first_day)
    ]
    return [table for _, table in sorted(offered, key=lambda one: one[0])]
