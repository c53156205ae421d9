"""jaksim analyze: published data sets, the data that jaksim simulate writes, and whatever a user may get wrong."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import jaksim as package
from jaksim.analysis import METHOD_NAMES, get_method
from jaksim.design.analyses.evaluation import settle
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.errors import InputError

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"

AML = {
    "arm": ["maintained"] * 11 + ["nonmaintained"] * 12,
    "time": [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45],
    "status": [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1],
}


@pytest.fixture
def written(tmp_path):
    """Write columns to a CSV file."""

    def write(columns, name="data.csv"):
        path = tmp_path / name
        pd.DataFrame(columns).to_csv(path, index=False)
        return path

    return write


@pytest.fixture
def results(jaksim):
    """The results of `jaksim analyze WORDS... --json` by method."""

    def run(*words):
        outcome = jaksim("analyze", *words, "--json")
        assert outcome.code == 0, outcome.err
        return {result["method"]: result for result in outcome.json["results"]}

    return run


def patients(counts, column):
    """Columns of patients from counts by arm and value."""
    rows = [(arm, value) for arm, by_value in counts.items() for value, n in by_value.items() for _ in range(n)]
    return {"arm": [arm for arm, _ in rows], column: [value for _, value in rows]}


def test_log_rank_of_the_aml_trial(results, written):
    """cran/survival e4f35ec, tests/difftest.Rout.save: 7 observed, 10.69 expected, chi-squared 3.4, p 0.07."""
    result = results(written(AML), "--method", "log_rank", "--reference", "nonmaintained")["log_rank"]
    assert result["statistic"] / result["se"] == pytest.approx(7 - 10.69, abs=0.005)
    assert result["chi_squared"] == pytest.approx(3.4, abs=0.05)
    assert result["p_value"] == pytest.approx(0.07, abs=0.005)
    assert (result["df"], result["n"], result["n_active"]) == (1, 23, 11)
    assert result["ratio"] == pytest.approx(math.exp(result["estimate"]), rel=1e-14)
    assert result["ratio_ci"] == pytest.approx(np.exp(result["ci"]), rel=1e-14)


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("efron", math.log(math.cos(math.acos((45 / 23) * math.sqrt(3 / 23)) / 3) * 2 * math.sqrt(23 / 3))),
        ("breslow", math.log((3 + math.sqrt(33)) / 2)),
    ],
)
def test_cox_of_six_patients(results, written, ties, expected):
    """Therneau and Grambsch (2000), cran/survival e4f35ec, tests/book2.R 1.676857 and book1.R 1.4752849."""
    data = written({"arm": [0, 1, 1, 1, 0, 0], "time": [9, 1, 1, 6, 6, 8], "status": [1, 1, 0, 1, 1, 0]})
    plain = results(data, "--method", "cox", "--ties", ties)["cox"]
    robust = results(data, "--method", "cox", "--option", f"cox.ties={ties}", "--robust")["cox"]
    assert plain["estimate"] == pytest.approx(expected, abs=1e-9)
    assert robust["estimate"] == pytest.approx(expected, abs=1e-9)
    assert robust["se"] != plain["se"]
    assert robust["options"] == {"ties": ties, "variance": "robust"}


def test_miettinen_nurminen_interval(results, written):
    """Newcombe (1998), Statistics in Medicine 17:873-890, table II, method 6: 56/70 against 48/80."""
    data = written(patients({"a": {1: 56, 0: 14}, "placebo": {1: 48, 0: 32}}, "event"))
    option = "risk_difference.interval=miettinen_nurminen"
    result = results(data, "--method", "risk_difference", "--option", option)["risk_difference"]
    assert result["estimate"] == pytest.approx(0.2, abs=1e-12)
    assert result["ci"] == pytest.approx((0.0528, 0.3382), abs=5e-5)
    assert result["ratio"] is None


@pytest.mark.parametrize(
    ("counts", "method", "hypothesis", "margin", "z"),
    [
        ((0, 10, 0, 20), "risk_difference", "non-inferiority", -0.1658, 1.959962),
        ((0, 10, 0, 20), "risk_difference", "superiority", 0.2843608, -1.959865),
        ((10, 10, 20, 20), "risk_ratio", "non-inferiority", 0.715615, 1.96),
        ((10, 10, 20, 20), "risk_ratio", "superiority", 1.198703, -1.96),
        ((53, 100, 40, 100), "odds_ratio", "non_inferiority", math.exp(-0.03463), 1.965205),
        ((53, 100, 40, 100), "odds_ratio", "superiority", math.exp(1.085673), -1.96461),
    ],
)
def test_score_tests_against_a_margin(results, written, counts, method, hypothesis, margin, z):
    """keaven/gsDesign 2a568884, tests/testthat/test-base.R, test.testBinomial.numerics, adj = 1 but for the odds ratio.

    The source compares z of the two limits together, to 1e-4 of their mean.
    """
    x_1, n_1, x_0, n_0 = counts
    data = written(patients({"new": {1: x_1, 0: n_1 - x_1}, "placebo": {1: x_0, 0: n_0 - x_0}}, "event"))
    option = "test=pooled" if method == "odds_ratio" else "test=score"
    words = ["--option", option, "--better", "event", "--hypothesis", hypothesis, "--margin", margin]
    result = results(data, "--method", method, *words)[method]
    assert result["margin_statistic"] == pytest.approx(z, rel=2e-4)
    assert result["margin_p_value"] == pytest.approx(0.5 * math.erfc(z / math.sqrt(2)), abs=2e-5)


def test_margin_of_a_hazard_ratio(results, written):
    """The distance from the margin in standard errors, of the model with and without covariates."""
    data = written({**AML, "age": np.arange(23) % 7})
    words = ["--method", "cox", "--reference", "nonmaintained", "--margin", "1.3", "--hypothesis"]
    for covariate in ([], ["--covariate", "age"]):
        found = results(data, *words, "non-inferiority", *covariate)["cox"]
        z = (math.log(1.3) - found["estimate"]) / found["se"]
        assert found["margin_statistic"] == pytest.approx(z, rel=1e-12)
        both = results(data, *words, "equivalence", *covariate)["cox"]
        lower = (found["estimate"] + math.log(1.3)) / found["se"]
        assert both["margin_statistic"] == pytest.approx(min(z, lower), rel=1e-12)
        assert both["margin_p_value"] > 0.5


def test_win_statistics_of_actt_1(results, written):
    """cran/hce 3715993, inst/doc/hce.html: win ratio 1.3973627, win odds 1.3173641; scores with death = 1."""
    counts = {
        "remdesivir": dict(enumerate([34, 95, 28, 58, 38, 14, 117, 157], 1)),
        "placebo": dict(enumerate([58, 121, 24, 60, 33, 8, 102, 115], 1)),
    }
    data = written(patients(counts, "score"))
    methods = ["--method", "win_ratio", "--method", "win_odds", "--method", "wilcoxon", "--method", "net_benefit"]
    found = results(data, *methods, "--better", "higher")
    assert found["win_ratio"]["ratio"] == pytest.approx(1.3973627, abs=5e-8)
    assert found["win_odds"]["ratio"] == pytest.approx(1.3173641, abs=5e-8)
    assert found["wilcoxon"]["estimate"] == pytest.approx((135744 + 48974 / 2) / 281861, abs=1e-12)
    assert found["net_benefit"]["estimate"] == pytest.approx((135744 - 97143) / 281861, abs=1e-12)
    worse = results(data, "--method", "wilcoxon", "--scale", "niaid-8")["wilcoxon"]
    assert worse["estimate"] == pytest.approx(1 - found["wilcoxon"]["estimate"], abs=1e-12)


def test_every_method_of_the_registry_answers(results, written):
    """Also those that are added later: each finds an endpoint of its kind among the columns."""
    rng = np.random.default_rng(8)
    n = 200
    data = written(
        {
            "arm": rng.integers(0, 2, n),
            "stratum": rng.integers(1, 4, n),
            "time": np.where(rng.random(n) < 0.7, rng.integers(1, 28, n), 28),
            "status": rng.integers(0, 2, n),
            "score": rng.integers(1, 9, n),
            "event": rng.integers(0, 2, n),
            "days": rng.integers(-1, 29, n),
        }
    )
    followed = pd.read_csv(data)
    followed.loc[followed.status == 0, "time"] = 28
    followed.to_csv(data, index=False)
    kinds = {"time_to_event", "ordinal", "binary", "day_count"}
    usable = [name for name in METHOD_NAMES if set(get_method(name).kinds) & kinds]
    found = results(data, *(word for name in usable for word in ("--method", name)))
    assert set(found) == set(usable)
    for result in found.values():
        assert math.isfinite(result["estimate"]), result
        assert result["se"] > 0
        assert result["ci"][0] < result["estimate"] < result["ci"][1]


@pytest.mark.parametrize("form", ["columns", "daily scores", "long"])
@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_simulated_patients_give_the_estimates_of_the_engine(jaksim, results, tmp_path, form, suffix):
    scenario = package.load_scenario(SMALL)
    trial = scenario.trial
    engine = PathEngine(Cells(trial), 11)
    tables = engine.tables(6, 1)
    path = tmp_path / f"patients{suffix}"
    assert jaksim("simulate", SMALL, "--out", path, "--replicate", 6, "--seed", 11).code == 0
    if form == "long":
        frame = pd.read_csv(path) if suffix == ".csv" else pd.read_parquet(path)
        days = {name: int(name.rsplit("_", 1)[1]) for name in frame if name.startswith("score_day_")}
        days["baseline_score"] = trial.day_of_randomisation
        long = frame.melt(["patient", "arm", "stratum"], list(days), "day", "score")
        long["day"] = long["day"].map(days)
        long = long.sample(frac=1, random_state=1)
        long.to_csv(path, index=False) if suffix == ".csv" else long.to_parquet(path)
    checked = 0
    for test in settle(Cells(trial)):
        if test.strata != tuple(range(test.shape[1])) or test.pairs != ((0, 1),):
            continue
        expected = test.results(tables[test.table])[0]
        words = ["--scenario", SMALL] if form != "columns" else []
        found = results(path, "--method", test.plan.method, "--endpoint", test.plan.endpoint, *words)
        result = found[test.plan.method]
        assert (result["reference"], result["active"]) == (test.plan.reference, test.plan.active)
        assert (result["estimate"], result["se"], result["statistic"]) == pytest.approx(expected, rel=1e-12)
        checked += 1
    assert checked >= 2


def test_planned_analyses_are_those_of_the_engine(jaksim, tmp_path):
    """Each analysis of a scenario, in its strata, without a method being named."""
    path = SMALL
    trial = package.load_scenario(path).trial
    engine, tests = PathEngine(Cells(trial), 3), settle(Cells(trial))
    data = tmp_path / "patients.csv"
    assert jaksim("simulate", path, "--out", data, "--replicate", 2, "--seed", 3).code == 0
    outcome = jaksim("analyze", data, "--scenario", path, "--json")
    assert outcome.code == 0, outcome.err
    found = outcome.json["results"]
    assert [one["analysis"] for one in found] == [test.plan.name for test in tests]
    for one, test in zip(found, tests, strict=True):
        estimate, se, z = test.results(engine.tables(2, 1)[test.table])[0]
        assert (one["estimate"], one["se"]) == pytest.approx((estimate, se), rel=1e-10)
        passed = z if test.plan.sides == 1 else abs(z)
        passed = passed * test.favourable_sign if test.plan.sides == 1 else passed
        assert one["significant"] == (passed > test.critical)
    report = jaksim("analyze", data, "--scenario", path)
    assert "Planned analysis" in report.out


def test_one_endpoint_of_the_plan(jaksim, tmp_path):
    trial = package.load_scenario(SMALL).trial
    data = tmp_path / "patients.csv"
    jaksim("simulate", SMALL, "--out", data)
    name = trial.analyses[0].endpoint
    found = jaksim("analyze", data, "--scenario", SMALL, "--endpoint", name, "--json").json["results"]
    assert len(found) == sum(plan.endpoint == name for plan in trial.analyses)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--ties", "efron"], "--ties: the scenario gives this of its analyses"),
        (["--option", "cox.ties=efron"], "--option: the scenario gives this"),
        (["--margin", 0.9], "--margin: the scenario gives this"),
        (["--reference", "placebo"], "--reference: the scenario names the arms"),
        (["--endpoint", "recovering"], "no such endpoint of the scenario"),
        (["--stratum", "site"], "no column for the stratum"),
        (["--arm", "group"], "no column for the arm"),
    ],
)
def test_what_a_user_may_get_wrong_with_a_plan(jaksim, refused, tmp_path, words, message):
    data = tmp_path / "patients.csv"
    jaksim("simulate", SMALL, "--out", data)
    assert message in refused("analyze", data, "--scenario", SMALL, *words)


def test_a_plan_with_strata_needs_them(jaksim, refused, tmp_path):
    data = tmp_path / "patients.csv"
    jaksim("simulate", SMALL, "--out", data)
    frame = pd.read_csv(data)
    frame.drop(columns="stratum").to_csv(data, index=False)
    assert "the data no column of strata" in refused("analyze", data, "--scenario", SMALL)
    frame.assign(stratum=1).to_csv(data, index=False)
    planned = package.load_scenario(SMALL).trial.analyses
    if any(plan.strata for plan in planned):
        assert "no patient of this stratum" in refused("analyze", data, "--scenario", SMALL)


def test_endpoint_by_its_keys(results, jaksim, tmp_path):
    path = tmp_path / "patients.csv"
    assert jaksim("simulate", SMALL, "--out", path).code == 0
    frame = pd.read_csv(path)
    keys = ["--endpoint", "kind=score_on_day", "--endpoint", "day=8"]
    found = results(path, "--scale", "niaid-8", *keys, "--method", "wilcoxon")["wilcoxon"]
    frame[["arm", "stratum"]].assign(score=frame["score_day_8"]).to_csv(tmp_path / "score.csv", index=False)
    direct = results(tmp_path / "score.csv", "--method", "wilcoxon")["wilcoxon"]
    assert found["estimate"] == pytest.approx(direct["estimate"], rel=1e-14)
    assert found["n"] == len(frame)


def test_covariates(results, written):
    """The same fits as `cox_covariates`, which is checked against R: here the way from the file to the model."""
    rng = np.random.default_rng(5)
    n = 120
    data = pd.DataFrame(
        {
            "arm": np.where(np.arange(n) % 2, "drug", "placebo"),
            "time": rng.integers(1, 29, n),
            "status": rng.integers(0, 2, n),
            "score": rng.integers(1, 6, n),
            "age": rng.normal(60, 10, n).round(1),
            "sex": rng.choice(["f", "m"], n),
            "site": rng.integers(0, 20, n),
        }
    )
    path = written(data)
    words = ["--covariate", "age", "--covariate", "sex", "--method", "cox", "--method", "proportional_odds"]
    found = results(path, *words, "--cluster", "site")
    names = ["arm: drug", "age", "sex: m"]
    assert [one["name"] for one in found["cox"]["coefficients"]] == names
    assert "adjusted for age, sex, robust standard error by site" in found["cox"]["estimand"]
    assert found["cox"]["robust"] is True
    from jaksim.analysis.ordinal.proportional_odds_covariates import proportional_odds_covariates
    from jaksim.analysis.survival.cox_covariates import cox_covariates

    x = np.column_stack([data.arm == "drug", data.age, data.sex == "m"]).astype(float)
    cox = cox_covariates(data.time, data.status, x, cluster=data.site).coefficients
    odds = proportional_odds_covariates(data.score, x).coefficients
    assert (found["cox"]["estimate"], found["cox"]["se"]) == pytest.approx((cox[0].estimate, cox[0].se), rel=1e-9)
    assert found["proportional_odds"]["estimate"] == pytest.approx(odds[0].estimate, rel=1e-9)


@pytest.mark.parametrize(
    ("arms", "words", "reference"),
    [
        (["b", "a"], [], "a"),
        (["1", "0"], [], "0"),
        (["10", "9"], [], "9"),
        (["active", "Placebo"], [], "Placebo"),
        (["control", "placebo"], [], "control"),
        (["b", "a"], ["--reference", "b"], "b"),
        (["b", "a"], ["--active", "a"], "b"),
        (["x", "y", "control"], ["--active", "y"], "control"),
        (["x", "y", "z"], ["--active", "y", "--reference", "z"], "z"),
    ],
)
def test_choice_of_the_reference_arm(results, written, arms, words, reference):
    n = 12
    data = written({"arm": arms * n, "time": np.arange(len(arms) * n) + 1, "status": 1})
    result = results(data, "--method", "log_rank", *words)["log_rank"]
    assert result["reference"] == reference
    assert result["n"] == 2 * n


@pytest.mark.parametrize(
    ("columns", "method", "why"),
    [
        ({"arm": [0, 0, 1, 1], "time": [1, 2, 3, 4], "status": [0, 0, 2, 0]}, "gray", "no event in either arm"),
        ({"arm": [0, 0, 1, 1], "time": [1, 2, 3, 4], "status": [0, 0, 1, 1]}, "cox", "every event is in arm '1'"),
        ({"arm": [0, 0, 1, 1], "score": [1, 2, 3, 4]}, "proportional_odds", "separation"),
        ({"arm": [0, 0, 1, 1], "score": [3, 3, 3, 3]}, "proportional_odds", "same value"),
        ({"arm": [0, 0, 1, 1], "stratum": [1, 1, 2, 2], "time": [1, 2, 3, 4], "status": 1}, "log_rank", "no stratum"),
    ],
)
def test_what_cannot_be_estimated_says_why(results, written, columns, method, why):
    result = results(written(columns), "--method", method)[method]
    assert result["estimate"] is None
    assert result["p_value"] is None
    assert why in result["not_estimable"]


def test_strata_of_one_arm_are_named_and_say_nothing(jaksim, written):
    more = {"arm": ["maintained"] * 2, "time": [3, 4], "status": [1, 1]}
    columns = {key: [*AML[key], *more[key]] for key in AML}
    columns["stratum"] = ["a"] * 23 + ["alone"] * 2
    with_it = jaksim("analyze", written(columns), "--method", "log_rank", "--json").json
    without = jaksim("analyze", written(AML, "b.csv"), "--method", "log_rank", "--json").json
    assert with_it["results"][0]["estimate"] == pytest.approx(without["results"][0]["estimate"], rel=1e-12)
    assert any("alone" in note for note in with_it["notes"])


def test_missing_values_are_refused_or_dropped(jaksim, refused, written):
    columns = {**AML, "time": [*AML["time"][:-2], None, "NA"]}
    data = written(columns)
    assert "2 missing value(s), the first in row 22" in refused("analyze", data, "--method", "log_rank")
    found = jaksim("analyze", data, "--method", "log_rank", "--missing", "drop", "--json").json
    kept = written({key: values[:-2] for key, values in AML.items()}, "kept.csv")
    assert found["results"][0] == jaksim("analyze", kept, "--method", "log_rank", "--json").json["results"][0]
    assert "2 patient(s) with a missing value were left out." in found["notes"]


BAD = {
    "status": ({**AML, "status": ["gone"] * 23}, [], "row 1 has an unknown code (got 'gone'); allowed: 0 censored"),
    "code 3": ({**AML, "status": [3] + [1] * 22}, [], "row 1 has an unknown code (got '3')"),
    "negative": ({**AML, "time": [-1, *AML["time"][1:]]}, [], "row 1 is out of range (got -1.0)"),
    "infinite": ({**AML, "time": ["inf", *AML["time"][1:]]}, [], "row 1 is out of range"),
    "words": ({**AML, "time": ["soon", *AML["time"][1:]]}, [], "row 1 is not a number (got 'soon')"),
    "column": (AML, ["--arm", "arms"], "no column for the arm (got 'arms'); allowed: arm, time, status; did you mean"),
    "time": (AML, ["--time", "day"], "no such column"),
    "three": ({**AML, "arm": ["a", "b", "c"] + ["a"] * 20}, [], "there are 3 arms (a, b, c)"),
    "one": ({**AML, "arm": "a"}, [], "a comparison needs two arms"),
    "reference": (AML, ["--reference", "maintaned"], "did you mean 'maintained'?"),
    "same": (AML, ["--reference", "maintained", "--active", "maintained"], "are the same"),
    "stratum": (AML, ["--stratum", "sex"], "no column for the stratum"),
    "method": (AML, ["--method", "log-rank"], "did you mean 'log_rank'?"),
    "kind": (AML, ["--method", "wilcoxon"], "no endpoint of a kind that method wilcoxon applies to"),
    "ties": (AML, ["--method", "cox", "--ties", "exact"], "allowed: efron, breslow"),
    "no ties": (AML, ["--ties", "efron"], "unknown option"),
    "option": (AML, ["--option", "cox.ties=efron"], "no such method among those asked for"),
    "key": (AML, ["--method", "cox", "--option", "cox.tie=efron"], "did you mean 'ties'?"),
    "no value": (AML, ["--method", "cox", "--option", "cox.ties"], "an option is METHOD.KEY=VALUE"),
    "censored": (AML, ["--method", "risk_difference"], "censored before its horizon"),
    "covariate": (AML, ["--covariate", "age"], "method log_rank takes no covariates"),
    "constant": ({**AML, "age": 50}, ["--covariate", "age", "--method", "cox"], "method log_rank takes no covariates"),
    "margin": (AML, ["--margin", "1.3"], "the margin lies on the side that favours the reference arm"),
    "no margin": (AML, ["--hypothesis", "equivalence"], "equivalence needs a margin"),
    "hypothesis": (AML, ["--hypothesis", "inferiority"], "unknown hypothesis"),
    "level": (AML, ["--level", "95"], "confidence level out of range"),
    "level of one": (AML, ["--level", "0.9999999999999999"], "confidence level out of range"),
    "better": (AML, ["--better", "good"], "allowed: event, higher, lower, no event"),
    "missing": (AML, ["--missing", "ignore"], "allowed: error, drop, carry_forward, censor"),
    "endpoint": (AML, ["--endpoint", "death"], "no columns of this endpoint (got 'death')"),
    "no scale": (AML, ["--endpoint", "kind=score_on_day"], "needs their scale"),
    "no days": (AML, ["--endpoint", "kind=score_on_day", "--scale", "niaid-8"], "no daily scores found"),
    "scale": (AML, ["--scale", "niaid"], "did you mean 'niaid-8'?"),
    "day": (
        {"arm": [0, 1], "baseline_score": 5, "score_day_2": 4},
        ["--method", "wilcoxon", "--scale", "niaid-8", "--endpoint", "kind=score_on_day", "--endpoint", "day=9"],
        "day outside the daily scores (got 9); allowed: study days 1 to 2",
    ),
    "plot": (AML, ["--plot", "a.xlsx"], "a plot cannot have this ending"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_a_user_may_get_wrong(refused, written, case):
    columns, words, message = BAD[case]
    assert message in refused("analyze", written(columns), "--method", "log_rank", *words)


@pytest.mark.parametrize(
    ("covariate", "message"), [("constant", "'constant' is constant"), ("twice", "'twice' is a linear combination")]
)
@pytest.mark.parametrize("method", ["cox", "proportional_odds"])
def test_covariates_that_say_nothing(refused, written, covariate, message, method):
    arm = np.arange(23) % 2
    columns = {"arm": arm, "time": AML["time"], "status": AML["status"], "score": np.arange(23) % 3}
    data = written({**columns, "constant": 7, "twice": 2 * arm})
    assert message in refused("analyze", data, "--method", method, "--covariate", covariate)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\xff\xfe", "not a text file"),
        (b"arm,time,status\n", "the file has no patients"),
        (b"arm,time,status\n0,1\n", "line 2 has 2 values, the header 3"),
        (b"arm,arm,status\n0,1,1\n", "column 'arm' appears twice"),
        (b"arm,,status\n0,1,1\n", "a column has no name"),
        (b'arm,time,status\n"0,1,1\n', "not a table"),
        (b"arm,time,status\n0,1,1,\n1,2,1,\n", "every line has 4 values, the header 3"),
        (b"arm,time,status\na,0,1,1\na,1,2,1\n", "every line has 4 values, the header 3"),
        (b"arm,time,status,\n0,1,1,x\n", "a column has no name"),
        (b"arm time status\nusual care 1 1\ndrug 2 1\n", "line 3 has 3 values, the first one 4"),
        (b"# nothing but this\n", "the file has no patients"),
        (b"arm,time,status\n0,1,1\n#1,2,1\n", "line 3 begins with # and has a value for each column"),
    ],
)
def test_files_that_are_no_table(refused, tmp_path, content, message):
    path = tmp_path / "data.csv"
    path.write_bytes(content)
    assert message in refused("analyze", path, "--method", "cox")


def test_files_that_are_not_there_or_not_parquet(refused, tmp_path):
    assert "no such file" in refused("analyze", tmp_path / "a.csv", "--method", "cox")
    assert "no such file" in refused("analyze", tmp_path / "a.parquet", "--method", "cox")
    (tmp_path / "b.parquet").write_bytes(b"arm,time,status\n")
    assert "not a Parquet file" in refused("analyze", tmp_path / "b.parquet", "--method", "cox")
    assert "directory" in refused("analyze", tmp_path, "--method", "cox")


def test_types_of_parquet(jaksim, results, written, tmp_path):
    frame = pd.DataFrame(AML).assign(age=np.arange(23) % 7)
    typed = frame.astype({"arm": "category", "time": "Int64", "status": bool})
    typed["seen"] = pd.Timestamp("2021-03-04")
    typed.to_parquet(tmp_path / "typed.parquet")
    words = ("--method", "cox", "--covariate", "age")
    assert results(tmp_path / "typed.parquet", *words) == results(written(frame), *words)
    outcome = jaksim("analyze", tmp_path / "typed.parquet", "--method", "cox", "--covariate", "seen")
    assert outcome.code == 2
    assert "covariate 'seen' is constant" in outcome.err


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters(results, written, tmp_path, delimiter):
    path = tmp_path / "other.csv"
    pd.DataFrame(AML).to_csv(path, index=False, sep=delimiter)
    assert results(path, "--method", "cox") == results(written(AML), "--method", "cox")


def test_few_clusters_are_remarked_on(jaksim, written):
    data = written({**AML, "site": np.arange(23) % 5})
    found = jaksim("analyze", data, "--method", "cox", "--cluster", "site", "--json").json
    assert any("rests on 5 clusters ('site')" in note for note in found["notes"])
    found = jaksim("analyze", data, "--method", "cox", "--robust", "--json").json
    assert any("rests on 23 patients" in note for note in found["notes"])
    assert not jaksim("analyze", data, "--method", "cox", "--json").json["notes"]


def test_an_own_value_for_every_patient_leaves_the_posterior_near_the_fit(jaksim, written):
    data = written({**AML, "score": np.arange(23) * 7 % 23})
    wide = ("--option", "bayesian_proportional_odds.prior_sd=100")
    (posterior,) = jaksim("analyze", data, "--method", "bayesian_proportional_odds", *wide, "--json").json["results"]
    (fit,) = jaksim("analyze", data, "--method", "proportional_odds", "--json").json["results"]
    # Mean and mode of a posterior of 23 patients are 0.056 standard errors apart.
    assert posterior["estimate"] == pytest.approx(fit["estimate"], abs=0.07 * fit["se"])


def test_the_mark_at_the_start_of_a_file_is_no_part_of_a_name(results, written, tmp_path):
    """Spreadsheets write a byte order mark, and semicolons."""
    path = tmp_path / "marked.csv"
    path.write_bytes(b"\xef\xbb\xbf" + pd.DataFrame(AML).to_csv(index=False, sep=";").encode())
    assert results(path, "--method", "cox") == results(written(AML), "--method", "cox")


def test_one_row_and_repeated_columns(refused, written, tmp_path):
    one = written({"arm": ["a"], "time": [1], "status": [1]})
    assert "a comparison needs two arms" in refused("analyze", one, "--method", "cox")
    table = pa.table([pa.array([0, 1]), pa.array([1, 2]), pa.array([1, 1])], names=["arm", "time", "time"])
    pq.write_table(table, tmp_path / "twice.parquet")
    assert "column 'time' appears twice" in refused("analyze", tmp_path / "twice.parquet", "--method", "cox")


def test_report_and_picture(jaksim, tmp_path, written):
    rng = np.random.default_rng(2)
    data = written({**AML, "score": rng.integers(1, 6, 23)})
    picture = tmp_path / "picture.png"
    words = ["--method", "cox", "--method", "proportional_odds", "--plot", picture]
    outcome = jaksim("analyze", data, *words)
    assert outcome.code == 0, outcome.err
    for part in ("7 events, median 31", "hazard ratio", "odds ratio", "ties efron", "first in order"):
        assert part in outcome.out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 10_000


def test_from_python(jaksim, written):
    """A pandas or pyarrow table, a mapping and a file give what the command gives."""
    data = pd.DataFrame(AML)
    told = jaksim("analyze", written(AML), "--method", "cox", "--ties", "breslow", "--json").json["results"]
    for table in (data, pa.table(data), AML, written(AML, "b.csv"), data.astype({"time": "Int64"})):
        found = package.analyze(table, method="cox", ties="breslow")
        assert json.loads(json.dumps(found.as_dict()))["results"] == told
    both = package.analyze(data, methods=["log_rank", "cox"], options={"cox.ties": "breslow"})
    frame = both.to_pandas()
    assert frame["method"].tolist() == ["log_rank", "cox"]
    assert frame.loc[1, "ci_low"] == told[0]["ci"][0]
    assert frame.attrs["provenance"]["version"] == package.__version__
    with pytest.raises(InputError, match="column 'arm' appears twice"):
        package.analyze(pd.concat([data, data[["arm"]]], axis=1), method="cox")
    with pytest.raises(InputError, match="no method is named"):
        package.analyze(data)


def test_a_plan_from_python(jaksim, tmp_path):
    scenario = package.load_scenario(SMALL)
    patients = package.simulate_trial(scenario, replicate=1, seed=5).to_pandas()
    frame = package.analyze(patients, scenario=scenario).to_pandas()
    assert frame["analysis"].tolist() == [plan.name for plan in scenario.trial.analyses]
    assert frame.attrs["provenance"]["scenario_hash"] == scenario.hash


def test_interval_z_and_p_are_shown_where_the_estimate_is_infinite(jaksim, written):
    """No event of 20 against 6 of 20: fisher.test in R gives p 0.02020 and an upper limit of 0.7224."""
    columns = {"arm": ["control"] * 20 + ["drug"] * 20, "event": [1] * 6 + [0] * 34}
    path = written(columns)
    text = jaksim("analyze", path, "--method", "exact_odds_ratio").out.replace("\u00a0", " ")
    assert "odds ratio 0: every" in text
    assert "0 to 0.7224" in text
    assert "-2.323" in text
    assert "0.0202" in text
