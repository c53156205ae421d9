"""What is known of an endpoint at a data cut is what the endpoint with that follow-up says."""

from __future__ import annotations

import numpy as np
import pytest

from jaksim.endpoint.history import history_of
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scale import niaid_8

SCALE, HORIZON = niaid_8(), 10
SPECS = [
    {"name": "recovery", "kind": "time_to_event", "set": "recovered"},
    {"name": "death, competing discharge", "kind": "time_to_event", "set": "discharged", "death": "competing"},
    {"name": "sustained", "kind": "time_to_event", "set": "recovered", "sustained": 3},
    {"name": "change", "kind": "time_to_change", "categories": 2},
    {"name": "score", "kind": "score_on_day", "day": 6},
    {"name": "free days", "kind": "free_days", "set": "ventilated"},
    {"name": "death", "kind": "event_by_day", "set": "dead"},
]


def paths(n: int = 400) -> np.ndarray:
    draws = np.random.default_rng(7)
    states = draws.integers(1, 9, (n, HORIZON + 1))
    states[:, 0] = draws.integers(4, 8, n)
    dead = np.cumsum(states == 8, axis=1) > 0
    return np.where(dead, 8, states)


@pytest.mark.parametrize("spec", SPECS, ids=[spec["name"] for spec in SPECS])
def test_every_cut_equals_the_endpoint_with_that_follow_up(spec: dict[str, object]) -> None:
    history = history_of(build_endpoint(spec, SCALE, HORIZON))
    reached = history.automaton.run(np.vectorize(SCALE.index)(paths()))
    for days in range(HORIZON + 1):
        cut = build_endpoint({**spec, "follow_up": days}, SCALE, HORIZON)
        expected = [cut.labels[k] for k in cut.categories_of(paths())]
        assert [history.endpoint.labels[k] for k in history.known[days, reached]] == expected
    assert history.endpoint.n_categories == len(history.endpoint.labels) == len(history.endpoint.time)


def test_days_until_the_outcome_is_known() -> None:
    history = history_of(build_endpoint(SPECS[0], SCALE, HORIZON))
    recovered = history.endpoint.status[history.known[-1]] == 1
    days = history.endpoint.time[history.known[-1]]
    assert history.event_after[recovered].tolist() == days[recovered].tolist()
    assert (history.event_after[~recovered] == HORIZON + 1).all()
    score = history_of(build_endpoint(SPECS[4], SCALE, HORIZON))
    assert set(score.complete_after.tolist()) == {6}


def test_a_follow_up_too_long_to_be_cut_is_refused() -> None:
    endpoint = build_endpoint({"name": "death", "kind": "event_by_day", "set": "dead"}, SCALE, 367)
    with pytest.raises(InputError, match="count in weeks"):
        history_of(endpoint)


def test_an_endpoint_with_a_follow_up_of_its_own_is_refused() -> None:
    endpoint = build_endpoint({**SPECS[0], "follow_up": 4}, SCALE, HORIZON)
    with pytest.raises(InputError, match="follow-up of its own"):
        history_of(endpoint)
