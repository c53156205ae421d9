import math

import numpy as np
import pytest
from scipy.linalg import expm

from jaksim.errors import InputError
from jaksim.formulas.recovery import CENSORED, KEPT, Illness, RecoveryTrial, active_course, illness_of, with_mortality
from jaksim.formulas.recovery_draws import simulated_recovery

DAY = 28.0


@pytest.mark.parametrize(("median", "mortality"), [(8.0, 0.1), (5.0, 0.02), (15.0, 0.3), (20.0, 0.45), (8.0, 0.0)])
def test_the_course_has_its_median_and_its_mortality(median, mortality):
    """Incidences by the matrix exponential of the three states."""
    course = illness_of(median, mortality, DAY)
    generator = np.zeros((3, 3))
    generator[0] = (-course.recovery - course.death, course.recovery, course.death)
    assert expm(generator * median)[0, 1] == pytest.approx(0.5, abs=1e-10)
    assert expm(generator * DAY)[0, 2] == pytest.approx(mortality, abs=1e-10)
    assert course.median == pytest.approx(median, rel=1e-10)
    again = with_mortality(course.recovery, mortality, DAY)
    assert again.death == pytest.approx(course.death, rel=1e-8, abs=1e-12)


def test_mortality_that_leaves_no_half_to_recover_is_refused():
    for mortality in (0.5, 0.7):
        with pytest.raises(InputError, match="fewer than half"):
            illness_of(8.0, mortality, DAY)
    with pytest.raises(InputError, match="no constant intensities"):
        illness_of(8.0, 0.4999999999, 1e-6)


def sums(trial, deaths, null, steps=200_000):
    """The score and its variance by a sum over thin slices of time, with probabilities followed step by step."""
    t = (np.arange(steps) + 0.5) * trial.day / steps
    step = trial.day / steps
    at_risk, events = [], []
    for n, arm in zip(trial.patients, (trial.reference, trial.active), strict=True):
        ill = n * np.exp(-(arm.recovery + arm.death + trial.dropout) * t)
        dead = np.cumsum(ill * arm.death * step) if deaths == KEPT else 0.0
        at_risk.append(ill + dead)
        events.append(ill * arm.recovery * step)
    share = null * at_risk[1] / (at_risk[0] + null * at_risk[1])
    whole = events[0] + events[1]
    return float((events[1] - share * whole).sum()), float((share * (1.0 - share) * whole).sum())


@pytest.mark.parametrize("deaths", [KEPT, CENSORED])
@pytest.mark.parametrize("null", [1.0, 0.8])
def test_the_score_is_that_of_thin_slices(deaths, null):
    trial = RecoveryTrial(Illness(0.09, 0.012), Illness(0.12, 0.008), (150.0, 300.0), DAY, dropout=0.01)
    assert trial.score(deaths, null) == pytest.approx(sums(trial, deaths, null), rel=2e-4)
    seen = sum(trial.recoveries())
    assert seen == pytest.approx(
        sum(
            n * arm.recovery / (arm.recovery + arm.death + 0.01) * -math.expm1(-(arm.recovery + arm.death + 0.01) * DAY)
            for n, arm in zip(trial.patients, (trial.reference, trial.active), strict=True)
        )
    )


def test_the_active_course_has_the_ratio_in_the_measure_of_the_test():
    reference = illness_of(8.0, 0.1, DAY)
    for deaths, ratio, share in ((KEPT, 1.25, 0.5), (CENSORED, 1.25, 0.5), (KEPT, 0.8, 2 / 3), (KEPT, 2.5, 0.5)):
        active = active_course(reference, ratio, deaths=deaths, death_ratio=0.7, day=DAY, share=share)
        trial = RecoveryTrial(reference, active, (1.0 - share, share), DAY)
        assert trial.ratio(deaths) == pytest.approx(ratio, rel=1e-9)
        assert active.death == pytest.approx(0.7 * reference.death)
    assert active_course(reference, 1.25, deaths=CENSORED, death_ratio=1.0, day=DAY).recovery == pytest.approx(
        1.25 * reference.recovery
    )


def test_without_deaths_both_measures_are_one():
    trial = RecoveryTrial(Illness(0.09, 0.0), Illness(0.13, 0.0), (100.0, 100.0), DAY)
    assert trial.ratio(KEPT) == pytest.approx(0.13 / 0.09, rel=1e-9)
    assert trial.score(KEPT) == pytest.approx(trial.score(CENSORED), rel=1e-12)


@pytest.mark.parametrize("deaths", [KEPT, CENSORED])
def test_drawn_trials_have_the_power_of_the_score(deaths):
    reference = illness_of(8.0, 0.1, DAY)
    active = active_course(reference, 1.3, deaths=deaths, death_ratio=0.8, day=DAY)
    trial = RecoveryTrial(reference, active, (200.0, 200.0), DAY, dropout=0.004)
    mean, variance = trial.score(deaths)
    power = 0.5 * math.erfc(-(mean / math.sqrt(variance) - 1.959963984540054) / math.sqrt(2.0))
    found, error = simulated_recovery(
        trial, deaths, nulls=(1.0,), critical=1.959963984540054, mirrored=False, replicates=3000, seed=4
    )
    assert found == pytest.approx(power, abs=4.0 * error)


def test_a_course_as_fast_as_is_allowed_is_integrated_and_a_faster_one_refused():
    trial = RecoveryTrial(Illness(6.0, 0.9), Illness(5.0, 1.9), (150.0, 300.0), DAY)
    assert trial.score(KEPT) == pytest.approx(sums(trial, KEPT, 1.0, steps=2_000_000), rel=2e-3)
    with pytest.raises(InputError, match="in a small part"):
        RecoveryTrial(Illness(6.0, 0.9), Illness(50.0, 0.9), (150.0, 300.0), DAY)
