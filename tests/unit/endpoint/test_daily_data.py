import numpy as np
import pandas as pd
import pytest

from jaksim.endpoint.daily import daily_states
from jaksim.endpoint.families.event_by_day import event_by_day
from jaksim.endpoint.families.time_to_event import time_to_event
from jaksim.errors import InputError
from jaksim.scale import niaid_8

NIAID = niaid_8()
WIDE = np.array([[5, 4, 2, 2], [6, 7, 8, 8], [4, 5, 5, 4]])
LONG = {
    "patient": np.array(["b", "b", "b", "b", "a", "a", "a", "c", "c", "c", "c"]),
    "day": np.array([0, 1, 2, 3, 0, 1, 2, 3, 2, 1, 0]),
    "score": np.array([5, 4, 2, 2, 6, 7, 8, 4, 5, 5, 4]),
}


def test_wide_scores_become_state_indices() -> None:
    assert daily_states(WIDE, NIAID, 3).tolist() == (WIDE - 1).tolist()
    assert daily_states(WIDE.astype(float), NIAID, 2).tolist() == (WIDE - 1)[:, :3].tolist()


@pytest.mark.parametrize(
    "table",
    [LONG, pd.DataFrame(LONG), pd.DataFrame(LONG).to_records(index=False)],
    ids=["dict", "data frame", "structured array"],
)
def test_long_tables_in_any_container_with_death_carried_forward(table: object) -> None:
    assert daily_states(table, NIAID, 3).tolist() == (WIDE - 1).tolist()


def test_days_after_the_horizon_are_not_read() -> None:
    assert daily_states(LONG, NIAID, 1).tolist() == (WIDE - 1)[:, :2].tolist()


def test_endpoint_of_long_and_wide_data_is_the_same() -> None:
    endpoint = time_to_event(NIAID, 3, name="recovery", scores="recovered", death="competing")
    expected = [(2, 1), (2, 2), (3, 0)]
    for data in (WIDE, LONG):
        categories = endpoint.of_data(data)
        assert [(endpoint.time[k], endpoint.status[k]) for k in categories] == expected


def test_scores_missing_after_the_category_is_certain_do_no_harm() -> None:
    endpoint = time_to_event(NIAID, 3, name="recovery", scores="recovered")
    assert endpoint.of_data([[5, 2, np.nan, np.nan]]).tolist() == [0]
    by_day_1 = event_by_day(NIAID, 3, name="death", scores="dead", day=1)
    assert by_day_1.value[by_day_1.of_data([[5, 4, np.nan, np.nan]])].tolist() == [0]


def test_scores_missing_while_it_matters_are_refused_or_carried_forward() -> None:
    endpoint = time_to_event(NIAID, 3, name="recovery", scores="recovered")
    data = [[5, 2, 2, 2], [5, 4, np.nan, 2]]
    with pytest.raises(InputError, match="patient number 2 has no score on day 2"):
        endpoint.of_data(data)
    assert endpoint.time[endpoint.of_data(data, missing="carry_forward")].tolist() == [1, 3]


def test_follow_up_makes_later_days_superfluous() -> None:
    endpoint = time_to_event(NIAID, 3, name="recovery", scores="recovered", follow_up=1)
    assert endpoint.time[endpoint.of_data([[5, 4, np.nan, np.nan]])].tolist() == [1]


def long(**changes: object) -> dict[str, object]:
    return {**LONG, **changes}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([[5, 9, 2, 2]], "unknown score .got 9.; allowed: 1, 2"),
        ([[5, 4.5, 2, 2]], "unknown score .got 4.5."),
        ([[5, "ill", 2, 2]], "scores must be numbers"),
        ([[np.nan, 4, 2, 2]], "patient 1 has no score on day 0"),
        ([[5, 8, 2, 2]], "patient 1 has another score on day 2, after an absorbing"),
        ([5, 4, 2, 2], "a row for each patient"),
        ([[5, 4, 2]], "a column for each day"),
        ([[5, 4, 2, 2], [5, 4]], "a row for each patient"),
        (np.empty((0, 4)), "a row for each patient"),
        ({"patient": [], "day": [], "score": []}, "columns must be of one length"),
        ({"patient": [1, 1], "day": [0], "score": [5, 5]}, "columns must be of one length"),
        (long(score=np.array([5, 4, 2, 2, 6, 7, 0, 4, 5, 5, 4])), "unknown score .got 0."),
        (long(day=np.array([1, 1, 2, 3, 0, 1, 2, 3, 2, 1, 0])), "patient b has two scores on day 1"),
        (long(day=np.array([4, 1, 2, 3, 0, 1, 2, 3, 2, 1, 0])), "patient b has no score on day 0"),
        (long(day=np.array([0, 1, 2, 3, -1, 1, 2, 3, 2, 1, 0])), "before randomisation"),
        (long(day=np.array([0.5, 1, 2, 3, 0, 1, 2, 3, 2, 1, 0])), "day: must be whole numbers"),
        (long(day=np.array(["x"] * 11)), "day: must be whole numbers"),
        ({"patient": [1], "day": [0]}, "needs a column 'score'"),
    ],
)
def test_data_that_cannot_be_read(data: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        daily_states(data, NIAID, 3)


def test_unknown_treatment_of_missing_scores() -> None:
    with pytest.raises(InputError, match="did you mean 'carry_forward'"):
        daily_states(WIDE, NIAID, 3, missing="carry_foward")  # type: ignore[arg-type]
