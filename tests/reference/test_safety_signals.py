"""The maximised sequential test against the numbers that Sequential (Silva and Kulldorff, R) gives."""

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.formulas.signals.maximised import binomial_performance, poisson_critical, poisson_performance


@pytest.mark.parametrize(("most", "critical"), [(1, 2.853937), (5, 3.297183), (10, 3.467952), (20, 3.628123)])
def test_critical_values_are_those_of_the_first_table(most, critical) -> None:
    """Kulldorff et al. (2011), Sequential Analysis 30:58, table 1, alpha 0.05, minimum of one event."""
    assert poisson_critical(0.05, most) == pytest.approx(critical, abs=5e-7)


def test_performance_with_binomial_events() -> None:
    """Performance.Binomial(N=30, M=1, cv=2, z=1, RR=2), the example of its manual."""
    assert binomial_performance(2.0, 30, 1.0, 2.0) == pytest.approx((0.658732, 10.7893, 17.3453), rel=1e-5)


def test_the_level_is_spent_and_time_to_a_signal_is_that_of_simulated_events() -> None:
    import numpy as np

    from jaksim.formulas.signals.maximised import poisson_times

    critical = poisson_critical(0.05, 10.0)
    assert poisson_performance(critical, 10.0, 1.0).power == pytest.approx(0.05, abs=1e-10)
    found, times = poisson_performance(critical, 10.0, 2.0), poisson_times(critical, 10.0)
    arrivals = np.cumsum(np.random.default_rng(1).exponential(0.5, (20_000, len(times))), axis=1)
    early = arrivals <= times
    first = np.where(early.any(axis=1), arrivals[np.arange(len(early)), early.argmax(axis=1)], np.nan)
    assert early.any(axis=1).mean() == pytest.approx(found.power, abs=0.014)
    assert np.nanmean(first) == pytest.approx(found.at_signal, abs=0.1)
    assert np.where(np.isnan(first), 10.0, first).mean() == pytest.approx(found.at_end, abs=0.11)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "events"),
        ({"events": 3}, "expected"),
        ({"events": 3, "expected": 2.0, "exposure": 5.0}, "one of the two"),
        ({"events": 3, "exposure": 5.0, "control_events": 1}, "control_exposure"),
        ({"events": 3, "expected": 0.0}, "above 0"),
        ({"events": 3, "expected": 30.0}, "has ended"),
        ({"events": 3, "expected": 3.0, "ratio": 0.5}, "above 1"),
        ({"events": 3, "expected": 3.0, "alpha": 0.7}, "no such error"),
        ({"events": 3, "expected": 3.0, "most": 1e6}, "out of range"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked, words) -> None:
    with pytest.raises(InputError) as refused:
        jaksim.signal(**asked)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    "asked",
    [
        {"events": 0, "expected": 3.0},
        {"events": 0, "exposure": 5.0, "control_events": 0, "control_exposure": 5.0},
        {"events": 4, "exposure": 5.0, "control_events": 0, "control_exposure": 5.0},
    ],
)
def test_counts_of_nothing_are_answered(asked) -> None:
    found = jaksim.signal(**asked)
    assert found.maximised.decision == "goes on"
    assert "nan" not in found.report()
    assert 0.0 < found.evidence.beyond < 1.0
