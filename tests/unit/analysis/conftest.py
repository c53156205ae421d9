"""Endpoints and random tables of counts for the tests of analyses."""

from types import SimpleNamespace

import numpy as np
import pytest

from jaksim.endpoint.registry import build_endpoint
from jaksim.scale import niaid_8

SPECS = {
    "time_to_event": {"kind": "time_to_event", "set": "recovered", "death": "competing"},
    "ordinal": {"kind": "score_on_day", "day": 14},
    "binary": {"kind": "event_by_day", "set": ["ventilated", "dead"]},
    "day_count": {"kind": "free_days", "set": ["ventilated"]},
    "longitudinal": {"kind": "longitudinal"},
}

DAYS = {
    "kaplan_meier_difference": {"day": 14},
    "cumulative_incidence_difference": {"day": 14},
    "rmst_difference": {"tau": 14},
    "rmst_ratio": {"tau": 14},
}
"""Options of methods that are not smooth by default: the day is then the last one with patients."""


@pytest.fixture(scope="session")
def settings():
    """A function that gives the options of a method: the defaults, a fixed day where there is one."""
    return lambda method, given=None: method.settings({**DAYS.get(method.name, {}), **(given or {})})


def laws(n_categories, n_strata):
    """Laws (2, S, K): geometric decline, slower in later strata, faster in the active arm."""
    decline = 0.04 + 0.05 * np.arange(1, n_strata + 1) + 0.02 * np.arange(2)[:, None]
    law = (1 - decline[..., None]) ** np.arange(n_categories)
    return law / law.sum(axis=-1, keepdims=True)


@pytest.fixture(scope="session")
def endpoints():
    return {kind: build_endpoint({"name": kind, **spec}, niaid_8(), 28) for kind, spec in SPECS.items()}


@pytest.fixture(scope="session")
def random_tables():
    """A function that draws tables (B, 2, S, K) with so many patients per cell."""

    def draw(seed, replicates, n_strata, n_categories, per_cell):
        rng = np.random.default_rng(seed)
        return rng.multinomial(per_cell, laws(n_categories, n_strata), size=(replicates, 2, n_strata)).astype(float)

    return draw


@pytest.fixture(scope="session")
def meanings():
    """A function that makes the least a method needs to know of an endpoint."""

    def make(kind, better, **arrays):
        n = len(next(iter(arrays.values())))
        unused = {"time": np.full(n, np.nan), "status": np.full(n, -1), "rank": np.full(n, -1)}
        given = {name: np.asarray(values) for name, values in arrays.items()}
        return SimpleNamespace(name="fake", kind=kind, better=better, **(unused | given))

    return make
