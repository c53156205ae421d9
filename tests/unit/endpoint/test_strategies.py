"""Named strategies for death and readmission, and the families of several days, on paths read by hand."""

import numpy as np
import pytest

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.families.free_days import free_days
from jaksim.endpoint.families.score_area import score_area
from jaksim.endpoint.families.time_to_event import time_to_event
from jaksim.endpoint.families.worst_score import worst_score
from jaksim.errors import InputError
from jaksim.scale import niaid_8

NIAID = niaid_8()
READMITTED = [5, 2, 2, 5, 5, 2]
DIES_AT_HOME = [5, 2, 2, 2, 8, 8]
DIES_AT_ONCE = [7, 8, 8, 8, 8, 8]
STAYS_HOME = [4, 4, 3, 2, 1, 1]
PATHS = np.array([READMITTED, DIES_AT_HOME, DIES_AT_ONCE, STAYS_HOME])


def discharge(**options: object) -> list[tuple[int, int]]:
    endpoint = time_to_event(NIAID, 5, name="discharge", scores="discharged", **options)  # type: ignore[arg-type]
    categories = endpoint.categories_of(PATHS)
    return [(int(endpoint.time[k]), int(endpoint.status[k])) for k in categories]


def values(endpoint: Endpoint) -> list[float]:
    return endpoint.value[endpoint.categories_of(PATHS)].tolist()


def test_strategies_for_a_readmission_after_discharge() -> None:
    assert discharge() == [(1, 1), (1, 1), (5, 0), (3, 1)]
    assert discharge(readmission="composite") == [(5, 1), (5, 0), (5, 0), (3, 1)]
    assert discharge(readmission="composite", death="while alive") == [(5, 1), (4, 2), (1, 2), (3, 1)]
    assert discharge(readmission="worst case") == [(5, 0), (5, 0), (5, 0), (3, 1)]
    assert discharge(readmission="worst case", death="competing") == [(5, 0), (5, 0), (1, 2), (3, 1)]


def test_discharge_for_three_days_in_a_row() -> None:
    assert discharge(sustained=3) == [(5, 0), (3, 1), (5, 0), (5, 1)]
    assert discharge(sustained=3, counted_on="first") == [(5, 0), (1, 1), (5, 0), (3, 1)]
    assert discharge(sustained=3, readmission="composite") == [(5, 0), (5, 0), (5, 0), (5, 1)]


@pytest.mark.parametrize(
    ("strategy", "plain"),
    [
        ("composite", "at_risk_to_horizon"),
        ("worst case", "at_risk_to_horizon"),
        ("while alive", "competing"),
        ("hypothetical", "censor"),
    ],
)
def test_strategies_for_death_before_a_good_event(strategy: str, plain: str) -> None:
    assert discharge(death=strategy) == discharge(death=plain)


def test_death_in_place_of_a_bad_event_is_the_event() -> None:
    for strategy in ("composite", "worst case"):
        bad = time_to_event(NIAID, 5, name="x", scores="ventilated", death=strategy)  # type: ignore[arg-type]
        categories = bad.categories_of(PATHS)
        assert bad.time[categories].tolist() == [5, 4, 1, 5]
        assert bad.status[categories].tolist() == [0, 1, 1, 0]


def test_days_alive_and_out_of_hospital() -> None:
    def daoh(**options: object) -> list[float]:
        return values(free_days(NIAID, 5, name="daoh", scores="hospitalised", **options))  # type: ignore[arg-type]

    assert daoh(death="while alive") == [3, 3, 0, 3]
    assert daoh(death="composite") == [3, -1, -1, 3]
    assert daoh(death="while alive", readmission="composite") == [1, 3, 0, 3]
    assert daoh(death="while alive", readmission="worst case") == [0, 3, 0, 3]
    assert daoh(death="worst case", readmission="worst case") == [0, -1, -1, 3]


def test_worst_score() -> None:
    assert values(worst_score(NIAID, 5, name="x")) == [5, 8, 8, 4]
    assert values(worst_score(NIAID, 5, name="x", day=2)) == [2, 2, 8, 4]
    assert values(worst_score(NIAID, 5, name="x", include_baseline=True)) == [5, 8, 8, 4]
    assert values(worst_score(NIAID, 5, name="x", include_baseline=True, death="while alive")) == [5, 5, 7, 4]


def test_area_under_the_score_curve() -> None:
    assert values(score_area(NIAID, 5, name="x", statistic="sum")) == [16, 22, 40, 11]
    assert values(score_area(NIAID, 5, name="x")) == pytest.approx([3.2, 4.4, 8.0, 2.2], abs=1e-15)
    assert values(score_area(NIAID, 5, name="x", death="worst case")) == pytest.approx([3.2, 8.0, 8.0, 2.2])
    assert values(score_area(NIAID, 5, name="x", death="while alive")) == pytest.approx([3.2, 2.0, 7.0, 2.2])


def test_a_lower_area_is_better_where_higher_scores_are_worse() -> None:
    endpoint = score_area(NIAID, 5, name="x")
    assert (endpoint.better, endpoint.unit, endpoint.kind) == ("lower value", "score", "day_count")
    assert endpoint.rank.tolist() == list(range(endpoint.n_categories))
    assert (np.diff(endpoint.value) > 0).all()
    up = type(NIAID)("up", (0, 1, 2), ("dead", "ill", "well"), higher_is_worse=False, absorbing=(0,))
    other = score_area(up, 5, name="x")
    assert other.better == "higher value"
    assert (np.diff(other.value) < 0).all()


def test_mean_area_is_the_mean_of_the_daily_expectations() -> None:
    P = np.tile(np.eye(8) * 0.9 + 0.0125, (5, 1, 1))
    P[:, 7] = np.eye(8)[7]
    endpoint = score_area(NIAID, 5, name="x")
    occupied, expected = np.eye(8)[4], 0.0
    for day in range(5):
        occupied = occupied @ P[day]
        expected += occupied @ np.arange(1, 9) / 5
    assert endpoint.summary(endpoint.law(P, 4))["mean"] == pytest.approx(expected, abs=1e-13)


def test_new_automata_stay_minimal() -> None:
    sizes = [
        worst_score(NIAID, 28, name="x").automaton.n_memory,
        score_area(NIAID, 28, name="x").automaton.n_memory,
        time_to_event(NIAID, 28, name="x", scores="discharged", readmission="composite").automaton.n_memory,
    ]
    assert sizes == [9, 28 * 7 + 1, 29]


@pytest.mark.parametrize(
    "endpoint",
    [
        worst_score(NIAID, 5, name="x", day=4, follow_up=3),
        score_area(NIAID, 5, name="x", day=4, follow_up=3),
        score_area(NIAID, 5, name="x", day=4, follow_up=3, death="while alive"),
        free_days(NIAID, 5, name="x", scores="oxygen", day=4, follow_up=3, readmission="worst case"),
    ],
)
def test_nothing_is_known_where_follow_up_ends_before_the_day(endpoint: Endpoint) -> None:
    assert (endpoint.labels, endpoint.rank.tolist()) == (("not known before day 4",), [-1])


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: worst_score(NIAID, 5, name="x", death="while alive"), "no score but the baseline"),
        (lambda: worst_score(NIAID, 5, name="x", include_baseline=1), "must be true or false"),
        (lambda: worst_score(NIAID, 5, name="x", death="hypothetical"), "scores without death are not on a patient's"),
        (lambda: score_area(NIAID, 5, name="x", statistic="sum", death="while alive"), "favour early death"),
        (lambda: score_area(NIAID, 5, name="x", statistic="median"), "statistic: unknown value"),
        (lambda: free_days(NIAID, 5, name="x", scores="dead", death="treatment policy"), "no score follows death"),
        (lambda: free_days(NIAID, 5, name="x", scores="oxygen", readmission="while alive"), "a patient who returns"),
    ],
)
def test_values_that_are_not_allowed(build: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()  # type: ignore[operator]
