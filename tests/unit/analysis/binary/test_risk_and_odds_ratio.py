import math

import numpy as np
import pytest

from jaksim.analysis import get_method
from jaksim.methods import odds_ratio, odds_ratio_mh, risk_difference, risk_ratio, risk_ratio_mh

TABLE = np.array([[30.0, 70.0], [45.0, 60.0]])


def test_ratios_of_active_over_reference():
    assert risk_ratio(TABLE, [1, 0]).ratio == pytest.approx(45 / 105 / 0.3, rel=1e-12)
    assert odds_ratio(TABLE, [1, 0]).ratio == pytest.approx(45 * 70 / (30 * 60), rel=1e-12)


@pytest.mark.parametrize("analysis", [risk_ratio, odds_ratio])
@pytest.mark.parametrize("test", ["pooled", "score"])
def test_score_tests_of_no_effect_are_those_of_the_risk_difference(analysis, test):
    expected = risk_difference(TABLE, [1, 0], test=test).statistic
    assert analysis(TABLE, [1, 0], test=test).statistic == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("analysis", [risk_ratio, odds_ratio])
def test_score_limits_are_where_the_score_test_turns(analysis):
    for interval, test in (("miettinen_nurminen", "score"), (analysis.__name__[:4], "pooled")):
        name = {"risk": "koopman", "odds": "cornfield"}.get(interval, interval)
        low, high = analysis(TABLE, [1, 0], interval=name).ratio_ci
        at_limits = [analysis(TABLE, [1, 0], test=test, margin=value).statistic for value in (low, high)]
        assert at_limits == pytest.approx([1.959964, -1.959964], abs=1e-6)


def test_no_event_in_one_arm_still_has_a_score_interval():
    result = risk_ratio([[0, 20], [7, 13]], [1, 0], interval="miettinen_nurminen")
    assert result.estimate == math.inf
    assert math.isnan(result.statistic)
    assert result.ratio_ci[0] > 1
    assert result.ratio_ci[1] == math.inf
    nobody = odds_ratio([[0, 20], [0, 13]], [1, 0], interval="miettinen_nurminen").ratio_ci
    assert nobody == (0.0, math.inf)


@pytest.mark.parametrize(("one", "other"), [(risk_ratio, risk_ratio_mh), (odds_ratio, odds_ratio_mh)])
def test_one_stratum_makes_mantel_haenszel_the_plain_ratio(one, other):
    plain, stratified = one(TABLE, [1, 0]), other(TABLE, [1, 0])
    assert (plain.estimate, plain.se) == pytest.approx((stratified.estimate, stratified.se), rel=1e-12)


def test_ratio_of_one_is_no_margin():
    method, out = get_method("risk_ratio"), np.empty((1, 3))
    endpoint = type("Event", (), {"kind": "binary", "status": np.array([1, 0])})
    for test in ("wald", "pooled"):
        method.evaluate(TABLE[None, :, None], endpoint, {"test": test}, out)
        assert out[0, 2] == risk_ratio(TABLE, [1, 0], test=test).statistic
