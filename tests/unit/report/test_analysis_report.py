import numpy as np
import pytest

from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question
from jaksim.report.analysis import analysis_report
from jaksim.report.formats.text import as_text


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(5)
    n = 200
    arm = np.arange(n) % 2
    days = rng.integers(1, 28, n)
    return {
        "arm": np.where(arm == 1, "drug", "placebo"),
        "time": days,
        "status": (days < 20).astype(int),
        "event": (days < 10).astype(int),
        "score": np.digitize(rng.logistic(size=n) - 0.5 * arm, [-1, 0, 1]) + 1,
        "days": 28 - days,
    }


def report(data, *methods):
    found = analyze(data, methods=methods, question=Question(time_unit="days"))
    text = as_text(analysis_report({"data": "data", **found.as_dict(), "level": 0.95}), width=200)
    return [one.result for one in found.analyses], text.replace("\u00a0", " ")


def test_differences_are_printed_in_their_units(data):
    methods = ("rmst_difference", "kaplan_meier_difference", "risk_difference", "mean_difference", "net_benefit")
    (days, curves, risks, means, net), text = report(data, *methods)
    assert f"{days.estimate:.4g} days" in text
    assert f"{days.ci[0]:.4g} to {days.ci[1]:.4g}" in text
    for one in (curves, risks):
        assert f"{100 * one.estimate:.4g} % points" in text
        assert f"{100 * one.ci[0]:.4g} to {100 * one.ci[1]:.4g}" in text
    assert f"difference {means.estimate:.4g}" in text
    assert f"net benefit {net.estimate:.4g}" in text


def test_probabilities_and_ratios_say_of_what(data):
    (wilcoxon, ratio), text = report(data, "wilcoxon", "rmst_ratio")
    assert f"win probability {wilcoxon.estimate:.4g}" in text
    assert f"restricted mean ratio {ratio.ratio:.4g}" in text


def test_cut_points_and_the_test_of_proportionality_are_printed(data):
    (result,), text = report(data, "partial_proportional_odds")
    for one in (*result.cut_points, result.common):
        assert one.name in text
        assert f"{one.ratio:.4g}" in text
    assert f"Proportionality, 2 degrees of freedom: score chi-squared {result.proportionality.score:.4g}" in text
