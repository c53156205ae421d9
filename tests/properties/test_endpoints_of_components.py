"""Hierarchical and desirability endpoints against pairwise comparison of the component definitions, path by path."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.endpoint.registry import build_endpoint
from jaksim.scale import OrdinalScale
from tests.properties.test_endpoint_families import all_paths, defined, random_probabilities, scales, specs


@st.composite
def hierarchies(draw: st.DrawFn) -> tuple[OrdinalScale, int, list[dict[str, Any]]]:
    scale, horizon = draw(scales()), draw(st.integers(1, 3))
    day = draw(st.integers(1, horizon))
    components = []
    for _ in range(draw(st.integers(1, 3))):
        spec = draw(specs(scale, horizon))
        spec = {key: value for key, value in spec.items() if key not in ("name", "follow_up")} | {"day": day}
        spec["sustained"] = min(spec.get("sustained", 1), day)
        if not spec["kind"].startswith("time_to"):
            del spec["sustained"]
        if spec["kind"].startswith("time_to") or spec["kind"] == "event_by_day":
            spec["decisive"] = draw(st.booleans())
        components.append(spec)
    return scale, horizon, components


def as_given(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in spec.items() if key != "day"} for spec in components]


def badness(spec: dict[str, Any], scale: OrdinalScale, value: Any) -> tuple[float, bool]:
    """How bad a value is for the patient, and whether the event happened."""
    good = spec.get("better") == "event" or spec.get("direction") == "improvement"
    if spec["kind"].startswith("time_to"):
        time, status = value
        if good:
            return (time if status == 1 else np.inf), status == 1
        return (-time if status == 1 else -np.inf), status == 1
    if spec["kind"] == "event_by_day":
        return (-value if spec["better"] == "event" else value), value == 1
    if spec["kind"] == "free_days":
        return -value, False
    return (value if scale.higher_is_worse else -value), False


def worse(components: list[dict[str, Any]], scale: OrdinalScale, one: list[Any], other: list[Any]) -> int:
    """1 where the first patient is worse off than the other, -1 better, 0 tied: the pairwise rule itself."""
    for spec, left, right in zip(components, one, other, strict=True):
        (a, happened), (b, _) = badness(spec, scale, left), badness(spec, scale, right)
        if a != b:
            return 1 if a > b else -1
        if happened and spec.get("decisive"):
            return 0
    return 0


def with_better(components: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The components with the direction said where the family would judge it from the set."""
    return [
        spec | {"better": "no event"} if spec["kind"] == "event_by_day" and "better" not in spec else spec
        for spec in components
    ]


@given(hierarchies(), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_ranks_compare_every_pair_of_paths_as_the_rule_does(
    case: tuple[OrdinalScale, int, list[dict[str, Any]]], seed: int
) -> None:
    scale, horizon, components = case
    components = with_better(components)
    day = components[0]["day"]
    table = {"name": "h", "kind": "hierarchical", "day": day, "components": as_given(components)}
    endpoint = build_endpoint(table, scale, horizon)
    paths = all_paths(scale, horizon, scale.scores)
    values = [[defined(spec, scale, horizon, path) for spec in components] for path in paths]
    categories = endpoint.categories_of(np.array(paths))
    rank = endpoint.rank[categories]
    assert sorted(set(endpoint.rank.tolist())) == list(range(endpoint.n_categories))
    assert len(set(endpoint.labels)) == endpoint.n_categories
    rng = np.random.default_rng(seed)
    for one, other in rng.integers(len(paths), size=(200, 2)):
        assert np.sign(rank[one] - rank[other]) == worse(components, scale, values[one], values[other])
    by_component = endpoint.component_rank[:, categories]
    assert np.unique(by_component.T, axis=0).shape[0] == endpoint.n_categories
    assert (np.lexsort(endpoint.component_rank[::-1]) == np.argsort(endpoint.rank)).all()

    P = random_probabilities(scale, horizon, seed)
    for start in range(scale.n_states):
        expected: Counter[int] = Counter()
        for path, category in zip(paths, categories.tolist(), strict=True):
            if path[0] == scale.scores[start]:
                states = [scale.index(score) for score in path]
                expected[category] += float(np.prod([P[d, states[d], states[d + 1]] for d in range(horizon)]))
        law = endpoint.law(P, start)
        assert abs(law.sum() - 1.0) < 1e-12
        assert np.abs(law - [expected[category] for category in range(len(law))]).max() < 1e-12


@given(scales(), st.integers(1, 4), st.data())
@settings(max_examples=50, deadline=None)
def test_desirability_counts_bad_outcomes_and_puts_the_dead_last(
    scale: OrdinalScale, horizon: int, data: st.DataObject
) -> None:
    day = data.draw(st.integers(1, horizon))
    subset = st.sets(st.sampled_from(scale.scores), min_size=1, max_size=scale.n_states - 1).map(sorted)
    components = [
        {
            "kind": "event_by_day",
            "scores": data.draw(subset),
            "occasion": data.draw(st.sampled_from(["by", "on"])),
            "better": data.draw(st.sampled_from(["event", "no event"])),
            "day": day,
        }
        for _ in range(data.draw(st.integers(1, 3)))
    ]
    table = {"name": "d", "kind": "desirability", "day": day, "components": as_given(components)}
    endpoint = build_endpoint(table, scale, horizon)
    paths = all_paths(scale, horizon, scale.scores)
    expected = [
        len(components) + 1
        if path[day] in scale.absorbing
        else sum((defined(one, scale, horizon, path) == 1) != (one["better"] == "event") for one in components)
        for path in paths
    ]
    assert endpoint.rank[endpoint.categories_of(np.array(paths))].tolist() == expected
    assert set(endpoint.rank.tolist()) == set(expected)
