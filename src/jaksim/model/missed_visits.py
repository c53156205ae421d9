"""Visits that patients may miss, as sets of states drawn at randomisation."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.model.intercurrent import MissedVisit
from jaksim.scale import OrdinalScale


@dataclass(frozen=True, eq=False)
class Visit:
    """A visit that may be missed: bool (n_sets, S), the sets of states in which a patient misses it, the first empty.

    Each patient has one set from randomisation on, with chances `shares` (n_sets,) by arm. The sets of an arm are
    nested, so that a patient in a state misses the visit with exactly the probability of that state.
    """

    day: int
    missed: Booleans
    shares: Mapping[str, Floats]


def visits_of(risks: Sequence[MissedVisit], scale: OrdinalScale, arms: Sequence[str]) -> tuple[Visit, ...]:
    """The visits that may be missed, in order of their days."""
    days = sorted({risk.day for risk in risks})
    return tuple(_visit(day, [risk for risk in risks if risk.day == day], scale, arms) for day in days)


def _visit(day: int, events: Sequence[MissedVisit], scale: OrdinalScale, arms: Sequence[str]) -> Visit:
    sets: dict[bytes, Booleans] = {bytes(scale.n_states): np.zeros(scale.n_states, dtype=bool)}
    found: dict[str, dict[bytes, float]] = {arm: {} for arm in arms}
    for arm in arms:
        chance = 1.0 - np.prod([1.0 - event.probability * event.members(scale, arm) for event in events], axis=0)
        levels = [1.0, *np.unique(chance[chance > 0.0])[::-1].tolist(), 0.0]
        for number, (above, level) in enumerate(itertools.pairwise(levels)):
            missed = (chance >= above) & (number > 0)
            sets.setdefault(missed.tobytes(), missed)
            found[arm][missed.tobytes()] = above - level
    shares = {arm: np.array([found[arm].get(key, 0.0) for key in sets]) for arm in arms}
    return Visit(day, np.array(list(sets.values())), shares)
