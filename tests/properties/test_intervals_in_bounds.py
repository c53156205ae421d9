"""An interval of a bounded quantity stays within its bounds, and is not empty, in tables of a few patients."""

import math

import numpy as np
import pytest

import jaksim
from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.analysis.single_table import analyse
from jaksim.methods import rmst_difference
from jaksim.patient_data.data_endpoint import time_endpoint, value_endpoint

BOUNDED = [name for name in METHOD_NAMES if math.isfinite(get_method(name).bounds[0])]
ENDPOINTS = {
    "ordinal": value_endpoint("score", "ordinal", np.arange(5.0), None)[0],
    "binary": value_endpoint("event", "binary", np.arange(2.0), None)[0],
    "time_to_event": time_endpoint("time", np.repeat(np.arange(1.0, 5.0), 3), np.tile([0, 1, 2], 4), None)[0],
}


def _tables(n_categories, seed):
    rng = np.random.default_rng(seed)
    for _ in range(60):
        law = rng.dirichlet(np.full(n_categories, 0.4), size=2)
        sizes = rng.integers(2, 7, size=2)
        yield np.stack([rng.multinomial(n, p)[np.newaxis] for n, p in zip(sizes, law, strict=True)]).astype(float)


def test_methods_with_bounds():
    assert set(BOUNDED) == {
        *("kaplan_meier_difference", "cumulative_incidence_difference", "risk_difference", "risk_difference_mh"),
        *("risk_difference_mn", "wilcoxon", "van_elteren", "net_benefit"),
    }


@pytest.mark.parametrize("name", BOUNDED)
def test_interval_keeps_to_the_bounds(name):
    method = get_method(name)
    kind = next(kind for kind in ENDPOINTS if kind in method.kinds)
    options = {"interval": "wald"} if "interval" in method.keys else {}
    low, high = method.bounds
    cut = 0
    for table in _tables(ENDPOINTS[kind].n_categories, seed=len(name)):
        with np.errstate(all="ignore"):
            result = analyse(get_method(name), table, ENDPOINTS[kind], options)
        if math.isfinite(result.estimate) and math.isfinite(result.se):
            assert low <= result.ci[0] <= result.estimate <= result.ci[1] <= high
            cut += result.ci[0] == low or result.ci[1] == high
    assert cut > 5  # or the bounds were not tried


@pytest.mark.parametrize("early", [1, 2, 3])
def test_restricted_means_keep_to_the_restriction(early):
    """Some of four patients have an early event, nobody of the other arm has one."""
    time, status = [0.1, 3.1], [1, 0]
    difference = rmst_difference([[early, 4 - early], [0, 4]], time, status, tau=3.0, level=0.9999)
    assert difference.ci[0] < difference.estimate < difference.ci[1] == 3.0
    narrow = rmst_difference([[early, 4 - early], [0, 4]], time, status, tau=3.0, level=0.1)
    assert narrow.ci[1] - narrow.estimate == pytest.approx(narrow.estimate - narrow.ci[0])


KM = {  # four of five events against none of five
    "arm": ["placebo"] * 5 + ["drug"] * 5,
    "time": [3, 6, 8, 9, 12, 5, 7, 12, 12, 12],
    "status": [1, 1, 1, 1, 0, 0, 0, 0, 0, 0],
}


def test_kaplan_meier_difference_of_ten_patients():
    (result,) = jaksim.analyze(KM, method="kaplan_meier_difference", reference="placebo").as_dict()["results"]
    assert result["estimate"] == pytest.approx(-0.8)
    assert result["ci"] == pytest.approx((-1.0, -0.8 + 1.959964 * math.sqrt(0.8 * 0.2 / 5)))
    for arm in result["by_arm"]:
        assert 0.0 <= arm["ci"][0] <= arm["probability"] <= arm["ci"][1] <= 1.0


def test_adjusted_win_probability():
    """Six patients and a covariate; and one that takes the estimate itself beyond 1, which is then none."""
    data = {"arm": [0, 0, 0, 1, 1, 1], "score": [5, 4, 3, 4, 2, 1], "age": [50, 61, 40, 55, 62, 47]}
    (result,) = jaksim.analyze(data, method="wilcoxon", covariates=("age",), reference="0").as_dict()["results"]
    assert 0.0 <= result["ci"][0] <= result["estimate"] <= result["ci"][1] <= 1.0
    data |= {"score": [-5, -1, -4, -3, -5, -1], "age": [58, 58, 69, 41, 47, 35]}
    (result,) = jaksim.analyze(data, method="wilcoxon", covariates=("age",), reference="0").as_dict()["results"]
    assert result["estimate"] is None
    assert result["not_estimable"] is not None
