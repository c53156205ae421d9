"""Pairwise meta-analysis against R's metafor and statsmodels, and against published analyses."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from jaksim.evidence.synthesis import (
    Tables,
    contrast_of_ratio,
    estimates_of_ratios,
    inconsistency,
    indirect,
    mantel_haenszel,
    peto,
    pool,
    trial_effects,
)

HERE = Path(__file__).parent
KEYS = ["case", "measure", "method", "quantity"]
EXPECTED = pd.read_csv(HERE / "synthesis_pairwise_expected.csv").set_index(KEYS)["value"].sort_index()
ROWS = pd.read_csv(HERE / "synthesis_pairwise_tables.csv")
CASES = [
    (case, measure) for case in ROWS["case"].unique() for measure in ("odds_ratio", "risk_ratio", "risk_difference")
]
RANDOM = ("dersimonian_laird", "paule_mandel", "ml", "reml")


def tables(case):
    rows = ROWS[ROWS["case"] == case]
    columns = ("first_events", "first_n", "second_events", "second_n")
    return Tables(tuple(rows["label"]), *(rows[column].to_numpy() for column in columns))


def close(value, case, measure, method, quantity, rel=1e-6):
    assert value == pytest.approx(EXPECTED[case, measure, method, quantity], rel=rel, abs=1e-7)


@pytest.mark.parametrize(("case", "measure"), CASES)
def test_effects_of_single_trials(case, measure):
    estimates = trial_effects(tables(case), measure)
    expected = EXPECTED[case, measure, "trial"]
    assert len(estimates) == len(expected) // 2
    for label, y, v in zip(estimates.labels, estimates.y, estimates.v, strict=True):
        assert y == pytest.approx(expected[f"effect:{label}"], rel=1e-12, abs=1e-14)
        assert v == pytest.approx(expected[f"variance:{label}"], rel=1e-12)


@pytest.mark.parametrize("method", ["fixed", *RANDOM])
@pytest.mark.parametrize(("case", "measure"), CASES)
def test_pooling(case, measure, method):
    pooled = pool(trial_effects(tables(case), measure), method=method, prediction="normal")
    close(pooled.mean.estimate, case, measure, method, "estimate")
    close(pooled.mean.standard_error, case, measure, method, "se")
    close(pooled.mean.interval[0], case, measure, method, "lower")
    close(pooled.mean.interval[1], case, measure, method, "upper")
    close(pooled.tau2, case, measure, method, "tau2")
    close(pooled.q, case, measure, method, "q")
    if method in RANDOM:
        close(pooled.prediction_interval[0], case, measure, method, "prediction_lower")
        close(pooled.prediction_interval[1], case, measure, method, "prediction_upper")


@pytest.mark.parametrize(("interval", "test"), [("hartung_knapp", "knha"), ("hartung_knapp_truncated", "adhoc")])
@pytest.mark.parametrize("method", RANDOM)
@pytest.mark.parametrize(("case", "measure"), CASES)
def test_hartung_knapp(case, measure, method, interval, test):
    pooled = pool(trial_effects(tables(case), measure), method=method, interval=interval, prediction="k-1")
    close(pooled.mean.standard_error, case, measure, method, f"{test} se")
    close(pooled.mean.interval[0], case, measure, method, f"{test} lower")
    close(pooled.mean.interval[1], case, measure, method, f"{test} upper")
    close(pooled.mean.p_value, case, measure, method, f"{test} p", rel=1e-5)
    close(pooled.prediction_interval[0], case, measure, method, f"{test} prediction_lower")
    close(pooled.prediction_interval[1], case, measure, method, f"{test} prediction_upper")


@pytest.mark.parametrize(("case", "measure"), CASES)
def test_q_profile(case, measure):
    pooled = pool(trial_effects(tables(case), measure))
    close(pooled.tau2_interval[0], case, measure, "q_profile", "lower")
    close(pooled.tau2_interval[1], case, measure, "q_profile", "upper")


@pytest.mark.parametrize(("case", "measure"), CASES)
def test_mantel_haenszel(case, measure):
    found = mantel_haenszel(tables(case), measure)
    close(found.estimate, case, measure, "mantel_haenszel", "estimate")
    close(found.standard_error, case, measure, "mantel_haenszel", "se")
    close(found.interval[0], case, measure, "mantel_haenszel", "lower")


@pytest.mark.parametrize("case", ROWS["case"].unique())
def test_peto(case):
    found = peto(tables(case))
    close(found.estimate, case, "odds_ratio", "peto", "estimate")
    close(found.standard_error, case, "odds_ratio", "peto", "se")


@pytest.mark.parametrize(("method", "theirs"), [("dersimonian_laird", "dl"), ("paule_mandel", "iterated")])
def test_statsmodels(method, theirs):
    estimates = trial_effects(tables("bcg"), "risk_ratio")
    combined = combine_effects(estimates.y, estimates.v, method_re=theirs, atol=1e-12)
    pooled = pool(estimates, method=method)
    truncated_off = pool(estimates, method=method, interval="hartung_knapp")
    assert pooled.tau2 == pytest.approx(combined.tau2, rel=1e-6)
    assert pooled.mean.estimate == pytest.approx(combined.mean_effect_re, rel=1e-8)
    assert pooled.mean.standard_error == pytest.approx(combined.sd_eff_w_re, rel=1e-8)
    assert truncated_off.mean.standard_error == pytest.approx(combined.sd_eff_w_re_hksj, rel=1e-8)
    assert pooled.q == pytest.approx(combined.q, rel=1e-12)
    assert pool(estimates, method="fixed").mean.estimate == pytest.approx(combined.mean_effect_fe, rel=1e-12)


def test_bcg_as_published():
    """Viechtbauer (2010, Journal of Statistical Software 36(3), section 3.1): REML on the log risk ratio."""
    pooled = pool(trial_effects(tables("bcg"), "risk_ratio"))
    assert round(pooled.mean.estimate, 4) == -0.7145
    assert round(pooled.mean.standard_error, 4) == 0.1798
    assert [round(limit, 4) for limit in pooled.mean.interval] == [-1.0669, -0.3622]
    assert round(pooled.tau2, 4) == 0.3132
    assert [round(limit, 4) for limit in pooled.tau2_interval] == [0.1197, 1.1115]
    assert round(pooled.q, 4) == 152.2330
    assert pooled.q_df == 12


JAK_TRIALS = {
    "Bari-SolidAct": (0.6573, 0.3068, 1.4084),
    "ACTT-2": (0.7041, 0.3996, 1.2406),
    "Ghazaeian": (0.7909, 0.1654, 3.7807),
    "TOFACOV": (2.5366, 0.1928, 33.3748),
    "COVINIB": (0.1816, 0.0126, 2.6139),
    "COV-BARRIER": (0.5131, 0.3666, 0.7182),
    "RECOVERY": (0.8109, 0.7034, 0.9349),
    "TACTIC-R": (0.8119, 0.3571, 1.8458),
    "RUXCOVID": (1.4674, 0.3805, 5.6590),
    "PANCOVID": (0.2920, 0.0515, 1.6567),
    "STOP-COVID": (0.4335, 0.1172, 1.6026),
    "RUXCOVID-DEVENT": (0.4334, 0.2113, 0.8890),
}


def test_jak_inhibitor_meta_analysis_as_published():
    """Amstutz et al., analysis output two_stage.md: R's meta, maximum likelihood, Hartung-Knapp, 12 trials."""
    estimates = estimates_of_ratios(tuple(JAK_TRIALS), *zip(*JAK_TRIALS.values(), strict=True))
    pooled = pool(estimates, method="ml", interval="hartung_knapp")
    assert pooled.mean.ratio == pytest.approx(0.6727, abs=1e-4)
    assert pooled.mean.ratio_interval == pytest.approx((0.5488, 0.8247), abs=1e-4)
    assert np.exp(pooled.prediction_interval) == pytest.approx((0.4507, 1.0041), abs=1e-4)
    assert pooled.mean.statistic == pytest.approx(-4.28, abs=0.005)
    assert pooled.mean.p_value == pytest.approx(0.0013, abs=5e-5)
    assert pooled.tau2 == pytest.approx(0.0214, abs=5e-5)
    assert pooled.tau2_interval == pytest.approx((0.0, 0.3904), abs=1e-4)
    assert (pooled.q, pooled.q_df) == (pytest.approx(13.13, abs=0.005), 11)
    assert pooled.i2 == pytest.approx(0.162, abs=5e-4)
    assert pooled.q_p_value == pytest.approx(0.2850, abs=5e-5)
    shares = dict(zip(estimates.labels, pooled.weights, strict=True))
    assert round(100 * shares["RECOVERY"], 1) == 40.7
    assert round(100 * shares["COV-BARRIER"], 1) == 21.4


def test_bucher_as_published():
    """Bucher et al. (1997), abstract: indirect 0.37 (0.21-0.65) against direct 0.64 (0.45-0.90), p = 0.11."""
    difference = inconsistency(contrast_of_ratio(0.64, 0.45, 0.90), contrast_of_ratio(0.37, 0.21, 0.65))
    assert round(difference.p_value, 2) == 0.11


def test_indirect_comparison_adds_variances():
    first, second = contrast_of_ratio(0.59, 0.45, 0.76), contrast_of_ratio(0.90, 0.71, 1.15)
    found = indirect(first, second)
    assert found.ratio == pytest.approx(0.59 / 0.90)
    assert found.standard_error == pytest.approx(np.sqrt(0.1337**2 + 0.1230**2), rel=1e-3)
