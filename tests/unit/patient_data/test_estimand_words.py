"""The words of an estimand tell of strata where several are analysed, and only there."""

import itertools

import pytest

from jaksim.patient_data.analyze import analyze
from jaksim.patient_data.question import Question

ROWS = list(itertools.product(["c", "t"], ["a", "b"], range(8)))
DATA = {
    "arm": [arm for arm, _, _ in ROWS],
    "stratum": [stratum for _, stratum, _ in ROWS],
    "age": [40 + (7 * number) % 11 for _, _, number in ROWS],
    "score": [1 + (5 * number + (arm == "t")) % 4 for arm, _, number in ROWS],
    "event": [int((3 * number + (arm == "t")) % 4 < 2) for arm, _, number in ROWS],
    "time": [1 + (5 * number + (arm == "t")) % 9 for arm, _, number in ROWS],
    "status": [int((3 * number + (arm == "t")) % 5 < 3) for arm, _, number in ROWS],
}
OF_STRATA = {
    "proportional_odds": "adjusted for stratum",
    "partial_proportional_odds": "adjusted for stratum",
    "cox": "stratified Cox model",
    "fine_gray": "stratified Fine-Gray model",
    "van_elteren": "averaged over strata",
    "risk_difference_mh": "common",
    "risk_difference_mn": "stratified score",
    "risk_ratio_mh": "common",
    "risk_ratio_mn": "stratified score",
    "odds_ratio_mh": "common",
}


def estimand(method, data=DATA, **question):
    return analyze(data, methods=[method], question=Question(**question)).analyses[0].result.estimand


@pytest.mark.parametrize("method", OF_STRATA)
def test_strata_are_told_of_where_they_are_used(method):
    words = OF_STRATA[method]
    assert words in estimand(method)
    without_column = {name: column for name, column in DATA.items() if name != "stratum"}
    one_stratum = {**DATA, "stratum": ["a"] * len(ROWS)}
    told = [estimand(method, stratified=False), estimand(method, without_column), estimand(method, one_stratum)]
    told.append(estimand(method, strata=("a",)))
    assert len(set(told)) == 1
    assert not any(word in told[0] for word in ("strat", "common", words))


@pytest.mark.parametrize("method", ["proportional_odds", "cox"])
def test_covariates_do_not_bring_the_stratum_in(method):
    assert OF_STRATA[method] in estimand(method, covariates=("age",))
    told = estimand(method, stratified=False, covariates=("age",))
    assert told.endswith(", adjusted for age; conditional on them")
    assert "strat" not in told


def test_counts_by_hand_have_the_same_words():
    from jaksim.methods import proportional_odds

    assert "stratum" not in proportional_odds([[3, 4, 5], [5, 4, 3]], [0, 1, 2]).estimand
    assert "adjusted for stratum" in proportional_odds([[[3, 4, 5]] * 2, [[5, 4, 3]] * 2], [0, 1, 2]).estimand
