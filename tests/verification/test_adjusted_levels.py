"""Adjusted analyses keep their level: 100,000 trials without an effect, with models that are right and that are wrong.

The covariate acts through its square and a threshold where the model is wrong, values have a variance that grows with
it, hazards and odds are not proportional in it.
"""

import numpy as np
import pytest

from jaksim.analysis.regression.models import COX, LINEAR, LOGISTIC, PROPORTIONAL_ODDS, RISK_DIFFERENCE, RISK_RATIO
from jaksim.analysis.regression.rows import Rows

PATIENTS = 400
REPLICATES = 100_000
BLOCK = 2_000
DAYS = 14
CUTS = np.array([-1.5, -0.5, 0.3, 1.2])
MODELS = {
    "cox": COX,
    "linear": LINEAR,
    "logistic": LOGISTIC,
    "proportional odds": PROPORTIONAL_ODDS,
    "risk difference": RISK_DIFFERENCE,
    "risk ratio": RISK_RATIO,
}


class Outcome:
    """What categories mean: of time and event, of a rank, of a value."""

    name, kind = "outcome", "made up"

    def __init__(self, model):
        if model == "cox":
            self.time, self.status = np.repeat(np.arange(1.0, DAYS + 1), 2), np.tile([0, 1], DAYS)
        elif model == "linear":
            self.value = np.arange(41.0)
        elif model == "proportional odds":
            self.rank = np.arange(len(CUTS) + 1)
        else:
            self.kind, self.status = "binary", np.array([0, 1])


def categories(model, x, predictor, rng):
    """The category of each patient with such a linear predictor."""
    if model == "cox":
        day = np.ceil(rng.exponential(10.0 * np.exp(-predictor))).clip(1, DAYS + 1)
        end = rng.integers(8, DAYS + 1, len(x))
        return (2 * (np.minimum(day, end) - 1) + (day <= end)).astype(np.int64)
    if model == "linear":
        return (
            np.rint(20.0 + 5.0 * predictor + rng.standard_normal(len(x)) * (3.0 + np.abs(x)))
            .clip(0, 40)
            .astype(np.int64)
        )
    latent = predictor + rng.logistic(size=len(x))
    if model == "proportional odds":
        return np.searchsorted(CUTS, latent).astype(np.int64)
    return (latent > 0.8).astype(np.int64)


def level(model, *, wrong, robust, replicates=REPLICATES):
    rng = np.random.default_rng([3, list(MODELS).index(model), wrong, robust])
    fitted, outcome = MODELS[model], Outcome(model)
    how = fitted.how({}, robust)
    rejected = 0
    for _ in range(replicates // BLOCK):
        n = BLOCK * PATIENTS
        x = rng.standard_normal(n)
        predictor = 0.7 * x**2 - 0.7 + 0.8 * (x > 1.0) if wrong else 0.8 * x
        arm = np.tile([0.0, 1.0], n // 2)
        starts = np.arange(0, n + 1, PATIENTS)
        category = categories(model, x, predictor, rng)
        rows = Rows(starts, arm, np.zeros(n, dtype=np.int64), category, x[:, None], np.ones(n))
        found, *_ = fitted.fit(rows, outcome, how, 0.0, strata=True)
        assert np.isfinite(found[:, 2]).all()
        rejected += int((np.abs(found[:, 2]) > 1.959963984540054).sum())
    return rejected / replicates


@pytest.mark.verify
@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("robust", [False, True])
@pytest.mark.parametrize("model", MODELS)
def test_level_is_kept(model, robust, wrong):
    """Within half a percentage point, of which four Monte Carlo standard errors are 0.28."""
    assert level(model, wrong=wrong, robust=robust) == pytest.approx(0.05, abs=0.005)
