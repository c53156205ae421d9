import math

import numpy as np
import pytest
from scipy.stats import kstest, norm

import jaksim
from jaksim.errors import InputError
from jaksim.trial.monitoring.conditional import conditional_power, predictive_power, probability_of_success
from jaksim.trial.monitoring.inference import (
    expected_estimate,
    repeated_interval,
    repeated_p_value,
    stagewise_p_value,
    stopped_trial,
)


@pytest.fixture(scope="module")
def design():
    return jaksim.boundaries(information=[0.3, 0.7, 1.0], spending="hsd:-2", futility="hsd:-3", binding=True)


@pytest.fixture(scope="module")
def two_sided():
    return jaksim.boundaries(looks=3, spending="classical-pocock", sides=2)


def simulated(design, drift, n, seed):
    """Analysis at which each of n trials stops, from 0, and its z."""
    rng = np.random.default_rng(seed)
    times = design.information
    score = np.cumsum(rng.normal(size=(n, len(times))) * np.sqrt(np.diff(times, prepend=0)), axis=1) + drift * times
    z = score / np.sqrt(times)
    stops = (z >= design.upper_z) | (z <= design.lower_z)
    stops[:, -1] = True
    look = stops.argmax(axis=1)
    return look, z[np.arange(n), look]


def test_conditional_power_against_simulated_trials(design):
    z, drift, n = 1.2, 2.5, 200_000
    rng = np.random.default_rng(5)
    gains = rng.normal(size=(n, 2)) * np.sqrt([0.4, 0.3]) + drift * np.array([0.4, 0.3])
    later = (z * math.sqrt(0.3) + np.cumsum(gains, axis=1)) / np.sqrt([0.7, 1.0])
    above, below = later >= design.upper_z[1:], later[:, 0] <= design.lower_z[1]
    share = np.mean(above[:, 0] | (~below & above[:, 1]))
    exact = conditional_power(design, 1, z, drift)[0]
    assert abs(share - exact) < 4.0 * math.sqrt(exact * (1.0 - exact) / n)


def test_conditional_power_averages_to_power(design):
    """Over the first z, among trials that go on, it is the chance to reject later."""
    drift, first = 2.0, math.sqrt(0.3)
    points, weights = np.polynomial.legendre.leggauss(40)
    low, high = design.lower_z[0], design.upper_z[0]
    z = 0.5 * (high + low) + 0.5 * (high - low) * points
    later = np.array([conditional_power(design, 1, one, drift)[0] for one in z])
    total = 0.5 * (high - low) * np.sum(weights * later * norm.pdf(z - drift * first))
    assert total == pytest.approx(design.crossing(drift).upper[0, 1:].sum(), abs=1e-9)


def test_conditional_power_of_the_last_analysis_has_a_closed_form(design):
    trend = 1.2 / math.sqrt(0.3)
    expected = norm.cdf((1.2 * math.sqrt(0.3) + trend * 0.7 - design.upper_z[-1]) / math.sqrt(0.7))
    assert conditional_power(design, 1, 1.2, final_only=True)[0] == pytest.approx(expected, abs=1e-12)
    flat = norm.cdf((1.2 - design.upper_z[-1] * math.sqrt(0.3)) / math.sqrt(0.7))
    assert predictive_power(design, 1, 1.2, final_only=True) == pytest.approx(flat, abs=1e-12)


def test_a_sharp_prior_makes_predictive_power_conditional_power(design):
    sharp = predictive_power(design, 2, 1.0, prior_mean=2.2, prior_sd=1e-6)
    assert sharp == pytest.approx(conditional_power(design, 2, 1.0, 2.2)[0], abs=1e-8)


def test_probability_of_success_is_an_average(design):
    power = design.crossing([1.0, 3.0]).upper.sum(axis=1)
    assert probability_of_success(design, [1.0, 3.0], [0.25, 0.75]) == pytest.approx(power @ [0.25, 0.75])


@pytest.mark.parametrize("drift", [0.0, 2.0])
def test_stagewise_p_values_are_uniform(design, drift):
    look, z = simulated(design, drift, 3000, 8)
    p = [stagewise_p_value(design, int(k) + 1, float(one), drift) for k, one in zip(look, z, strict=True)]
    # Chance below 6e-5, as a normal variable beyond 4.
    assert kstest(p, "uniform").pvalue > 6e-5


def test_stagewise_p_value_meets_alpha_at_the_last_bound(design, two_sided):
    assert stagewise_p_value(design, 3, design.upper_z[-1]) == pytest.approx(0.025, abs=1e-10)
    assert stopped_trial(two_sided, 3, two_sided.upper_z[-1]).p_value == pytest.approx(0.05, abs=1e-10)
    assert stagewise_p_value(design, 1, 2.9) == pytest.approx(norm.sf(2.9), rel=1e-10)


def test_estimates_of_a_first_analysis_are_the_usual_ones(two_sided):
    found = stopped_trial(two_sided, 1, 2.6)
    estimate, width = 2.6 * math.sqrt(3.0), norm.ppf(0.975) * math.sqrt(3.0)
    assert found.median_unbiased == pytest.approx(estimate, abs=1e-7)
    assert found.interval == pytest.approx((estimate - width, estimate + width), abs=1e-7)
    assert found.p_value == pytest.approx(2.0 * norm.sf(2.6), rel=1e-9)


def test_mirrored_results_mirror_the_estimates(two_sided):
    one, other = stopped_trial(two_sided, 2, 2.5), stopped_trial(two_sided, 2, -2.5)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-8)
    assert one.median_unbiased == pytest.approx(-other.median_unbiased, abs=1e-7)
    assert one.bias_adjusted == pytest.approx(-other.bias_adjusted, abs=1e-7)
    assert one.interval == pytest.approx([-limit for limit in other.interval[::-1]], abs=1e-7)


@pytest.mark.parametrize("drift", [0.0, 2.5])
def test_expected_estimate_against_simulated_trials(design, drift):
    look, z = simulated(design, drift, 400_000, 21)
    estimates = z / np.sqrt(design.information[look])
    error = estimates.std() / math.sqrt(len(estimates))
    assert abs(estimates.mean() - expected_estimate(design, drift)) < 4.0 * error


def test_bias_adjusted_estimate_undoes_the_bias(design):
    found = stopped_trial(design, 2, 2.4)
    assert expected_estimate(design, found.bias_adjusted) == pytest.approx(found.estimate, abs=1e-7)
    assert found.bias_adjusted < found.estimate


@pytest.mark.parametrize("spending", ["obrien-fleming", "hsd:-4", "classical-pocock", "haybittle-peto:3"])
def test_repeated_p_value_is_alpha_on_the_bound(spending):
    design = jaksim.boundaries(looks=3, spending=spending)
    looks = (1, 2, 3) if not spending.startswith("hay") else (3,)
    for look in looks:
        assert repeated_p_value(design, look, design.upper_z[look - 1]) == pytest.approx(0.025, rel=1e-6)
        low, high = repeated_interval(design, look, design.upper_z[look - 1])
        assert low == pytest.approx(0.0, abs=1e-12)
        assert high > 0.0
    assert repeated_p_value(design, 3, 1.0) > 0.1


def test_analyses_that_do_not_exist_are_refused(design):
    for question in (stopped_trial, repeated_interval, repeated_p_value):
        with pytest.raises(InputError, match="1 to 3"):
            question(design, 4, 2.0)
    with pytest.raises(InputError, match="1 to 2"):
        conditional_power(design, 3, 2.0)
    with pytest.raises(InputError, match="spread"):
        predictive_power(design, 1, 2.0, prior_sd=0.0)


@pytest.mark.parametrize("spending", ["obrien-fleming", "hsd:-4"])
def test_two_sided_plans_have_repeated_p_values(spending):
    design = jaksim.boundaries(looks=3, spending=spending, sides=2, alpha=0.05)
    for look in (1, 2, 3):
        bound = design.upper_z[look - 1]
        for z in (bound, -bound):
            assert repeated_p_value(design, look, z) == pytest.approx(0.05, rel=1e-6)
    assert repeated_p_value(design, 1, 0.1) == 1.0


def test_a_trial_that_goes_on_has_not_stopped(design, two_sided):
    for look in (1, 2):
        for z in (0.3 * two_sided.upper_z[look - 1], -0.3 * two_sided.upper_z[look - 1], math.nan):
            with pytest.raises(InputError, match="z"):
                stopped_trial(two_sided, look, z)
        with pytest.raises(InputError, match="goes on"):
            stopped_trial(design, look, design.upper_z[look - 1] - 0.01)
        assert stopped_trial(design, look, design.upper_z[look - 1]).look == look
    assert stopped_trial(design, 3, 0.5).estimate == 0.5
    futile = jaksim.boundaries(looks=2, spending="obrien-fleming", futility="z:0")
    assert stopped_trial(futile, 1, -0.2).z == -0.2
    with pytest.raises(InputError, match="goes on at analysis 1"):
        stopped_trial(futile, 1, 0.2)
