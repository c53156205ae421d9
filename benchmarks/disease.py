"""A disease on the NIAID 8-point scale with five time pieces, near that of the ACTT trials, and its endpoints."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from jaksim.endpoint import Automaton, Endpoint, build_endpoint, product
from jaksim.exact.transition import transition_matrices
from jaksim.model.intensity import IntensityTable
from jaksim.scale import niaid_8

HORIZON = 28
SCALE = niaid_8()
BREAKS = np.array([0.0, 3.0, 7.0, 14.0, 20.5])
SPEED_OF_PIECE = np.array([0.6, 1.0, 1.2, 0.8, 0.5])
PER_DAY = {
    (4, 1): 0.10,
    (4, 2): 0.03,
    (4, 3): 0.02,
    (5, 4): 0.25,
    (5, 2): 0.02,
    (6, 5): 0.10,
    (7, 6): 0.07,
    (2, 1): 0.05,
    (4, 5): 0.05,
    (5, 6): 0.05,
    (5, 7): 0.02,
    (6, 7): 0.07,
    (5, 8): 0.004,
    (6, 8): 0.01,
    (7, 8): 0.025,
}
BASELINE_SCORES = (4, 5, 6, 7)
SPEED_OF_ARM = (1.0, 1.3)


def intensities(speed: float = 1.0) -> IntensityTable:
    """Intensities per day, with every improvement faster by the factor `speed`."""
    generators = np.zeros((len(BREAKS), SCALE.n_states, SCALE.n_states))
    for (origin, end), rate in PER_DAY.items():
        factor = speed if end < origin else 1.0
        generators[:, SCALE.index(origin), SCALE.index(end)] = rate * factor * SPEED_OF_PIECE
    generators -= np.eye(SCALE.n_states) * generators.sum(axis=2, keepdims=True)
    return IntensityTable(BREAKS, generators)


def cells() -> tuple[list[IntensityTable], list[int]]:
    """Intensities and baseline state indices of 2 arms x 4 strata."""
    tables = [intensities(speed) for speed in SPEED_OF_ARM for _ in BASELINE_SCORES]
    return tables, [SCALE.index(score) for _ in SPEED_OF_ARM for score in BASELINE_SCORES]


ENDPOINTS = (
    {"name": "recovery", "kind": "time_to_event", "set": "recovered"},
    {"name": "status on day 14", "kind": "score_on_day", "day": 14},
    {"name": "death", "kind": "event_by_day", "set": "dead"},
    {"name": "ventilation or death", "kind": "event_by_day", "set": ["ventilated", "dead"]},
    {"name": "ventilator-free days", "kind": "free_days", "set": "ventilated"},
)


@cache
def endpoints() -> tuple[Endpoint, ...]:
    """Five endpoints of the ACTT trials: an event time, an ordinal status, two binary ones, a number of days."""
    return tuple(build_endpoint(spec, SCALE, HORIZON) for spec in ENDPOINTS)


def recovery() -> Endpoint:
    """Time to recovery, the dead censored at the horizon."""
    return endpoints()[0]


@cache
def transitions() -> tuple[NDArray[np.float64], ...]:
    """Daily transition matrices of every cell."""
    return tuple(transition_matrices(table, HORIZON) for table in cells()[0])


def laws(automaton: Automaton) -> list[NDArray[np.float64]]:
    """The exact law of the automaton's category in every cell."""
    return [automaton.law(daily, start) for daily, start in zip(transitions(), cells()[1], strict=True)]


def joint(n_endpoints: int) -> Automaton:
    """The joint automaton of the first endpoints."""
    possible = np.max(transitions(), axis=(0, 1)) > 0.0
    return product(*(endpoint.automaton for endpoint in endpoints()[:n_endpoints]), possible=possible)
