"""An option that would change nothing, or that two options contradict each other about, is refused by name."""

import numpy as np
import pytest

import jaksim
from jaksim.errors import InputError

RNG = np.random.default_rng(1)
STRATUM = np.repeat(["a", "b"], 80)
ARM = np.where(RNG.random(160) < np.where(STRATUM == "a", 0.4, 0.65), "drug", "placebo")
TIME = np.minimum(np.ceil(RNG.exponential(np.where(STRATUM == "a", 6, 14) * np.where(ARM == "drug", 0.7, 1))), 28)
DATA = {
    "arm": ARM,
    "stratum": STRATUM,
    "time": TIME.astype(int),
    "status": (TIME < 28).astype(int),
    "score": 1 + np.digitize(RNG.random(160), [0.3, 0.6, 0.8]),
    "event": (RNG.random(160) < np.where(STRATUM == "a", 0.2, 0.5)).astype(int),
}
TIMES = {name: DATA[name] for name in ("arm", "stratum", "time", "status")}
METHODS = (
    "wilcoxon", "van_elteren", "win_odds", "proportional_odds", "risk_difference", "risk_difference_mh", "risk_ratio",
    "odds_ratio", "odds_ratio_mh", "exact_odds_ratio", "cox", "log_rank", "kaplan_meier_difference", "rmst_ratio",
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_does_not_see_strata_says_so(method):
    found, pooled = (jaksim.analyze(DATA, method=method, stratified=way) for way in (True, False))
    numbers = [
        (one.result.estimate, one.result.se, one.result.statistic) for one in (*found.analyses, *pooled.analyses)
    ]
    said = f"{method} is not stratified: it analyses the 2 strata together." in found.notes
    assert said == bool(np.allclose(*numbers, rtol=1e-9))
    assert not any("is not stratified" in note for note in pooled.notes)


def test_an_option_by_which_strata_are_pooled_is_said_too():
    found = jaksim.analyze(DATA, method="kaplan_meier_difference", options={"strata": "pooled"})
    assert any("is not stratified" in note for note in found.notes)


@pytest.mark.parametrize(
    ("data", "given", "words"),
    [
        (TIMES, {"method": "cox", "date_order": "dmy"}, "date_order: there are no dates to read"),
        (TIMES, {"method": "cox", "stratum": "stratum", "stratified": False}, "strata are named and left out"),
        (TIMES, {"method": "cox", "time": "status"}, "read as two parts of the outcome (got 'status')"),
        (TIMES, {"method": "cox", "status": "arm"}, "column 'arm': this column is the arm and the outcome"),
        (TIMES, {"method": "cox", "arm": "stratum"}, "column 'stratum': this column is the arm and the stratum"),
        (TIMES, {"method": "cox", "scale": "mrs"}, "scale: no scores are analysed"),
    ],
)
def test_analyze_refuses_what_it_would_not_use(data, given, words):
    with pytest.raises(InputError) as error:
        jaksim.analyze(data, **given)
    assert words in str(error.value)


def test_boundaries_refuse_a_level_without_a_bound():
    with pytest.raises(InputError, match="there is no bound for harm"):
        jaksim.boundaries(looks=3, harm_alpha=0.1)
    assert jaksim.boundaries(looks=3, harm="pocock", harm_alpha=0.1).plan.harm_alpha == 0.1


def test_an_interim_analysis_without_data_has_no_missing_values():
    with pytest.raises(InputError, match="there are no data to read"):
        jaksim.interim("actt4-interims", look=2, z=1.0, missing="drop")
