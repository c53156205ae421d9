import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.exact.occupation import cumulative_incidence, expected_days, first_passage, state_occupation
from jaksim.exact.transition import transition_matrices
from jaksim.model.disease import IntensityTable


def constant_table(rates):
    generator = np.array(rates, dtype=float)
    np.fill_diagonal(generator, -generator.sum(axis=1))
    return IntensityTable(np.array([0.0]), generator[None])


COMPETING = constant_table([[0, 0.2, 0.05], [0, 0, 0], [0, 0, 0]])
FORTH_AND_BACK = constant_table([[0, 0.4, 0], [1.5, 0, 0.1], [0, 0, 0]])


def test_occupation_of_competing_risks_has_its_closed_form():
    days = np.arange(29)
    occupation = state_occupation(transition_matrices(COMPETING, 28), 0)
    left = -np.expm1(-0.25 * days)
    np.testing.assert_allclose(occupation, np.transpose([1 - left, 0.8 * left, 0.2 * left]), rtol=1e-13, atol=1e-16)


def test_expected_days_count_day_ends_after_baseline():
    days = expected_days(transition_matrices(COMPETING, 28), 0)
    assert days[0] == pytest.approx(np.exp(-0.25 * np.arange(1, 29)).sum(), rel=1e-13)
    assert days.sum() == pytest.approx(28, rel=1e-13)


def test_cumulative_incidence_of_absorbing_causes_is_their_occupation():
    occupation = state_occupation(transition_matrices(COMPETING, 28), 0)
    for observed in ("daily", "continuous"):
        incidence = cumulative_incidence(COMPETING, 0, [(1,), (2,)], 28, observed)
        np.testing.assert_allclose(incidence, occupation[:, 1:].T, rtol=1e-13)


def test_continuous_first_passage_has_its_closed_form():
    found = first_passage(FORTH_AND_BACK, 0, (1,), 28, "continuous")
    np.testing.assert_allclose(found, -np.expm1(-0.4 * np.arange(29)), rtol=1e-13, atol=1e-16)


def test_daily_first_passage_is_the_taboo_recursion_and_misses_short_visits():
    P = transition_matrices(FORTH_AND_BACK, 28)
    absent = np.array([1.0, 0.0, 0.0])
    expected = [0.0]
    for day in range(28):
        absent = absent @ P[day]
        expected.append(expected[-1] + absent[1])
        absent[1] = 0.0
    daily = first_passage(FORTH_AND_BACK, 0, (1,), 28)
    np.testing.assert_allclose(daily, expected, rtol=1e-13)
    assert daily[1] < first_passage(FORTH_AND_BACK, 0, (1,), 28, "continuous")[1] - 0.05


def test_starting_in_the_target_is_having_arrived():
    np.testing.assert_array_equal(first_passage(FORTH_AND_BACK, 1, (1, 2), 5), np.ones(6))
    np.testing.assert_array_equal(cumulative_incidence(FORTH_AND_BACK, 1, [(2,), (1,)], 5), [[0] * 6, [1] * 6])


def test_causes_share_the_first_passage_to_their_union():
    apart = cumulative_incidence(FORTH_AND_BACK, 0, [(1,), (2,)], 28)
    np.testing.assert_allclose(apart.sum(axis=0), first_passage(FORTH_AND_BACK, 0, (1, 2), 28), rtol=1e-14)


def test_unknown_states_shared_causes_and_ways_of_observing_are_refused():
    with pytest.raises(InputError, match=r"targets: unknown state \(got 3\)"):
        first_passage(FORTH_AND_BACK, 0, (3,), 5)
    with pytest.raises(InputError, match="start_index"):
        first_passage(FORTH_AND_BACK, -1, (1,), 5)
    with pytest.raises(InputError, match="share a state"):
        cumulative_incidence(FORTH_AND_BACK, 0, [(1, 2), (2,)], 5)
    with pytest.raises(InputError, match="did you mean 'daily'"):
        first_passage(FORTH_AND_BACK, 0, (1,), 5, "dayly")
