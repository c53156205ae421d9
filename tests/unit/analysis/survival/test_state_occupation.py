import numpy as np
import pytest

from jaksim.analysis.survival.state_occupation import aalen_johansen
from jaksim.errors import InputError


def test_without_censoring_it_is_the_share_of_patients():
    patient = [1, 1, 2, 3, 3]
    found = aalen_johansen(
        patient, [0, 2, 0, 0, 1], [2, 5, 4, 1, 3], ["a", "b", "b", "a", "b"], times=[0, 1, 2, 3, 4, 5]
    )
    assert found["entry"] == pytest.approx(np.array([3, 2, 1, 1, 0, 0]) / 3)
    assert found["a"] == pytest.approx(np.array([0, 1, 2, 1, 1, 0]) / 3)
    assert found["b"] == pytest.approx(np.array([0, 0, 0, 1, 2, 3]) / 3)


def test_one_event_is_kaplan_meier():
    time, event = [1, 2, 3, 4, 5], ["dead", "censor", "dead", "censor", "dead"]
    found = aalen_johansen(range(5), [0] * 5, time, event, times=[0, 1, 2, 3, 4, 5])
    assert found["entry"] == pytest.approx([1, 0.8, 0.8, 0.8 * 2 / 3, 0.8 * 2 / 3, 0])
    assert found["entry"] + found["dead"] == pytest.approx(np.ones(6))


def test_competing_events_agree_with_lifelines():
    from lifelines import AalenJohansenFitter

    generator = np.random.default_rng(8)
    time = np.round(generator.exponential(5, 200), 6) + 1e-6
    status = generator.integers(0, 3, 200)
    fitted = AalenJohansenFitter(calculate_variance=False).fit(time, status, event_of_interest=1).cumulative_density_
    words = np.array(["censor", "recovered", "dead"])[status]
    found = aalen_johansen(range(200), np.zeros(200), time, words.tolist(), times=fitted.index)
    assert found["recovered"] == pytest.approx(fitted.to_numpy()[:, 0], abs=1e-10)


@pytest.mark.parametrize(
    "rows",
    [
        ([1], [2], [2], ["a"]),
        ([1, 1], [0, 3], [2, 4], ["a", "b"]),
        ([1, 1], [0, 2], [2, 4], ["censor", "b"]),
        ([1, 2], [0], [1], ["a"]),
    ],
)
def test_broken_histories_are_refused(rows):
    with pytest.raises(InputError):
        aalen_johansen(*rows, times=[1])
