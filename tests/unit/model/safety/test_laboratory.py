"""A laboratory value that drifts to a threshold: closed forms, and a value followed in small steps."""

import math

import numpy as np
import pytest
from scipy.stats import invgauss, norm

from jaksim.errors import InputError
from jaksim.model.safety.laboratory import LaboratoryValue


@pytest.mark.parametrize(("drift", "day"), [(-0.02, 28.0), (-0.1, 7.0), (0.01, 28.0)])
def test_a_value_without_noise_crosses_when_its_drift_gets_there(drift, day) -> None:
    value = LaboratoryValue(threshold=1.0, median=4.0, log_sd=0.5, drift=drift)
    far = math.log(4.0) / 0.5
    good = norm.sf(-far)
    expected = (norm.cdf((max(-drift * day, 0.0) - math.log(4.0)) / 0.5) - norm.cdf(-far)) / good
    assert value.crossed(np.array([day]))[0] == pytest.approx(expected, abs=1e-14)
    assert value.excluded == pytest.approx(norm.cdf(-far), rel=1e-12)


@pytest.mark.parametrize(("drift", "noise"), [(0.05, 0.2), (0.02, 0.1), (0.3, 0.4)])
def test_a_known_start_gives_the_inverse_gaussian_law(drift, noise) -> None:
    value = LaboratoryValue(1.0, math.exp(-1.0), 1e-3, drift=drift, log_sd_per_day=noise, below=False)
    days = np.array([2.0, 10.0, 28.0])
    mean, shape = 1.0 / drift, (1.0 / noise) ** 2
    expected = invgauss(mean / shape, scale=shape).cdf(days)
    assert value.crossed(days) == pytest.approx(expected, rel=2e-4, abs=1e-9)  # the start varies by a thousandth


def test_a_value_is_followed_in_small_steps() -> None:
    value = LaboratoryValue(1.0, 3.0, 0.6, drift=-0.02, log_sd_per_day=0.12)
    stream, n, parts = np.random.default_rng(5), 20_000, 40
    log = stream.normal(math.log(3.0), 0.6, n)
    log = log[log > 0.0]
    least, step = np.zeros(len(log), dtype=bool), 0.12 / math.sqrt(parts)
    for _ in range(14 * parts):
        before = log
        log = log + stream.normal(-0.02 / parts, step, len(log))
        # The chance that the value was below between two steps (Brownian bridge).
        least |= (log <= 0.0) | (stream.random(len(log)) < np.exp(-2.0 * np.maximum(before * log, 0.0) / step**2))
    share = value.crossed(np.array([14.0]))[0]
    assert abs(least.mean() - share) < 4.0 * math.sqrt(share * (1.0 - share) / len(log))


def test_intensities_give_the_curve_back() -> None:
    value = LaboratoryValue(1.0, 3.0, 0.6, drift=-0.02, log_sd_per_day=0.12)
    expected = value.crossed(np.arange(1.0, 29.0))
    assert -np.expm1(-np.cumsum(value.intensities(28))) == pytest.approx(expected, abs=1e-12)
    assert (np.diff(expected) > 0.0).all()


@pytest.mark.parametrize("changed", [{"threshold": 0.0}, {"log_sd": -1.0}, {"median": 1e-9}, {"log_sd_per_day": -0.1}])
def test_values_that_make_no_sense_are_refused(changed) -> None:
    with pytest.raises(InputError):
        LaboratoryValue(**{"threshold": 1.0, "median": 4.0, "log_sd": 0.5, **changed})
