import math

import pytest

from jaksim.errors import InputError
from jaksim.formulas.event_times import event_probability, expected_events, time_of_events
from jaksim.formulas.log_rank_size import critical_hazard_ratio, freedman_events, log_rank_power, schoenfeld_events
from jaksim.piecewise import PiecewiseConstant


def constant(value):
    return PiecewiseConstant((), (value,))


def test_probability_with_and_without_dropout():
    assert event_probability(constant(0.1), constant(0.0), 5.0) == pytest.approx(1 - math.exp(-0.5))
    assert event_probability(constant(0.1), constant(0.3), 5.0) == pytest.approx(0.25 * (1 - math.exp(-2.0)))
    assert event_probability(constant(0.0), constant(0.0), 5.0) == 0.0


def test_pieces_are_put_together():
    hazard = PiecewiseConstant((2.0,), (0.1, 0.4))
    assert event_probability(hazard, constant(0.0), 5.0) == pytest.approx(1 - math.exp(-0.2 - 1.2))
    halves = PiecewiseConstant((3.0,), (0.05, 0.05))
    assert event_probability(hazard, halves, 5.0) == pytest.approx(event_probability(hazard, constant(0.05), 5.0))


@pytest.mark.parametrize("time", [3.0, 10.0, 25.0])
def test_events_under_uniform_accrual_have_a_closed_form(time):
    rate, hazard, duration = 4.0, 0.2, 10.0
    accrual = PiecewiseConstant((duration,), (rate, 0.0))
    entered = min(time, duration)
    expected = rate * (entered - (math.exp(-hazard * (time - entered)) - math.exp(-hazard * time)) / hazard)
    found = expected_events(accrual, lambda t: event_probability(constant(hazard), constant(0.0), t), time)
    assert found == pytest.approx(expected, rel=1e-10)


def test_time_of_events_inverts():
    accrual = PiecewiseConstant((10.0,), (4.0, 0.0))

    def expected(time):
        return expected_events(accrual, lambda t: event_probability(constant(0.2), constant(0.0), t), time)

    assert expected(time_of_events(30.0, expected)) == pytest.approx(30.0, abs=1e-8)
    with pytest.raises(InputError, match="never expected"):
        time_of_events(41.0, expected)


def test_events_of_the_log_rank_test():
    """Collett (2015), Modelling Survival Data in Medical Research, formula 15.8: z quantiles 1.96 and 1.2816."""
    events = schoenfeld_events(0.5729, power=0.9, alpha=0.05, sides=2)
    assert events == pytest.approx(4 * (1.959964 + 1.281552) ** 2 / math.log(0.5729) ** 2, rel=1e-6)
    assert log_rank_power(events, 0.5729, alpha=0.05, sides=2) == pytest.approx(0.9)
    assert log_rank_power(events, 1 / 0.5729, alpha=0.05, sides=2) == pytest.approx(0.9)
    assert schoenfeld_events(0.5, power=0.9, alpha=0.025, active_share=0.75) > schoenfeld_events(
        0.5, power=0.9, alpha=0.025
    )


def test_freedman_needs_more_events_with_equal_arms_and_as_many_near_one():
    assert freedman_events(0.5, power=0.9, alpha=0.025) == pytest.approx(9 * (1.959964 + 1.281552) ** 2, rel=1e-6)
    near = [size(0.99, power=0.9, alpha=0.025) for size in (freedman_events, schoenfeld_events)]
    assert near[0] / near[1] == pytest.approx(1.0, abs=1e-3)


def test_the_critical_hazard_ratio_has_power_one_half():
    critical = critical_hazard_ratio(80.0, alpha=0.025)
    assert critical < 1.0
    assert log_rank_power(80.0, critical, alpha=0.025) == pytest.approx(0.5)


@pytest.mark.parametrize("ratio", [1.0, 0.0, -2.0])
def test_hazard_ratios_that_no_trial_finds_are_refused(ratio):
    with pytest.raises(InputError, match="hazard_ratio"):
        schoenfeld_events(ratio, power=0.9, alpha=0.025)
