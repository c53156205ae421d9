import numpy as np
import pytest

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.families.time_to_change import time_to_change
from jaksim.errors import InputError
from jaksim.scale import load_scale, niaid_8

NIAID = niaid_8()
SLOWLY_BETTER = [6, 6, 5, 5, 4, 4]
DIES = [6, 7, 8, 8, 8, 8]
WORSE_THEN_BETTER = [5, 7, 7, 5, 3, 5]
HOME = [4, 4, 4, 2, 4, 2]
PATHS = [SLOWLY_BETTER, DIES, WORSE_THEN_BETTER, HOME]


def read(**options: object) -> list[tuple[int, int]]:
    endpoint = time_to_change(NIAID, 5, name="change", **options)  # type: ignore[arg-type]
    return seen(endpoint, PATHS)


def seen(endpoint: Endpoint, paths: list[list[int]]) -> list[tuple[int, int]]:
    categories = endpoint.categories_of(np.array(paths))
    return [(int(endpoint.time[k]), int(endpoint.status[k])) for k in categories]


def test_improvement_counts_from_the_baseline_of_each_patient() -> None:
    assert read() == [(2, 1), (5, 0), (4, 1), (3, 1)]
    assert read(categories=2) == [(4, 1), (5, 0), (4, 1), (3, 1)]
    assert read(categories=3) == [(5, 0), (5, 0), (5, 0), (5, 0)]


def test_a_set_may_stand_for_improvement_too() -> None:
    assert read(categories=3, or_set="discharged") == [(5, 0), (5, 0), (5, 0), (3, 1)]


def test_death_is_a_worsening_unless_the_strategy_says_otherwise() -> None:
    assert read(direction="worsening") == [(5, 0), (1, 1), (1, 1), (5, 0)]
    assert read(direction="worsening", categories=2) == [(5, 0), (2, 1), (1, 1), (5, 0)]
    assert read(direction="worsening", categories=2, death="while alive") == [(5, 0), (2, 2), (1, 1), (5, 0)]
    assert read(direction="worsening", categories=2, death="hypothetical") == [(5, 0), (2, 0), (1, 1), (5, 0)]


def test_improvement_that_must_last_or_may_be_lost() -> None:
    assert read(sustained=2) == [(3, 1), (5, 0), (5, 0), (5, 0)]
    assert read(sustained=2, counted_on="first") == [(2, 1), (5, 0), (5, 0), (5, 0)]
    assert read(readmission="composite") == [(2, 1), (5, 0), (5, 0), (5, 1)]
    assert read(readmission="worst case") == [(2, 1), (5, 0), (5, 0), (5, 0)]


def test_a_baseline_without_room_stays_at_risk() -> None:
    endpoint = time_to_change(NIAID, 3, name="x", categories=2)
    assert seen(endpoint, [[2, 1, 1, 1], [3, 2, 1, 1]]) == [(3, 0), (2, 1)]


def test_a_scale_where_higher_is_better_improves_upwards() -> None:
    scale = type(NIAID)("up", (0, 1, 2), ("dead", "ill", "well"), higher_is_worse=False, absorbing=(0,))
    assert seen(time_to_change(scale, 2, name="x"), [[1, 1, 2], [1, 0, 0]]) == [(2, 1), (2, 0)]


def test_improvement_on_another_scale() -> None:
    endpoint = time_to_change(load_scale("mrs"), 2, name="x", categories=1)
    assert seen(endpoint, [[4, 4, 3]]) == [(2, 1)]


def test_automaton_stays_minimal() -> None:
    endpoint = time_to_change(NIAID, 28, name="x", categories=2)
    # events on 28 days, and one memory for each set of scores still waited for: none, and up to 1, 2, ... 6
    assert endpoint.automaton.n_memory == 28 + 7


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"categories": 0}, "categories: must be a whole number .got 0.; allowed: 1 to 7"),
        ({"categories": 1.5}, "categories: must be a whole number"),
        ({"direction": "better"}, "direction: unknown value"),
        ({"death": "treatment policy"}, "death: no score follows death"),
        ({"readmission": "hypothetical"}, "readmission: scores without the return"),
        ({"direction": "worsening", "readmission": "composite"}, "only an event that is good"),
        ({"or_set": "discharge"}, "did you mean 'discharged'"),
        ({"sustained": 6}, "sustained: must be a whole number .got 6.; allowed: 1 to 5"),
    ],
)
def test_values_that_are_not_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        time_to_change(NIAID, 5, name="x", **options)  # type: ignore[arg-type]
