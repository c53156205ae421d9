import numpy as np
import pytest
from scipy.special import digamma, polygamma

from jaksim.analysis.survival.efron import digamma_difference, reciprocal_sums
from jaksim.methods import cox


@pytest.mark.parametrize("ties", [1, 2, 3, 7, 30, 200])
@pytest.mark.parametrize("beyond", [0.0, 0.3, 2.0, 9.7, 50.5, 1e3, 1e6])
def test_gamma_functions_equal_the_sum_over_events(ties, beyond):
    top = ties + beyond
    reciprocals = 1.0 / (top - np.arange(ties))
    expected = pytest.approx((reciprocals.sum(), (reciprocals**2).sum()), rel=1e-12)
    assert digamma_difference(top, float(ties)) == expected
    assert reciprocal_sums(top, float(ties)) == expected


@pytest.mark.parametrize(("top", "ties"), [(0.4, 0.25), (3.7, 1.5), (12.25, 11.9), (80.0, 17.3)])
def test_a_number_of_ties_that_is_not_whole(top, ties):
    first, second = reciprocal_sums(top, ties)
    assert first == pytest.approx(digamma(top + 1) - digamma(top - ties + 1), rel=1e-11)
    assert second == pytest.approx(polygamma(1, top - ties + 1) - polygamma(1, top + 1), rel=1e-11)


def log_partial_likelihood(beta, table, time, status):
    """Efron's (1977) log partial likelihood, one term per tied event."""
    total = 0.0
    for stratum in range(table.shape[1]):
        for day in np.unique(time[status == 1]):
            events = table[:, stratum, (time == day) & (status == 1)].sum(axis=1)
            at_risk = table[:, stratum, time >= day].sum(axis=1)
            weights = np.array([1.0, np.exp(beta)])
            d = int(events.sum())
            total += events[1] * beta
            total -= sum(np.log(weights @ at_risk - index / d * (weights @ events)) for index in range(d))
    return total


@pytest.mark.parametrize("per_cell", [15, 300])
def test_cox_maximises_efrons_likelihood(per_cell):
    rng = np.random.default_rng(5)
    time, status = np.tile(np.arange(1.0, 7.0), 2), np.repeat([1, 0], 6)
    table = rng.multinomial(per_cell, rng.dirichlet(np.full(12, 3.0)), size=(2, 3)).astype(float)
    result = cox(table, time, status)
    step = 1e-3
    values = [log_partial_likelihood(result.estimate + k * step, table, time, status) for k in (-2, -1, 0, 1, 2)]
    slope = (values[0] - 8 * values[1] + 8 * values[3] - values[4]) / (12 * step)
    curvature = (-values[0] + 16 * values[1] - 30 * values[2] + 16 * values[3] - values[4]) / (12 * step**2)
    assert slope * result.se == pytest.approx(0.0, abs=1e-7)
    assert -curvature == pytest.approx(result.se**-2, rel=1e-6)
