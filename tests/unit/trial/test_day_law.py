"""Distributions of whole days: their laws, and what is refused."""

import numpy as np
import pytest
from scipy import stats

from jaksim.errors import InputError
from jaksim.trial.operations.day_law import DayLaw, day_law, fixed


@pytest.mark.parametrize(
    ("law", "numbers", "mean", "sd"),
    [
        ("fixed", {"days": 7}, 7.0, 0.0),
        ("uniform", {"low": 3, "high": 9}, 6.0, 2.0),
        ("poisson", {"mean": 4.0}, 4.0, 2.0),
        ("gamma", {"mean": 20.0, "sd": 10.0}, 20.0, 10.0),
        ("lognormal", {"median": 20.0, "log_sd": 0.4}, 20.0 * np.exp(0.08), stats.lognorm(0.4, scale=20.0).std()),
        ("triangular", {"low": 0, "mode": 10, "high": 30}, 40 / 3, stats.triang(1 / 3, scale=30).std()),
        ("listed", {"days": [0, 2], "probabilities": [0.25, 0.75]}, 1.5, np.sqrt(0.75)),
    ],
)
def test_a_law_keeps_its_mean_and_spread_when_it_is_rounded(law, numbers, mean, sd):
    """A law on whole days is kept; rounding one on a continuous scale adds a twelfth to the variance (Sheppard),
    but for the corner of a triangle and what is cut at day 0."""
    found = day_law(law, numbers)
    assert found.pmf.sum() == pytest.approx(1.0, abs=1e-12)
    whole = law in ("fixed", "uniform", "poisson", "listed")
    assert found.mean == pytest.approx(mean, abs=1e-9 if whole else 0.005)
    assert found.sd**2 == pytest.approx(sd**2 if whole else sd**2 + 1.0 / 12.0, abs=1e-9 if whole else 0.02)
    assert found.words.startswith("7 days" if law == "fixed" else f"{law}, ")


@pytest.mark.parametrize(
    ("law", "numbers", "continuous"),
    [
        ("triangular", {"low": 20, "mode": 45, "high": 90}, stats.triang(25 / 70, loc=20, scale=70)),
        ("triangular", {"low": 2, "mode": 2, "high": 10}, stats.triang(0.0, loc=2, scale=8)),
        ("triangular", {"low": 2, "mode": 10, "high": 10}, stats.triang(1.0, loc=2, scale=8)),
        ("lognormal", {"median": 5.0, "log_sd": 0.6}, stats.lognorm(0.6, scale=5.0)),
        ("gamma", {"mean": 12.0, "sd": 5.0}, stats.gamma(5.76, scale=12 / 5.76)),
        ("poisson", {"mean": 3.5}, stats.poisson(3.5)),
        ("exponential", {"mean": 9.0}, stats.expon(scale=9.0)),
    ],
)
def test_whole_days_have_the_probability_of_what_is_nearest_to_them(law, numbers, continuous):
    """The distribution functions of SciPy."""
    found = day_law(law, numbers).pmf
    ends = continuous.cdf(np.arange(len(found)) + 0.5)
    np.testing.assert_allclose(found[:-1], np.diff(ends, prepend=0.0)[:-1], rtol=1e-12, atol=1e-15)


def test_days_of_uniform_numbers_follow_the_law():
    found = day_law("gamma", {"mean": 5.0, "sd": 3.0})
    uniform = (np.arange(100_000) + 0.5) / 100_000
    assert np.bincount(found.days(uniform), minlength=len(found.pmf)) / 100_000 == pytest.approx(found.pmf, abs=2e-5)
    assert fixed(3).days([0.0, 0.999]).tolist() == [3, 3]


@pytest.mark.parametrize(
    ("law", "numbers", "words"),
    [
        ("lognormal", {"median": "soon", "log_sd": 1.0}, "not a number"),
        ("lognormal", {"median": 5.0}, "is missing"),
        ("lognorm", {}, "did you mean 'lognormal'"),
        ("gamma", {"mean": 0.0, "sd": 1.0}, "not positive"),
        ("exponential", {"mean": 1e6}, "beyond ten years"),
        ("uniform", {"low": 5, "high": 5}, "empty"),
        ("triangular", {"low": 0, "mode": 9, "high": 5}, "outside the range"),
        ("fixed", {"days": 1.5}, "whole"),
        ("fixed", {"days": -1}, "negative"),
        ("listed", {"days": ["x"], "probabilities": [1.0]}, "not a number"),
        ("listed", {"days": [1], "probabilities": [0.5]}, "not a distribution"),
        ("listed", {"days": [1, 2], "probabilities": [1.0]}, "differ in number"),
        ("listed", {"days": "1", "probabilities": [1.0]}, "two lists"),
    ],
)
def test_what_is_no_distribution_is_refused(law, numbers, words):
    with pytest.raises(InputError, match=words):
        day_law(law, numbers)


def test_probabilities_have_to_be_some():
    with pytest.raises(InputError, match="not a distribution"):
        DayLaw((0.5, float("nan")))
