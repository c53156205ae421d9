"""Promising zone: published limits, and the level by integration."""

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.trial.monitoring.combination import p_of
from jaksim.trial.monitoring.second_stage import SecondStage, least_promising

CRITICAL = 1.959963984540054


def zone(target, share, interim, critical=CRITICAL):
    return least_promising(interim, critical, target, (share - interim) / (1.0 - interim))


@pytest.mark.parametrize(
    ("target", "share", "limits"),
    [
        (0.8, 1.5, (0.42, 0.41, 0.38)),
        (0.8, 2.0, (0.37, 0.36, 0.33)),
        (0.8, 3.0, (0.32, 0.31, 0.30)),
        (0.9, 1.5, (0.42, 0.41, 0.38)),
        (0.9, 2.0, (0.37, 0.36, 0.33)),
    ],
)
def test_limits_of_the_zone_of_mehta_and_pocock(target, share, limits):
    # Mehta and Pocock (2011), table of the least conditional power, interim at 25, 50 and 75 %.
    assert [zone(target, share, interim) for interim in (0.25, 0.5, 0.75)] == pytest.approx(limits, abs=0.0055)


def test_schizophrenia_trial_of_mehta_and_pocock():
    # 442 patients, 208 at the interim analysis, 884 at most; standard deviation 7.5, zone 0.36 to 0.8.
    interim = 208 / 442
    least = zone(0.8, 2.0, interim)
    assert least == pytest.approx(0.36, abs=0.005)
    rule = SecondStage(interim, CRITICAL, 0.8, (2.0 - interim) / (1.0 - interim), least)
    for difference, fixed in ((1.6, 0.61), (1.7, 0.66), (1.8, 0.71), (1.9, 0.76), (2.0, 0.80)):
        drift = difference / (2.0 * 7.5 / 442**0.5)
        assert p_of(CRITICAL - drift) == pytest.approx(fixed, abs=0.006)
        gained = sum(rule.rejection(drift)[:2]) - fixed
        assert 0.025 < gained < 0.055


def test_conditional_power_of_a_planned_and_of_an_enlarged_second_stage():
    rule = SecondStage(0.5, CRITICAL, 0.9, 3.0, 0.36)
    z = np.array([1.2, 1.3, 1.9])
    ratio = rule.ratio(z)
    assert (ratio > 1.0).tolist() == [False, True, True]
    assert ratio[1] == 3.0
    assert ratio[2] < 3.0
    assert rule.conditional_power(z[2:], ratio[2:]) == pytest.approx([0.9])
    assert rule.conditional_power([rule.z_with(0.36)]) == pytest.approx([0.36])


def test_the_equivalent_bound_is_the_same_test():
    rule = SecondStage(0.4, CRITICAL, 0.8, 2.5, 0.3)
    rng = np.random.default_rng(1)
    first, second = rng.normal(1.0, 1.0, (2, 10_000))
    ratio = rng.uniform(0.5, 3.0, 10_000)
    total = 0.4 + 0.6 * ratio
    unweighted = (np.sqrt(0.4) * first + np.sqrt(0.6 * ratio) * second) / np.sqrt(total)
    same = (unweighted > rule.equivalent_bound(first, ratio)) == (rule.weighted(first, second) > CRITICAL)
    assert same.all()


@pytest.mark.parametrize("interim", [0.25, 0.5, 0.75])
@pytest.mark.parametrize("share", [1.5, 3.0])
def test_level_by_integration(interim, share):
    most = (share - interim) / (1.0 - interim)
    from_limit = SecondStage(interim, CRITICAL, 0.9, most, zone(0.9, share, interim))
    from_anywhere = SecondStage(interim, CRITICAL, 0.9, most, 0.0)
    assert sum(from_limit.rejection(0.0)) == pytest.approx(0.025, abs=1e-7)
    assert sum(from_anywhere.rejection(0.0)) == pytest.approx(0.025, abs=1e-7)
    assert sum(from_limit.rejection(0.0, original=True)) < 0.025
    assert sum(from_anywhere.rejection(0.0, original=True)) > sum(from_limit.rejection(0.0, original=True))


def test_integration_against_draws():
    rule = SecondStage(0.5, CRITICAL, 0.9, 3.0, 0.36, futility=0.05)
    rng = np.random.default_rng(7)
    n, drift, upper = 400_000, 2.2, 2.9
    first = rng.normal(drift * np.sqrt(0.5), 1.0, n)
    ratio = rule.ratio(first)
    second = rng.normal(drift * np.sqrt(0.5 * ratio), 1.0)
    early, futile = first > upper, ratio == 0.0
    going = ~early & ~futile
    total = 0.5 + 0.5 * ratio
    unweighted = (np.sqrt(0.5) * first + np.sqrt(0.5 * ratio) * second) / np.sqrt(total)
    for original in (False, True):
        z = unweighted if original else rule.weighted(first, second)
        seen = np.array([early.mean(), (going & (z > CRITICAL)).mean(), futile.mean()])
        exact = np.array(rule.rejection(drift, upper, original=original))
        assert (np.abs(seen - exact) / np.sqrt(exact * (1 - exact) / n)).max() < 4.0


def test_a_zone_that_inflates_the_level_is_refused():
    import jaksim
    from jaksim.trial.adaptive.promising_zone import PromisingZone

    common = {
        "analysis": "one",
        "boundaries": jaksim.boundaries(information=[0.5, 1.0], no_efficacy=[1]),
        "planned": 100,
        "maximum": 200,
    }
    assert PromisingZone(**common, statistic="original").rule.least == pytest.approx(zone(0.9, 2.0, 0.5), abs=1e-6)
    assert PromisingZone(**common, least=0.1).rule.least == 0.1
    with pytest.raises(InputError, match="inflates the level of the original statistic"):
        PromisingZone(**common, least=0.1, statistic="original")
    with pytest.raises(InputError, match="the trial cannot grow"):
        PromisingZone(**{**common, "maximum": 100})
    with pytest.raises(InputError, match="stop inside the zone"):
        PromisingZone(**common, least=0.2, futility=0.3)
