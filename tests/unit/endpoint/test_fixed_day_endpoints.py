import numpy as np
import pytest

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.families.event_by_day import event_by_day
from jaksim.endpoint.families.free_days import free_days
from jaksim.endpoint.families.score_on_day import score_on_day
from jaksim.errors import InputError
from jaksim.scale import load_scale, niaid_8

NIAID = niaid_8()
PATHS = np.array(
    [
        [5, 5, 4, 2, 2, 2],
        [6, 7, 8, 8, 8, 8],
        [7, 7, 6, 7, 5, 4],
        [5, 6, 6, 7, 7, 7],
        [6, 6, 6, 6, 6, 8],
    ]
)


def values(endpoint: Endpoint) -> list[float]:
    return endpoint.value[endpoint.categories_of(PATHS)].tolist()


def ranks(endpoint: Endpoint) -> list[int]:
    return endpoint.rank[endpoint.categories_of(PATHS)].tolist()


def test_score_on_day_keeps_every_score_and_ranks_death_last() -> None:
    endpoint = score_on_day(NIAID, 5, name="score", day=3)
    assert values(endpoint) == [2, 8, 7, 7, 6]
    assert endpoint.rank.tolist() == list(range(8))
    assert endpoint.kind == "ordinal"
    assert endpoint.labels[-1] == "score 8"


def test_score_on_day_where_higher_is_better_ranks_the_other_way() -> None:
    scale = type(NIAID)("up", (0, 1, 2), ("dead", "ill", "well"), higher_is_worse=False, absorbing=(0,))
    endpoint = score_on_day(scale, 2, name="score")
    assert endpoint.value.tolist() == [2, 1, 0]
    assert endpoint.rank.tolist() == [0, 1, 2]


def test_score_on_day_of_a_scale_that_starts_at_zero() -> None:
    endpoint = score_on_day(load_scale("mrs"), 3, name="mRS")
    assert endpoint.value[endpoint.categories_of([[4, 3, 1, 0]])].tolist() == [0]


def test_event_by_day() -> None:
    death = event_by_day(NIAID, 5, name="death", scores="dead", day=4)
    assert values(death) == [0, 1, 0, 0, 0]
    assert (death.better, ranks(death)) == ("no event", [0, 1, 0, 0, 0])
    either = event_by_day(NIAID, 5, name="death or ventilation", scores=["dead", "ventilated"])
    assert values(either) == [0, 1, 1, 1, 1]
    recovery = event_by_day(NIAID, 5, name="recovery", scores="recovered", day=3)
    assert (recovery.better, values(recovery), ranks(recovery)) == ("event", [1, 0, 0, 0, 0], [0, 1, 1, 1, 1])
    assert recovery.status.tolist() == recovery.value.tolist()


def test_event_on_a_day() -> None:
    endpoint = event_by_day(NIAID, 5, name="ventilated on day 3", scores="ventilated", day=3, occasion="on")
    assert values(endpoint) == [0, 0, 1, 1, 0]


def test_only_scores_worse_than_the_baseline_can_count() -> None:
    """The third patient enters ventilated: ventilation is nothing new there, death would be."""
    either = event_by_day(NIAID, 5, name="x", scores=[6, 7, 8], worse_than_baseline=True)
    assert values(either) == [0, 1, 0, 1, 1]
    on_day = event_by_day(NIAID, 5, name="x", scores=[6, 7, 8], day=3, occasion="on", worse_than_baseline=True)
    assert values(on_day) == [0, 1, 0, 1, 0]
    assert "worse than at baseline" in either.definition


def test_the_dead_can_be_left_out() -> None:
    """Known of survivors alone: the second patient dies on day 2, the last on day 5."""
    alive = event_by_day(NIAID, 5, name="x", scores=[7], survivors_only=True)
    assert alive.status[alive.categories_of(PATHS)].tolist() == [0, -1, 1, 1, -1]
    earlier = event_by_day(NIAID, 5, name="x", scores=[7], day=4, survivors_only=True)
    assert earlier.status[earlier.categories_of(PATHS)].tolist() == [0, -1, 1, 1, 0]
    on_day = event_by_day(NIAID, 5, name="x", scores=[7], occasion="on", survivors_only=True)
    assert on_day.status[on_day.categories_of(PATHS)].tolist() == [0, -1, 0, 1, -1]
    with pytest.raises(InputError, match="cannot be an event of survivors"):
        event_by_day(NIAID, 5, name="x", scores=[7, 8], survivors_only=True)
    for key in ("worse_than_baseline", "survivors_only"):
        with pytest.raises(InputError, match=f"{key}.*got 1"):
            event_by_day(NIAID, 5, name="x", scores=[7], **{key: 1})  # type: ignore[arg-type]


def test_direction_of_benefit_can_be_said() -> None:
    endpoint = event_by_day(NIAID, 5, name="x", scores="recovered", better="no event")
    assert endpoint.rank[endpoint.status == 1].tolist() == [1]


def test_ventilator_free_days() -> None:
    assert values(free_days(NIAID, 5, name="vfd", scores="ventilated")) == [5, -1, 3, 2, -1]
    assert values(free_days(NIAID, 5, name="vfd", scores="ventilated", death=0)) == [5, 0, 3, 2, 0]
    assert values(free_days(NIAID, 5, name="vfd", scores="ventilated", day=4)) == [4, -1, 2, 2, 4]


def test_free_days_after_the_last_day_in_the_set() -> None:
    assert values(free_days(NIAID, 5, name="vfd", scores="ventilated", counting="last stretch")) == [5, -1, 2, 0, -1]


def test_more_free_days_rank_better_and_death_last() -> None:
    endpoint = free_days(NIAID, 5, name="vfd", scores="ventilated")
    assert endpoint.value.tolist() == [5, 4, 3, 2, 1, 0, -1]
    assert endpoint.rank.tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_death_given_zero_days_shares_the_category_of_no_free_day() -> None:
    assert free_days(NIAID, 5, name="vfd", scores="ventilated", death=0).value.tolist() == [5, 4, 3, 2, 1, 0]


def test_automata_stay_minimal() -> None:
    sizes = [
        score_on_day(NIAID, 28, name="x", day=14).automaton.n_memory,
        event_by_day(NIAID, 28, name="x", scores="dead").automaton.n_memory,
        free_days(NIAID, 28, name="x", scores="ventilated").automaton.n_memory,
    ]
    assert sizes == [9, 2, 30]


@pytest.mark.parametrize(
    "endpoint",
    [
        score_on_day(NIAID, 5, name="x", day=4, follow_up=3),
        event_by_day(NIAID, 5, name="x", scores="dead", day=4, follow_up=3),
        free_days(NIAID, 5, name="x", scores="ventilated", day=4, follow_up=3),
    ],
    ids=lambda endpoint: endpoint.kind,
)
def test_nothing_is_known_where_follow_up_ends_before_the_day(endpoint: Endpoint) -> None:
    assert endpoint.labels == ("not known before day 4",)
    assert (endpoint.rank.tolist(), endpoint.status.tolist()) == ([-1], [-1])
    assert np.isnan(endpoint.value).all()
    assert endpoint.categories_of(PATHS).tolist() == [0] * 5
    assert endpoint.summary(np.ones(1))["known"] == 0.0


def test_follow_up_that_reaches_the_day_changes_nothing() -> None:
    assert values(score_on_day(NIAID, 5, name="x", day=3, follow_up=3)) == [2, 8, 7, 7, 6]


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: score_on_day(NIAID, 5, name="x", day=6), "day: day outside the horizon .got 6.; allowed: 1 to 5"),
        (lambda: score_on_day(NIAID, 5, name="x", day=0), "allowed: 1 to 5"),
        (lambda: score_on_day(NIAID, 5, name="x", day=True), "whole number of days"),
        (lambda: event_by_day(NIAID, 5, name="x", scores="ded"), "did you mean 'dead'"),
        (lambda: event_by_day(NIAID, 5, name="x", scores="dead", occasion="in"), "occasion"),
        (lambda: free_days(NIAID, 5, name="x", scores="ventilated", death=-2), "death: unknown value .got -2."),
        (lambda: free_days(NIAID, 5, name="x", scores="ventilated", counting="every"), "did you mean 'every day'"),
    ],
)
def test_values_that_are_not_allowed(build: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build()  # type: ignore[operator]
