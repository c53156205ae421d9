"""What adjustment is worth against theory: 1 - rho**2 in a linear model; a marginal effect that stays and a
conditional one that moves away."""

import math

import numpy as np
import pytest

from jaksim.analysis.regression.models import LINEAR, LOGISTIC, RISK_DIFFERENCE
from jaksim.analysis.regression.rows import Rows

PATIENTS, REPLICATES = 80, 4000


class Values:
    """A category for each value between -6 and 6, in thousandths."""

    name, kind = "value", "day_count"
    value = np.arange(-8000, 8001) / 1000.0


class Event:
    name, kind = "event", "binary"
    status = np.array([0, 1])


def rows(category, x, patients=PATIENTS):
    arm = np.tile([0.0, 1.0], len(category) // 2)
    nothing = np.zeros(len(category), dtype=np.int64)
    starts = np.arange(0, len(category) + 1, patients)
    return Rows(starts, arm, nothing, category.astype(np.int64), np.ascontiguousarray(x), np.ones(len(category)))


@pytest.mark.parametrize("rho", [0.0, 0.4, 0.7, 0.9])
def test_analysis_of_covariance_gains_one_less_rho_squared(rho):
    rng = np.random.default_rng([7, int(10 * rho)])
    n = PATIENTS * REPLICATES
    x, noise = rng.standard_normal((2, n))
    y = rho * x + math.sqrt(1.0 - rho**2) * noise + 0.3 * np.tile([0.0, 1.0], n // 2)
    category = np.rint(1000.0 * y) + 8000
    variances = []
    for columns in (x[:, None], np.zeros((n, 0))):
        found, *_ = LINEAR.fit(rows(category, columns), Values(), 0, 0.0, strata=False)
        assert found[:, 0].mean() == pytest.approx(0.3, abs=4.0 * found[:, 0].std() / math.sqrt(REPLICATES))
        assert (found[:, 1] ** 2).mean() == pytest.approx(found[:, 0].var(), rel=4.0 * math.sqrt(2.0 / REPLICATES))
        variances.append(found[:, 0].var())
    # A covariate that is estimated costs 1 / (n - 4) of the variance (Cox and McCullagh 1982).
    expected = (1.0 - rho**2) * (1.0 + 1.0 / (PATIENTS - 4))
    assert variances[0] / variances[1] == pytest.approx(expected, rel=4.0 * math.sqrt(4.0 / REPLICATES))


def test_a_marginal_effect_stays_and_a_conditional_one_moves_away():
    """By exact integration: the log odds ratio given x is 0.8, that of the population the one of the mean risks."""
    rng = np.random.default_rng(11)
    patients, replicates = 400, 600
    n = patients * replicates
    x, arm = rng.standard_normal(n), np.tile([0.0, 1.0], n // 2)
    eta = -0.5 + 1.5 * x
    event = rng.random(n) < 1.0 / (1.0 + np.exp(-(eta + 0.8 * arm)))
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights /= weights.sum()
    risk = [float(weights @ (1.0 / (1.0 + np.exp(0.5 - 1.5 * nodes - 0.8 * a)))) for a in (0, 1)]
    odds = math.log(risk[1] / (1.0 - risk[1])) - math.log(risk[0] / (1.0 - risk[0]))
    adjusted, plain = (rows(event, columns, patients) for columns in (x[:, None], np.zeros((n, 0))))
    found = {}
    for name, model, given in (
        ("conditional", LOGISTIC, adjusted),
        ("crude", LOGISTIC, plain),
        ("standardised", RISK_DIFFERENCE, adjusted),
        ("difference", RISK_DIFFERENCE, plain),
    ):
        out, *_ = model.fit(given, Event(), 0, 0.0, strata=False)
        found[name] = out[:, 0]
        assert (out[:, 1] ** 2).mean() == pytest.approx(out[:, 0].var(), rel=4.0 * math.sqrt(2.0 / replicates) + 0.02)
    for name, expected, bias in (
        ("conditional", 0.8, 0.02),
        ("crude", odds, 0.01),
        ("standardised", risk[1] - risk[0], 0.0),
        ("difference", risk[1] - risk[0], 0.0),
    ):
        error = found[name].std() / math.sqrt(replicates)
        assert found[name].mean() == pytest.approx(expected, abs=4.0 * error + bias), name
    assert odds < 0.65
    assert found["standardised"].var() < 0.8 * found["difference"].var()


def test_a_standardised_difference_has_a_test_where_an_arm_has_no_event():
    event = np.zeros(60, dtype=np.int64)
    event[::6] = 1  # of arm 0 alone
    x = np.linspace(-1.0, 1.0, 60)[:, None]
    given = rows(event, x, 60)
    difference, *_ = RISK_DIFFERENCE.fit(given, Event(), 0, 0.0, strata=False)
    wald, *_ = LOGISTIC.fit(given, Event(), 0, 0.0, strata=False)
    score, *_ = LOGISTIC.fit(given, Event(), 2, 0.0, strata=False)
    assert difference[0, 0] == pytest.approx(-1 / 3, abs=0.01)
    assert difference[0, 2] < -3.0
    assert wald[0, 0] == -math.inf
    assert np.isnan(wald[0, 2])
    assert score[0, 2] < -2.5
