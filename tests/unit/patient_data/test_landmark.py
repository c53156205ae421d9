"""The day on which curves are compared, and the curves of the arms on it."""

import numpy as np
import pytest

from jaksim.patient_data import analyze as module
from jaksim.patient_data.question import Question

SURVFIT = [[0.4861111, 0.1481301, 0.1918766, 0.7296716], [0.6136364, 0.1526323, 0.265752, 0.8352992]]


def patients(seed, strata=1):
    rng = np.random.default_rng(seed)
    n = 60
    return {
        "arm": np.repeat(["control", "drug"], n // 2),
        "time": rng.integers(1, 15, n),
        "status": rng.integers(0, 3, n),
        "stratum": rng.integers(0, strata, n).astype(str),
    }


def analyze(data, method, **options):
    options = {f"{method}.{key}": value for key, value in options.items()}
    return module.analyze(data, methods=[method], question=Question(competing=True), options=options)


@pytest.mark.parametrize(
    "method", ["kaplan_meier_difference", "cumulative_incidence_difference", "rmst_difference", "rmst_ratio"]
)
@pytest.mark.parametrize("strata", ["weighted", "pooled"])
@pytest.mark.parametrize("seed", range(6))
def test_the_day_that_was_not_asked_for_is_the_one_that_is_named(method, strata, seed):
    data = patients(seed, strata=3)
    free = analyze(data, method, strata=strata).analyses[0]
    asked = "tau" if method.startswith("rmst") else "day"
    again = analyze(data, method, strata=strata, **{asked: free.landmark.day}).analyses[0]
    assert again.result.estimate == pytest.approx(free.result.estimate, rel=1e-12)
    assert again.result.se == pytest.approx(free.result.se, rel=1e-12)


@pytest.mark.parametrize("method", ["kaplan_meier_difference", "cumulative_incidence_difference"])
def test_the_arms_of_an_unstratified_analysis_differ_by_its_estimate(method):
    one = analyze(patients(3), method, day=7).analyses[0]
    reference, active = one.landmark.arms
    assert active.probability - reference.probability == pytest.approx(one.result.estimate, rel=1e-12)
    assert np.hypot(active.se, reference.se) == pytest.approx(one.result.se, rel=1e-12)
    for arm in (reference, active):
        assert 0.0 <= arm.ci[0] < arm.probability < arm.ci[1] <= 1.0


def test_kaplan_meier_of_the_aml_trial_as_survfit_gives_it():
    """summary(survfit(Surv(time, status) ~ x, aml, conf.type = "log-log"), times = 24) in R 4.2.2, survival 3.5-3."""
    (one,) = module.analyze(
        "docs/examples/aml.csv",
        methods=["kaplan_meier_difference"],
        options={"day": 24.0},
        question=module.Question(reference="nonmaintained"),
    ).analyses
    found = [(1.0 - arm.probability, arm.se, 1.0 - arm.ci[1], 1.0 - arm.ci[0]) for arm in one.landmark.arms]
    assert np.round(found, 7).tolist() == SURVFIT


def test_other_methods_have_no_landmark_and_days_before_any_event_no_interval():
    assert analyze(patients(1), "log_rank").analyses[0].landmark is None
    data = patients(1) | {"time": np.full(60, 9)}
    (one,) = analyze(data, "kaplan_meier_difference", day=2).analyses
    assert [arm.probability for arm in one.landmark.arms] == [0.0, 0.0]
    assert np.isnan([arm.ci for arm in one.landmark.arms]).all()
