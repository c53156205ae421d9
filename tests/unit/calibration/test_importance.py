import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.importance import pareto_smoothed_weights


@pytest.mark.parametrize("size", [3, 20, 1000])
def test_equal_ratios_give_equal_weights(size):
    weights, k = pareto_smoothed_weights(np.full(size, -700.0))
    np.testing.assert_allclose(weights, 1 / size)
    assert k == 0.0


def test_ratios_equal_up_to_rounding_have_no_tail():
    rng = np.random.default_rng(8)
    weights, k = pareto_smoothed_weights(1e-14 * rng.standard_normal(500))
    np.testing.assert_allclose(weights, 1 / 500)
    assert k == 0.0


@pytest.mark.parametrize("shape", [0.1, 0.4, 0.7, 1.0])
def test_shape_of_a_generalised_pareto_tail(shape):
    size = 20_000
    tail = int(3 * np.sqrt(size))
    ratios = stats.genpareto.rvs(shape, size=size, random_state=5)
    _, k = pareto_smoothed_weights(np.log(ratios))
    expected = (shape * tail + 5) / (tail + 10)
    assert abs(k - expected) < 4 * (1 + shape) / np.sqrt(tail)


def test_light_tails_have_a_negative_or_small_shape():
    rng = np.random.default_rng(6)
    _, k = pareto_smoothed_weights(np.log(rng.uniform(size=20_000)))
    assert -1.2 < k < -0.6
    _, k = pareto_smoothed_weights(np.log(rng.exponential(size=20_000)))
    assert abs(k) < 0.2


def test_only_the_tail_is_smoothed_and_keeps_its_order():
    log_ratios = np.random.default_rng(7).standard_normal(2000)
    weights, _ = pareto_smoothed_weights(log_ratios)
    order = np.argsort(log_ratios)
    body, tail = order[: -int(3 * np.sqrt(2000))], order[-int(3 * np.sqrt(2000)) :]
    raw = np.exp(log_ratios)
    np.testing.assert_allclose(weights[body] / weights[body].sum(), raw[body] / raw[body].sum())
    assert np.all(np.diff(weights[tail]) >= 0)
    assert weights[tail[0]] >= weights[body[-1]]
    assert weights.sum() == pytest.approx(1.0)
    assert weights.max() / weights[body[0]] <= raw.max() / raw[body[0]] * (1 + 1e-12)


def test_smoothed_tail_is_that_of_the_fitted_distribution():
    """Order statistics of the smoothed tail lie on a generalised Pareto quantile function of the returned shape."""
    log_ratios = 1.5 * np.random.default_rng(9).standard_normal(4000)
    weights, k = pareto_smoothed_weights(log_ratios)
    tail = int(3 * np.sqrt(4000))
    ordered = np.sort(weights)
    excess = ordered[-tail:] - ordered[-tail - 1]
    quantiles = stats.genpareto.ppf((np.arange(1, tail + 1) - 0.5) / tail, k)
    ratio = excess[:-1] / quantiles[:-1]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-9)


def test_weighted_mean_of_a_shifted_normal():
    draws = np.random.default_rng(10).standard_normal(50_000)
    weights, k = pareto_smoothed_weights(0.5 * draws)
    mean = np.sum(weights * draws)
    error = np.sqrt(np.sum(weights**2 * (draws - mean) ** 2))
    assert abs(mean - 0.5) < 4 * error
    assert k < 0.5


def test_shift_and_order_do_not_matter():
    log_ratios = np.random.default_rng(11).standard_normal(300)
    weights, k = pareto_smoothed_weights(log_ratios)
    order = np.random.default_rng(12).permutation(300)
    other, other_k = pareto_smoothed_weights(log_ratios[order] + 1000)
    np.testing.assert_allclose(other, weights[order], rtol=1e-9)
    assert other_k == pytest.approx(k)
