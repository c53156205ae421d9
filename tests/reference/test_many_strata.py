"""Thousands of strata, each with few patients, against R's survival (make_many_strata.R)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import jaksim
from jaksim.analysis import METHODS
from jaksim.errors import InputError
from jaksim.patient_data import counts
from jaksim.patient_data.from_data import find_sources, read_trial
from jaksim.patient_data.question import Question
from jaksim.patient_data.reading.data_file import given_columns

EXPECTED = pd.read_csv(Path(__file__).parent / "many_strata_expected.csv").set_index(["case", "quantity"]).value
SIZES = {"pairs": (10_000, 5_000), "sites": (12_000, 1_500)}


def data_of(n, strata):
    i = np.arange(n)
    arm, stratum = i % 2, i // 2 % strata
    u = (i * 7919 + 13) % 99_991 / 99_991
    time = np.round(-np.log(1 - u) * (1 + 0.4 * arm) * (1 + stratum % 7 / 7), 4) + 0.0001
    return {"arm": arm, "stratum": stratum, "time": time, "status": ((i * 104_729 + 7) % 1009 > 250).astype(int)}


@pytest.mark.parametrize("case", SIZES)
def test_many_strata(case):
    data, expected = data_of(*SIZES[case]), EXPECTED[case]
    assert len(np.unique(np.stack([data["time"], data["status"]]), axis=1).T) == expected["distinct"]
    score = {"score": data["time"]}
    found = jaksim.analyze(data, methods=["log_rank", "cox"], stratum="stratum").analyses
    log_rank, cox = (one.result for one in found)
    assert log_rank.statistic**2 == pytest.approx(expected["chi_squared"], rel=1e-9)
    assert np.sign(log_rank.statistic) == np.sign(expected["score"])
    assert (cox.estimate, cox.se) == pytest.approx((expected["efron"], expected["efron_se"]), rel=1e-7)
    breslow = jaksim.analyze(data, method="cox", ties="breslow").analyses[0].result
    assert (breslow.estimate, breslow.se) == pytest.approx((expected["breslow"], expected["breslow_se"]), rel=1e-7)
    ranks = {key: data[key] for key in ("arm", "stratum")} | score
    van_elteren = jaksim.analyze(ranks, method="van_elteren", better="higher").analyses[0].result
    assert van_elteren.statistic == pytest.approx(expected["van_elteren_z"], rel=1e-9)


def _narrow():
    """Every method with the options under which its table may be laid out narrow."""
    for name, method in METHODS.items():
        words = [{key.name: word} for key in method.options for word in key.allowed if word != key.default]
        for options in ({}, *words):
            settings = method.settings(options)
            if method.within_strata(settings) or method.without_strata(settings):
                yield name, options


@pytest.mark.parametrize(("method", "options"), list(_narrow()))
def test_a_narrow_table_gives_the_same_bits(method, options, monkeypatch):
    """What a method sees is the order within strata: numbering the values anew in each changes no bit of the answer."""
    rng = np.random.default_rng(3)
    n = 300
    data = {
        "arm": rng.integers(0, 2, n),
        "stratum": rng.integers(0, 25, n),
        "time": rng.integers(3, 40, n) / 4,
        "entry": rng.integers(0, 3, n) / 4,
        "status": rng.integers(0, 3, n),
        "score": rng.integers(1, 9, n),
        "event": rng.integers(0, 2, n),
        "days": rng.integers(0, 15, n),
    }
    of_times = METHODS[method].kinds == ("time_to_event",)
    words = {"codes": "event=1,censored=0,competing=2" if of_times else None, "ignore": ["entry"]}
    entries = [{}]
    if METHODS[method].late_entry and options.get("distribution") != "permutation":
        entries.append({"entry": "entry", "ignore": []})
    for entry in entries:
        wide = jaksim.analyze(data, method=method, options=options, **{**words, **entry}).analyses[0].result
        monkeypatch.setattr(counts, "LARGE", 1)
        narrow = jaksim.analyze(data, method=method, options=options, **{**words, **entry}).analyses[0].result
        monkeypatch.setattr(counts, "LARGE", 10**9)
        assert replace(narrow, estimand="") == replace(wide, estimand="")


def test_methods_that_need_the_values_themselves():
    data = data_of(*SIZES["pairs"])
    message = r"5000 strata of \d+ distinct values are too many for one table.*stratified=False"
    with pytest.raises(InputError, match=message):
        jaksim.analyze(data, method="rmst_difference")
    with pytest.raises(InputError, match=message):
        jaksim.analyze(data, method="modestly_weighted_log_rank", options={"t_star": 1.0})
    pooled = jaksim.analyze(data, method="rmst_difference", options={"strata": "pooled", "tau": 1.0}).analyses[0]
    plain = jaksim.analyze(data, method="rmst_difference", stratified=False, options={"tau": 1.0}).analyses[0]
    assert pooled.result.estimate == plain.result.estimate


def test_the_narrow_table_is_as_wide_as_the_largest_stratum():
    columns = given_columns(data_of(*SIZES["pairs"]))
    question = Question()
    data = read_trial(columns, question, find_sources(columns, question)[0])
    table, endpoint = data.at_risk.of_method(METHODS["log_rank"], {"distribution": "normal"})
    assert table.shape == (2, 5000, len(endpoint.labels))
    assert len(endpoint.labels) <= 4
    assert table.sum() == 10_000


def test_strata_as_a_factor_cost_too_much_and_bias(monkeypatch):
    """Pairs whose members differ by a log odds of 1: a parameter for each pair makes it 2 (Andersen 1973)."""
    rng = np.random.default_rng(4)
    n = 150
    of_pair = np.repeat(rng.normal(0.0, 1.0, n), 2)
    arm = np.tile([0, 1], n)
    event = (rng.random(2 * n) < 1 / (1 + np.exp(-of_pair - arm))).astype(int)
    pairs = {"arm": arm, "stratum": np.repeat(np.arange(n), 2), "event": event}
    factor, within = jaksim.analyze(pairs, methods=["proportional_odds", "odds_ratio_mh"]).analyses
    assert factor.result.estimate == pytest.approx(2.0 * within.result.estimate, rel=1e-6) or (
        factor.result.estimate == pytest.approx(-2.0 * within.result.estimate, rel=1e-6)
    )
    notes = jaksim.analyze(pairs, methods=["proportional_odds", "odds_ratio_mh"]).notes
    assert any("proportional_odds gives each of 150 strata a parameter of its own" in note for note in notes)
    assert not any("strata a parameter" in note for note in jaksim.analyze(pairs, method="odds_ratio_mh").notes)
    score = {**data_of(*SIZES["pairs"]), "age": np.arange(10_000) % 37}
    score["score"] = (3 * score.pop("time")).astype(int)
    del score["status"]
    monkeypatch.setenv("JAKSIM_HOURS", "0.05")
    with pytest.raises(InputError, match=r"5,000 strata as a factor take about .*van_elteren or win_odds"):
        jaksim.analyze(score, method="partial_proportional_odds")
    with pytest.raises(InputError, match="5,000 strata as a factor take about"):
        jaksim.analyze(score, method="proportional_odds", covariates=["age"])
