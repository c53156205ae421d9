"""Exact tests of more tables than they can go through are refused with the figure, whatever the test."""

import pytest

from jaksim.errors import InputError
from jaksim.methods import exact_odds_ratio

HUGE = [[1e9, 1e9], [1e9, 1e9 + 5]]


@pytest.mark.parametrize("options", [{}, {"test": "minlike"}, {"test": "mid_p"}, {"strata": "conditional"}])
@pytest.mark.parametrize("table", [HUGE, [[1e6, 1e6], [1e6, 1e6 + 5]], [[5e5, 3e6], [6e5, 4e6]]])
def test_margins_with_too_many_tables_are_refused(table, options):
    with pytest.raises(InputError, match=r"the margins allow [0-9,]+ tables"):
        exact_odds_ratio(table, event=[1, 0], **options)


def test_a_margin_does_not_change_the_bound():
    with pytest.raises(InputError, match="the margins allow 2,000,000,001 tables"):
        exact_odds_ratio(HUGE, event=[1, 0], margin=1.2)


def test_strata_with_too_many_pairs_of_tables_are_refused():
    table = [[[1e5, 1e5]] * 2, [[1e5, 1e5]] * 2]
    with pytest.raises(InputError, match="pairs of tables"):
        exact_odds_ratio(table, event=[1, 0], strata="conditional")


def test_rare_events_of_many_patients_are_few_tables():
    """With so many patients the conditional law is binomial: p = 2 P(X >= 30), X of 50 with 1/2 (0.20263875)."""
    found = exact_odds_ratio([[20, 1e9], [30, 1e9]], event=[1, 0])
    assert found.p_value == pytest.approx(0.20263875106454, rel=1e-6)
