"""What must hold for every disease process."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from jaksim.exact.occupation import cumulative_incidence, expected_days, first_passage, state_occupation
from jaksim.exact.transition import transition_matrices, transition_probability
from jaksim.model.disease import IntensityTable

HORIZON = 10


@st.composite
def tables(draw):
    """Any process: 2 to 6 states, up to 4 pieces, rates zero, ordinary or extreme, breaks anywhere."""
    n_states = draw(st.integers(2, 6))
    breaks = [0.0, *sorted(draw(st.sets(st.floats(0.001, HORIZON + 2), max_size=3)))]
    rate = st.one_of(st.just(0.0), st.floats(1e-9, 3.0), st.floats(10.0, 1e4))
    generators = np.zeros((len(breaks), n_states, n_states))
    for generator in generators:
        for origin in range(n_states - 1):
            for destination in range(n_states):
                if origin != destination:
                    generator[origin, destination] = draw(rate)
        np.fill_diagonal(generator, -generator.sum(axis=1))
    return IntensityTable(np.array(breaks), generators)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_daily_matrices_are_transition_probabilities(table):
    P = transition_matrices(table, HORIZON)
    assert (P >= 0).all()
    np.testing.assert_allclose(P.sum(axis=2), 1.0, rtol=0, atol=1e-12)
    assert abs(expected_days(P, 0).sum() - HORIZON) < 1e-11


@settings(max_examples=60, deadline=None)
@given(tables(), st.lists(st.floats(0, HORIZON), min_size=3, max_size=3).map(sorted))
def test_chapman_kolmogorov(table, times):
    start, middle, end = times
    parts = transition_probability(table, start, middle) @ transition_probability(table, middle, end)
    np.testing.assert_allclose(parts, transition_probability(table, start, end), rtol=1e-9, atol=1e-13)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_a_break_that_changes_nothing_changes_nothing(table):
    middle = (table.breaks[-1] + HORIZON + 3) / 2
    split = IntensityTable(np.append(table.breaks, middle), np.concatenate([table.generators, table.generators[-1:]]))
    np.testing.assert_allclose(
        transition_matrices(split, HORIZON), transition_matrices(table, HORIZON), rtol=1e-9, atol=1e-13
    )


@settings(max_examples=60, deadline=None)
@given(tables(), st.data())
def test_first_passages_grow_and_watching_closer_sees_more(table, data):
    target = data.draw(st.integers(0, table.n_states - 1))
    daily = first_passage(table, 0, (target,), HORIZON)
    watched = first_passage(table, 0, (target,), HORIZON, "continuous")
    occupation = state_occupation(transition_matrices(table, HORIZON), 0)[:, target]
    assert (np.diff(daily) >= -1e-12).all()
    assert (np.diff(watched) >= -1e-12).all()
    assert (daily <= watched + 1e-12).all()
    assert (occupation <= daily + 1e-12).all()
    assert (watched <= 1 + 1e-12).all()


@settings(max_examples=60, deadline=None)
@given(tables())
def test_causes_add_up_to_any_cause(table):
    causes = [(state,) for state in range(1, table.n_states)]
    for observed in ("daily", "continuous"):
        apart = cumulative_incidence(table, 0, causes, HORIZON, observed)
        together = first_passage(table, 0, range(1, table.n_states), HORIZON, observed)
        np.testing.assert_allclose(apart.sum(axis=0), together, rtol=0, atol=1e-12)
