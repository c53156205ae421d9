"""What the tests of a risk difference reject in small trials without an effect, by enumeration of all tables."""

import numpy as np
import pytest
from scipy.stats import binom

from jaksim.analysis.registry import get_method
from jaksim.scenario import load_scenario


@pytest.mark.parametrize(
    ("method", "test", "risk", "level"),
    [
        ("risk_difference_mh", "wald", 0.4, 0.0757),
        ("risk_difference", "unpooled", 0.4, 0.0757),
        ("risk_difference", "pooled", 0.4, 0.0482),
        ("risk_difference_mh", "wald", 0.02, 0.0008),
        ("risk_difference_mh", "cmh", 0.4, 0.0482),
    ],
)
def test_level_with_20_patients_an_arm(method, test, risk, level):
    """0.0757, 0.0482 and 0.0008: sums of products of binomial probabilities over the tables with |z| > 1.96, z as
    textbooks have it, without this package."""
    chosen, n = get_method(method), 20
    endpoint = next(one for one in load_scenario("actt4").trial.endpoints if one.kind == "binary")
    events = np.stack(np.meshgrid(np.arange(n + 1), np.arange(n + 1), indexing="ij"), -1).reshape(-1, 2)
    tables = np.stack([n - events, events], -1).astype(float)[:, :, None, :]
    found = np.empty((len(tables), 3))
    chosen.fill(tables, endpoint, chosen.settings({"test": test}), found)
    rejected = np.nan_to_num(np.abs(found[:, 2]), nan=0.0) > 1.959964
    probability = binom.pmf(events, n, risk).prod(axis=1)
    assert probability[rejected].sum() == pytest.approx(level, abs=5e-5)
