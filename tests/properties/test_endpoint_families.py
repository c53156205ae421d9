"""Every family of endpoints against its definition written out on one path, for random scales, horizons and options."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.product import product
from jaksim.endpoint.registry import build_endpoint
from jaksim.scale import OrdinalScale

UNKNOWN = "not known"
KINDS = ["time_to_event", "time_to_change", "score_on_day", "event_by_day", "free_days", "worst_score", "score_area"]
POLICY = ["treatment policy"]
STRATEGIES = ["composite", "worst case", "while alive", "hypothetical"]
DEATHS = ["at_risk_to_horizon", "competing", "censor", "event", *STRATEGIES]


@st.composite
def scales(draw: st.DrawFn) -> OrdinalScale:
    scores = sorted(draw(st.sets(st.integers(-2, 9), min_size=2, max_size=4)))
    worse_up = draw(st.booleans())
    worst = scores[-1] if worse_up else scores[0]
    absorbing = (worst,) if draw(st.booleans()) else ()
    return OrdinalScale("random", tuple(scores), tuple(f"s{s}" for s in scores), worse_up, absorbing)


@st.composite
def lasting(draw: st.DrawFn, last: int, good: bool) -> dict[str, Any]:
    """Options of an event that has to last, or may be lost again."""
    return {
        "sustained": draw(st.integers(1, last)),
        "counted_on": draw(st.sampled_from(["first", "last"])),
        "readmission": draw(st.sampled_from(["treatment policy", "composite", "worst case"] if good else POLICY)),
    }


@st.composite
def specs(draw: st.DrawFn, scale: OrdinalScale, horizon: int) -> dict[str, Any]:
    """A table of a scenario file for any family, every option drawn."""
    kind = draw(st.sampled_from(KINDS))
    spec: dict[str, Any] = {"name": "random", "kind": kind, "day": draw(st.integers(1, horizon))}
    if draw(st.booleans()):
        spec["follow_up"] = draw(st.integers(0, horizon))
    if kind in ("time_to_event", "event_by_day", "free_days"):
        subset = st.sets(st.sampled_from(scale.scores), min_size=1, max_size=scale.n_states - 1)
        spec["scores"] = sorted(draw(subset))
    if kind == "time_to_event":
        spec["death"] = draw(st.sampled_from(DEATHS))
        living_outside = set(scale.scores) - set(spec["scores"]) - set(scale.absorbing)
        if living_outside and len(living_outside) < scale.n_states:
            spec["direction"] = draw(st.sampled_from(["into", "out_of"]))
        if spec["death"] == "event":
            wanted = living_outside if spec.get("direction") == "out_of" else set(spec["scores"])
            if len(wanted | set(scale.absorbing)) == scale.n_states:
                spec["death"] = "competing"
        spec["better"] = draw(st.sampled_from(["event", "no event"]))
        spec |= draw(lasting(spec["day"], spec["better"] == "event"))
    if kind == "time_to_change":
        spec["direction"] = draw(st.sampled_from(["improvement", "worsening"]))
        spec["categories"] = draw(st.integers(1, scale.n_states - 1))
        spec["death"] = draw(st.sampled_from(DEATHS))
        if draw(st.booleans()):
            spec["or_set"] = [draw(st.sampled_from(scale.scores))]
        spec |= draw(lasting(spec["day"], spec["direction"] == "improvement"))
    if kind in ("worst_score", "score_area"):
        spec["death"] = draw(st.sampled_from(["composite", "worst case", "while alive"]))
    if kind == "worst_score":
        spec["include_baseline"] = spec["death"] == "while alive" or draw(st.booleans())
    if kind == "score_area":
        spec["statistic"] = "mean" if spec["death"] == "while alive" else draw(st.sampled_from(["mean", "sum"]))
    if kind == "event_by_day":
        spec["occasion"] = draw(st.sampled_from(["by", "on"]))
    if kind == "free_days":
        spec["death"] = draw(st.sampled_from([-1, 0, "composite", "worst case", "while alive"]))
        spec["counting"] = draw(st.sampled_from(["every day", "last stretch"]))
        spec["readmission"] = draw(st.sampled_from(["treatment policy", "composite", "worst case"]))
    return spec


@st.composite
def cases(draw: st.DrawFn, n_specs: int = 1, horizons: tuple[int, int] = (1, 4)) -> tuple[Any, ...]:
    scale, horizon = draw(scales()), draw(st.integers(*horizons))
    return (scale, horizon, *(draw(specs(scale, horizon)) for _ in range(n_specs)))


def first(days: list[int]) -> float:
    return min(days, default=np.inf)


def defined(spec: dict[str, Any], scale: OrdinalScale, horizon: int, path: tuple[int, ...]) -> Any:
    """What the endpoint means on one path, straight from its definition."""
    last, followed = spec["day"], spec.get("follow_up", horizon)
    wanted, dead = set(spec.get("scores", ())), set(scale.absorbing)
    if spec["kind"].startswith("time_to"):
        return event_time(spec, scale, path, min(last, followed))
    if followed < last:
        return UNKNOWN
    if spec["kind"] == "score_on_day":
        return path[last]
    if spec["kind"] == "event_by_day":
        return float(path[last] in wanted if spec["occasion"] == "on" else bool(wanted & set(path[1 : last + 1])))
    if spec["kind"] == "worst_score":
        counted = path[0 if spec["include_baseline"] else 1 : last + 1]
        if spec["death"] == "while alive":
            counted = tuple(score for score in counted if score not in dead) or path[:1]
        return (max if scale.higher_is_worse else min)(counted)
    if spec["kind"] == "score_area":
        return area(spec, path[: last + 1], dead)
    return number_of_free_days(spec, path[: last + 1], wanted, dead)


def area(spec: dict[str, Any], path: tuple[int, ...], dead: set[int]) -> float:
    scores = path[1:]
    if scores[-1] in dead and spec["death"] == "worst case":
        scores = (scores[-1],) * len(scores)
    elif spec["death"] == "while alive":
        scores = tuple(score for score in scores if score not in dead) or (path[0],)
    return round(sum(scores) / (len(scores) if spec["statistic"] == "mean" else 1), 9)


def number_of_free_days(spec: dict[str, Any], path: tuple[int, ...], wanted: set[int], dead: set[int]) -> int:
    if path[-1] in dead and spec["death"] != "while alive":
        return 0 if spec["death"] == 0 else -1
    free = [score not in wanted for score in path if score not in dead]
    if spec["readmission"] == "worst case" and any(
        not free[a] and free[b] and not free[c] for a, b, c in itertools.combinations(range(len(free)), 3)
    ):
        return 0
    if spec["counting"] == "every day" and spec["readmission"] != "composite":
        return sum(free[1:])
    return len(list(itertools.takewhile(bool, reversed(free[1:]))))


def wanted_scores(spec: dict[str, Any], scale: OrdinalScale, baseline: int) -> tuple[set[int], str]:
    """Scores that are the event, and what death outside them means."""
    dead = set(scale.absorbing)
    good = spec.get("better") == "event" or spec.get("direction") == "improvement"
    death = {"while alive": "competing", "hypothetical": "censor"}.get(spec["death"], spec["death"])
    if death in ("composite", "worst case"):
        death = "at_risk_to_horizon" if good else "event"
    if spec["kind"] == "time_to_change":
        steps = (scale.index(baseline) - np.arange(scale.n_states)) * (1 if scale.higher_is_worse else -1)
        better = steps if good else -steps
        wanted = {score for score, by in zip(scale.scores, better, strict=True) if by >= spec["categories"]} - dead
        wanted |= set(spec.get("or_set", ()))
    elif spec.get("direction") == "out_of":
        wanted = set(scale.scores) - set(spec["scores"]) - dead
    else:
        wanted = set(spec["scores"])
    return wanted | (dead if death == "event" else set()), death


def event_time(spec: dict[str, Any], scale: OrdinalScale, path: tuple[int, ...], observed: int) -> tuple[int, int]:
    wanted, death = wanted_scores(spec, scale, path[0])
    last, dead, days = spec["day"], set(scale.absorbing), spec["sustained"]
    stretches = [
        (begin, end)
        for begin in range(1, observed + 1)
        for end in range(begin, observed + 1)
        if set(path[begin : end + 1]) <= wanted
        and (begin == 1 or path[begin - 1] not in wanted)
        and (end == observed or path[end + 1] not in wanted)
    ]
    events = []
    for begin, end in stretches:
        died = first([day for day in range(begin, end + 1) if path[day] in dead])
        if end - begin + 1 >= days or died <= end:
            day = begin if spec["counted_on"] == "first" else int(min(died, begin + days - 1))
            events.append((day, end))
    if events and spec["readmission"] == "treatment policy":
        return events[0][0], 1
    if events and spec["readmission"] == "composite" and events[-1][1] == observed:
        return events[-1][0], 1
    if events and spec["readmission"] == "worst case":
        return (events[0][0], 1) if events[0][1] == observed else (last, 0)
    died = first([day for day in range(1, observed + 1) if path[day] in dead])
    if died == np.inf or path[observed] in wanted:
        return observed, 0
    return {"at_risk_to_horizon": (last, 0), "competing": (int(died), 2), "censor": (int(died), 0)}[death]


def meanings(endpoint: Endpoint) -> list[Any]:
    if endpoint.kind == "time_to_event":
        return [(int(time), int(status)) for time, status in zip(endpoint.time, endpoint.status, strict=True)]
    return [
        UNKNOWN if rank < 0 else round(float(value), 9)
        for rank, value in zip(endpoint.rank, endpoint.value, strict=True)
    ]


def all_paths(scale: OrdinalScale, horizon: int, starts: tuple[int, ...]) -> list[tuple[int, ...]]:
    def lives(path: tuple[int, ...]) -> bool:
        return all(after == before for before, after in itertools.pairwise(path) if before in scale.absorbing)

    return [path for path in itertools.product(starts, *[scale.scores] * horizon) if lives(path)]


def random_probabilities(scale: OrdinalScale, horizon: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    P = rng.dirichlet(np.full(scale.n_states, 0.7), (horizon, scale.n_states))
    for state in scale.indices(scale.absorbing):
        P[:, state] = np.eye(scale.n_states)[state]
    return P


@given(cases())
@settings(max_examples=200, deadline=None)
def test_value_on_every_path_is_the_definition(case: tuple[Any, ...]) -> None:
    scale, horizon, spec = case
    endpoint = build_endpoint(spec, scale, horizon)
    paths = all_paths(scale, horizon, scale.scores)
    means = meanings(endpoint)
    read = [means[category] for category in endpoint.categories_of(np.array(paths))]
    assert read == [defined(spec, scale, horizon, path) for path in paths]
    assert set(means) == set(read)
    assert len(set(means)) == endpoint.n_categories


@given(cases(), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_law_is_the_sum_over_all_paths(case: tuple[Any, ...], seed: int) -> None:
    scale, horizon, spec = case
    endpoint = build_endpoint(spec, scale, horizon)
    P = random_probabilities(scale, horizon, seed)
    for start in range(scale.n_states):
        expected: Counter[Any] = Counter()
        for path in all_paths(scale, horizon, (scale.scores[start],)):
            states = [scale.index(score) for score in path]
            probability = np.prod([P[day, states[day], states[day + 1]] for day in range(horizon)])
            expected[defined(spec, scale, horizon, path)] += float(probability)
        law = endpoint.law(P, start)
        assert abs(law.sum() - 1.0) < 1e-12
        for meaning, probability in zip(meanings(endpoint), law, strict=True):
            assert abs(probability - expected[meaning]) < 1e-12


@given(cases(n_specs=3, horizons=(1, 8)), st.integers(0, 2**32 - 1))
@settings(max_examples=100, deadline=None)
def test_joint_law_marginalises_to_each_part(case: tuple[Any, ...], seed: int) -> None:
    scale, horizon, *tables = case
    endpoints = [build_endpoint(spec, scale, horizon) for spec in tables]
    joint = product(*(endpoint.automaton for endpoint in endpoints))
    P = random_probabilities(scale, horizon, seed)
    for start in range(scale.n_states):
        law = joint.law(P, start)
        assert abs(law.sum() - 1.0) < 1e-12
        for part, endpoint in enumerate(endpoints):
            assert np.abs(joint.marginal(law, part) - endpoint.law(P, start)).max() < 1e-12


@given(cases(n_specs=2, horizons=(1, 3)))
@settings(max_examples=100, deadline=None)
def test_joint_categories_are_exactly_those_of_some_path(case: tuple[Any, ...]) -> None:
    scale, horizon, *tables = case
    endpoints = [build_endpoint(spec, scale, horizon) for spec in tables]
    joint = product(*(endpoint.automaton for endpoint in endpoints))
    paths = np.array(all_paths(scale, horizon, scale.scores))
    together = joint.run(np.searchsorted(scale.scores, paths))
    assert set(together.tolist()) == set(range(joint.n_categories))
    for part, endpoint in enumerate(endpoints):
        assert joint.parts[part, together].tolist() == endpoint.categories_of(paths).tolist()


@given(cases(), st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_a_shuffled_long_table_without_days_after_death_reads_as_the_wide_one(
    case: tuple[Any, ...], random: Any
) -> None:
    scale, horizon, spec = case
    endpoint = build_endpoint(spec, scale, horizon)
    paths = all_paths(scale, horizon, scale.scores)
    rows = [
        (patient, day, score)
        for patient, path in enumerate(paths)
        for day, score in enumerate(path)
        if day == 0 or path[day - 1] not in scale.absorbing
    ]
    random.shuffle(rows)
    patient, day, score = zip(*rows, strict=True)
    table = {"patient": np.array(patient), "day": np.array(day), "score": np.array(score)}
    in_order_of_appearance = [paths[number] for number in dict.fromkeys(patient)]
    assert endpoint.of_data(table).tolist() == endpoint.categories_of(in_order_of_appearance).tolist()
