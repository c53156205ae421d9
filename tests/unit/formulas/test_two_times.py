import math

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.formulas.two_times import Follow, TwoTimes, two_times_win_law, without_effect
from jaksim.plan.pairs.times import _compared, _drawn

ARMS = TwoTimes(0.2, 0.5), TwoTimes(0.15, 0.3)


@pytest.mark.parametrize(
    ("reference", "active"),
    [ARMS, (TwoTimes(500.0, 0.5), TwoTimes(400.0, 0.3)), (TwoTimes(0.2, 300.0), TwoTimes(0.1, 200.0))],
)
def test_independent_times_with_one_follow_up_have_a_closed_form(reference, active):
    law = two_times_win_law(reference, active, Follow(0.0, 2.0))
    deaths, events = reference.death + active.death, reference.event + active.event
    dying, alive = 1.0 - math.exp(-2.0 * deaths), math.exp(-2.0 * deaths)
    event = alive * (1.0 - math.exp(-2.0 * events))
    assert law.won == pytest.approx(dying * reference.death / deaths + event * reference.event / events, abs=1e-9)
    assert law.lost == pytest.approx(dying * active.death / deaths + event * active.event / events, abs=1e-9)
    # Against a reference patient, an active one who dies at t wins by earlier deaths and loses by later ones.
    assert law.tied == pytest.approx(alive * math.exp(-2.0 * events), abs=1e-10)


@pytest.mark.parametrize("follow", [Follow(3.0, 4.0, 0.05), Follow(4.0, 4.0), Follow(0.0, 1.5, 0.4), Follow(1.0, 9.0)])
@pytest.mark.parametrize("kappa", [1.0, 1.4, 2.5, 8.0])
def test_what_one_arm_wins_the_other_loses(follow, kappa):
    reference, active = TwoTimes(0.11, 0.68, kappa), TwoTimes(0.08, 0.5, kappa)
    law, mirrored = two_times_win_law(reference, active, follow), two_times_win_law(active, reference, follow)
    assert (law.won, law.lost) == pytest.approx((mirrored.lost, mirrored.won), abs=2e-7)
    assert law.active.win == pytest.approx(mirrored.reference.loss, abs=1e-6)
    same = two_times_win_law(reference, reference, follow)
    assert same.net == pytest.approx(0.0, abs=2e-6)
    assert law.net > 0.0


@pytest.mark.parametrize(
    ("kappa", "follow"), [(1.93, Follow(3.0, 4.0, 0.05)), (4.0, Follow(0.5, 1.0)), (1.0, Follow(1.0, 1.0))]
)
def test_the_law_is_that_of_patients_drawn_from_the_copula(kappa, follow):
    rng = np.random.default_rng(11)
    reference, active = TwoTimes(0.3, 0.7, kappa), TwoTimes(0.2, 0.4, kappa)
    law = two_times_win_law(reference, active, follow)
    n = 2500
    found = _compared(_drawn(rng, active, follow, n), _drawn(rng, reference, follow, n))
    error = law.sd("net_benefit", 0.5) / math.sqrt(2 * n)
    assert found.net == pytest.approx(law.net, abs=4.0 * error)
    assert found.won == pytest.approx(law.won, abs=4.0 * error)
    for measure in ("win_ratio", "win_odds", "net_benefit"):
        assert found.sd(measure, 0.5) == pytest.approx(law.sd(measure, 0.5), rel=0.05)


@pytest.mark.parametrize("rates", [(0.1, 50.0), (1e-3, 5.0), (5.0, 1e4), (1e3, 0.5)])
def test_rates_far_apart_are_integrated_as_well(rates):
    for kappa in (1.5, 3.0):
        reference = TwoTimes(*rates, kappa)
        active = TwoTimes(0.8 * rates[0], 0.8 * rates[1], kappa)
        law = two_times_win_law(reference, active, Follow(1.0, 3.0))
        assert law.won + law.lost <= 1.0 + 1e-6
        assert law.value("win_ratio") == pytest.approx(1.25, abs=0.001)


def test_kendalls_tau_of_the_draws_is_that_of_the_copula():
    rng = np.random.default_rng(3)
    death, event, _ = _drawn(rng, TwoTimes(0.3, 0.7, 2.0), Follow(0.0, 1.0), 4000)
    pairs = rng.integers(4000, size=(2, 100_000))
    signs = np.sign(death[pairs[0]] - death[pairs[1]]) * np.sign(event[pairs[0]] - event[pairs[1]])
    assert signs[pairs[0] != pairs[1]].mean() == pytest.approx(0.5, abs=0.03)
    assert np.median(death) == pytest.approx(math.log(2.0) / 0.3, rel=0.08)


def test_variance_and_slopes_are_those_of_the_vignette_of_wr():
    # WR 1.0, vignette: rates 0.11, 0.68 and kappa 1.93 (rounded there), accrual 3, four years, dropout 0.05;
    # zeta2 by Monte Carlo with 1000 patients, delta by cubature.
    variance, slopes = without_effect(TwoTimes(0.11, 0.68, 1.93), Follow(3.0, 4.0, 0.05))
    assert variance == pytest.approx(0.2942899, rel=0.02)
    assert slopes == pytest.approx((0.08886542, 0.34018646), rel=0.015)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: TwoTimes(0.0, 1.0), "a hazard is positive"),
        (lambda: TwoTimes(1.0, math.inf), "a hazard is positive"),
        (lambda: TwoTimes(1.0, 1.0, 0.5), "1 to 20"),
        (lambda: Follow(2.0, 1.0), "accrual does not fit"),
        (lambda: Follow(0.0, 0.0), "lasts no time"),
        (lambda: Follow(0.0, 1.0, -1.0), "no rate"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
