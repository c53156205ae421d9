"""Daily scores of a data set as transitions: missing scores, patients without a model, messages."""

import numpy as np
import pytest

from jaksim.analysis.longitudinal.day_trend import TRENDS, day_basis
from jaksim.errors import InputError
from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale(
    name="three", scores=(1, 2, 3), labels=("well", "ill", "dead"), higher_is_worse=True, absorbing=(3,)
)
DAYS = 6


def patients(n=80, seed=3):
    """Columns of a data set: arm and the scores of days 0 to 6."""
    rng = np.random.default_rng(seed)
    arm = np.arange(n) % 2
    scores = np.full((n, DAYS + 1), 2.0)
    for day in range(1, DAYS + 1):
        before, u = scores[:, day - 1], rng.random(n)
        well = np.where(before == 1, 0.8, 0.25 + 0.1 * arm)
        scores[:, day] = np.where(before == 3, 3, np.where(u < well, 1, np.where(u < 0.95, 2, 3)))
    return {
        "patient": np.arange(n),
        "arm": np.where(arm == 1, "drug", "placebo"),
        **{f"score_day_{day}": scores[:, day] for day in range(DAYS + 1)},
    }


def analysed(data, *, missing="error", options=(), **more):
    question = Question(scale=SCALE, endpoint={"kind": "longitudinal", "days_in": 1}, missing=missing)
    return analyze(data, methods=["markov_proportional_odds"], question=question, options=options, **more).analyses[0]


def test_a_missing_score_is_refused_with_its_patient_and_day():
    data = patients()
    data["score_day_4"][17] = np.nan
    with pytest.raises(InputError, match="patient 17 on day 4"):
        analysed(data)


def test_a_missing_score_leaves_out_the_days_next_to_it():
    data = patients()
    alive = int(np.flatnonzero(data["score_day_5"] == 2)[0])
    whole = analysed(data).data.counts.table
    data["score_day_4"][alive] = np.nan
    left = analysed(data, missing="drop").data
    assert whole.sum() - left.counts.table.sum() == 2
    assert len(left) == 80


def test_robust_errors_come_by_flag_or_by_option():
    by_flag = analysed(patients(), robust=True)
    by_option = analysed(patients(), options=["variance=robust"])
    assert by_flag.result == by_option.result
    assert by_flag.fit.robust
    assert by_flag.result.se != analysed(patients()).result.se
    assert by_flag.fit.coefficients[0].name == "arm: drug"


def test_scores_that_never_change_have_no_estimate_and_a_reason():
    data = patients()
    for day in range(DAYS + 1):
        data[f"score_day_{day}"][:] = 2
    found = analysed(data)
    assert np.isnan(found.result.estimate)
    assert found.days is None
    assert found.why_not == "all patients have the same value"


def test_the_record_holds_daily_probabilities_and_mean_days():
    record = analysed(patients()).as_dict()
    shares = np.array(record["state_occupation"]["active"])
    assert shares.shape == (DAYS + 1, 3)
    assert shares.sum(axis=1) == pytest.approx(np.ones(DAYS + 1), abs=1e-12)
    days = record["mean_days"]
    assert days["active"] == pytest.approx(shares[1:, 0].sum())
    assert days["ci"][0] < days["difference"] < days["ci"][1]
    assert (record["n_reference"], record["n_active"]) == (40, 40)


def test_standard_error_of_mean_days_is_near_the_spread_of_bootstrapped_ones():
    data = patients(400, 5)
    found = analysed(data, robust=True)
    rng = np.random.default_rng(6)
    arm = data["arm"] == "drug"
    differences = []
    for _ in range(150):
        rows = np.concatenate([rng.choice(np.flatnonzero(arm == one), 200) for one in (False, True)])
        drawn = {**{key: values[rows] for key, values in data.items()}, "patient": np.arange(400)}
        differences.append(analysed(drawn).days.difference)
    assert found.days.se == pytest.approx(np.std(differences, ddof=1), rel=4.0 / np.sqrt(2.0 * 150))


@pytest.mark.parametrize("trend", TRENDS)
def test_a_day_trend_is_of_full_rank(trend):
    basis = day_basis(trend, 14)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(14), basis])) == 1 + basis.shape[1]
    assert day_basis(trend, 1).shape == (1, 0)
