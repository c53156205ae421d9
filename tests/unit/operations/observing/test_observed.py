"""What is observed of conducted trials: blocks joined, summaries, names."""

import math
from itertools import pairwise

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.operations.costing import Discounting
from jaksim.operations.observing.observed import (
    CURVES,
    NUMBERS,
    SECTIONS,
    CurveSummary,
    Observed,
    Summary,
    meaning_of,
    named,
)


def test_blocks_are_joined_in_order_and_curves_keep_their_last_value():
    first = Observed({"randomised": np.array([3.0, 4.0])}, {"randomised": np.array([[1, 3], [2, 4]], dtype=np.float32)})
    second = Observed({"randomised": np.array([5.0])}, {"randomised": np.array([[1, 2, 5, 5]], dtype=np.float32)})
    joined = Observed.joined([first, second])
    assert joined.numbers["randomised"].tolist() == [3.0, 4.0, 5.0]
    assert joined.curves["randomised"].tolist() == [[1, 3, 3, 3], [2, 4, 4, 4], [1, 2, 5, 5]]
    assert joined.replicates == 3


def test_a_summary_is_of_the_replicates_that_have_the_number():
    values = np.array([1.0, np.nan, 4.0, 7.0, np.nan])
    found = Summary.of(values)
    assert found.n == 3
    assert found.mean == 4.0
    assert found.sd == 3.0
    assert found.mc_se == pytest.approx(3.0 / math.sqrt(3.0))
    assert found.quantiles == {"5": 1.3, "25": 2.5, "50": 4.0, "75": 5.5, "95": pytest.approx(6.7)}
    nothing = Summary.of(np.array([np.nan]))
    assert nothing.n == 0
    assert math.isnan(nothing.mean)


def test_bands_of_a_curve_are_nested_and_hold_their_share():
    values = np.random.default_rng(1).normal(size=(4000, 3)).astype(np.float32)
    found = CurveSummary.of(values)
    ends = [found.bands[level] for level in ("50", "80", "95")]
    for (low, high), (lower, higher) in pairwise(ends):
        assert (lower < low).all()
        assert (high < higher).all()
    inside = ((values >= ends[1][0]) & (values <= ends[1][1])).mean(axis=0)
    assert np.abs(inside - 0.8).max() < 0.001


def test_every_quantity_has_words_a_section_and_a_definition_that_is_a_sentence():
    for name, one in {**NUMBERS, **CURVES}.items():
        assert one.section in SECTIONS, name
        assert one.definition.endswith("."), name


def test_names_of_parts_and_unknown_names():
    assert meaning_of(named("failed_for", "no consent")).words == "failed: no consent"
    with pytest.raises(InputError, match="did you mean 'screened'"):
        Observed({"screend": np.array([1.0])})


def test_discounting_by_its_integral():
    money = Discounting(0.1)
    days = np.linspace(10.0, 200.0, 200_001)
    steps = (money.at(days[:-1]) * np.diff(days)).sum()
    assert money.during(np.array(10.0), np.array(200.0)) == pytest.approx(steps, rel=1e-5)
    assert money.at(365.25) == pytest.approx(1.0 / 1.1)
    assert money.every(np.array(5.0), np.array(3.0), 20) == pytest.approx(money.at([25.0, 45.0, 65.0]).sum())
    assert Discounting(0.0).every(np.array(5.0), np.array(3.0), 20) == 3.0
