"""A user's own disease and scale with the commands of the built-in ones: alteplase on the modified Rankin scale."""

import json
import math
import re
import shutil
from pathlib import Path

import pytest

from jaksim.model.parameter_set import load_parameter_set

ROOT = Path(__file__).parents[2]
STROKE = ROOT / "docs" / "examples" / "stroke"
SCENARIO = ROOT / "scenarios" / "stroke-alteplase.toml"
EVIDENCE, STUDY = "alteplase-evidence.toml", "alteplase-study.toml"


@pytest.fixture
def own(tmp_path):
    """A copy of the two files that a user writes, with replacements in one of them."""

    def write(name=STUDY, old="", new=""):
        for file in (EVIDENCE, STUDY):
            shutil.copy(STROKE / file, tmp_path)
        path = tmp_path / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def shipped():
    return load_parameter_set(str(STROKE / "alteplase.json"))


def test_the_evidence_agrees_with_itself(jaksim):
    outcome = jaksim("evidence", "check", STROKE / EVIDENCE, "--json")
    assert outcome.code == 0
    assert outcome.json["faults"] == []
    assert outcome.json["studies"] == ["alteplase"]


def test_show_prints_the_figures_and_what_was_not_found(jaksim):
    page = jaksim("evidence", "show", STROKE / EVIDENCE).out
    assert "\n. " not in page
    assert re.search(r"excellent_odds_ratio\.0_90 +odds ratio 2\.55 \(1\.44 to 4\.52\)  \[lees-2010, published\]", page)
    assert "0: 130, 1: 176, 2: 108, 3: 114, 4: 134, 5: 65, 6: 84" in page
    assert "Score on the modified Rankin scale before treatment" in page
    record = jaksim("evidence", "show", STROKE / EVIDENCE, "mrs_month3.0_90.placebo").out
    assert "acute ischaemic stroke, treated 0 to 90 minutes after onset" in record


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("[1.12, 2.40]", "[1.12, 2.04]", "record excellent_odds_ratio.91_180: the interval"),
        ('favours_first = "above"', 'favours_first = "below"', "record excellent_odds_ratio.0_90: favours_first"),
        ("[36, 31, 13, 21, 22, 7, 31]", "[63, 31, 13, 21, 22, 7, 31]", "record mrs_month3.all.alteplase: the parts"),
        ("missing = 1\n", "", "record mrs_month3.all.alteplase: the counts add up to 1849"),
        ("count = 92\n", "count = 192\n", "record excellent_odds_ratio.91_180: the counts give"),
        (
            "estimate = 1.64\ninterval = [1.12, 2.40]",
            "estimate = 0.61\ninterval = [0.42, 0.89]",
            "record excellent_odds_ratio.91_180: the counts give",
        ),
        ("n_randomised = 3670", "n_randomised = 3760", "the arms add up to 3670"),
        ("scores = [0, 1, 2, 3, 4, 5, 6]", "scores = [1, 2, 3, 4, 5, 6, 7]", "the scale mrs has no score 7"),
        ("scores = [0, 1, 2, 3, 4, 5, 6]", "scores = [0, 1, 2, 3, 4, 5]", "6 scores need 6 counts"),
        ('scale = "mrs"', 'scale = "mrss"', "did you mean 'mrs'?"),
        ("subgroup =", "subgruop =", "did you mean 'subgroup'?"),
        ('citation = "lees-2010"', 'citation = "lees-2001"', "did you mean 'lees-2010'?"),
    ],
)
def test_check_names_the_seeded_fault(refused, own, old, new, words):
    assert words in refused("evidence", "check", own(EVIDENCE, old, new))


@pytest.mark.usefixtures("short_chains")
def test_calibrate_writes_a_set_that_a_scenario_uses(jaksim, own, shipped, tmp_path):
    out = tmp_path / "mine.json"
    outcome = jaksim("calibrate", own(), "--out", out, "--json")
    assert outcome.code == 0
    z = [target["z"] for target in outcome.json["targets"]]
    assert 0.3 < sum(value**2 for value in z) / len(z) < 1.3
    assert max(map(abs, z)) < 3.2
    assert sum(target["role"] == "check" for target in outcome.json["targets"]) == 4
    written = load_parameter_set(str(out))
    for mine, theirs in zip(written.parameters, shipped.parameters, strict=True):
        assert mine.name == theirs.name
        assert mine.estimate == pytest.approx(theirs.estimate, abs=1e-3)
        assert mine.standard_error == pytest.approx(theirs.standard_error, rel=0.05)
    assert {key: written.provenance[key] for key in ("version", "input_hash")} == {
        key: shipped.provenance[key] for key in ("version", "input_hash")
    }
    assert written.provenance["command"] == f"jaksim calibrate {own()} --draws 200 --seed 1 --out {out}"
    assert outcome.json["provenance"] == written.provenance
    assert written.name == Path(out).stem

    scenario = tmp_path / "trial.toml"
    text = SCENARIO.read_text("utf-8")
    assert text.count("../docs/examples/stroke/alteplase.json") == 2
    scenario.write_text(text.replace("../docs/examples/stroke/alteplase.json", "mine.json"), encoding="utf-8")
    ours, theirs = (jaksim("power", file, "--replicates", 2000, "--json").json for file in (scenario, SCENARIO))
    for one, other in zip(ours["analyses"], theirs["analyses"], strict=True):
        assert one["analytic_power"] == pytest.approx(other["analytic_power"], abs=0.01)
        assert abs(one["power"] - other["power"]) < 4 * math.hypot(one["mc_se"], other["mc_se"])


def test_the_benefit_decays_with_the_time_to_treatment(shipped):
    better, per_hour, _, _ = shipped.treatments["alteplase"].effects
    assert better.log_hazard_ratio > 3 * better.standard_error
    assert per_hour.log_hazard_ratio < -2 * per_hour.standard_error
    fitted = [t["fitted"] for t in shipped.targets if t["id"].startswith("excellent_odds_ratio")]
    assert fitted == sorted(fitted, reverse=True)
    assert fitted[-1] > 1.0


def test_reproduce_places_the_figures_of_an_own_study(jaksim, own):
    words = ("reproduce", own(), "--parameters", STROKE / "alteplase.json", "--replicates", 500)
    figures = jaksim(*words, "--json").json["figures"]
    assert len(figures) == 60


def test_the_scenario_gives_the_shift_the_excellent_and_the_dead(jaksim):
    document = jaksim("power", SCENARIO, "--replicates", 4000, "--json").json
    shift, excellent, death = document["analyses"]
    assert [a["method"] for a in document["analyses"]] == ["proportional_odds", *["risk_difference_mh"] * 2]
    for analysis in (shift, excellent, death):
        assert abs(analysis["power"] - analysis["analytic_power"]) < 0.03
    assert shift["power"] > 0.85
    law, path = (
        jaksim("power", SCENARIO, "--replicates", 400, "--engine", engine, "--set", "population.patients=400", "--json")
        for engine in ("law", "path")
    )
    for one, other in zip(law.json["analyses"], path.json["analyses"], strict=True):
        assert abs(one["power"] - other["power"]) < 4 * math.hypot(one["mc_se"], other["mc_se"])


def test_simulate_writes_daily_rankin_scores(jaksim, tmp_path):
    pandas = pytest.importorskip("pandas")
    out = tmp_path / "patients.csv"
    assert jaksim("simulate", SCENARIO, "--out", out, "--set", "population.patients=600").code == 0
    patients = pandas.read_csv(out)
    assert len(patients) == 600
    daily = patients.filter(regex=r"^score_day_\d+$")
    assert daily.shape == (600, 90)
    assert set(patients["baseline_score"]) == {4, 5}
    assert daily.to_numpy().min() >= 0
    assert daily.to_numpy().max() == 6
    assert (daily["score_day_90"].isin([0, 1]) == patients["Rankin_score_0_or_1_on_day_90_event"].astype(bool)).all()
    assert ((daily["score_day_90"] == 6) == patients["death_by_day_90_event"].astype(bool)).all()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('evidence = "alteplase-evidence.toml"', 'evidence = "alteplase-evidenc.toml"', "no such file"),
        ('record = "mrs_month3.0_90.placebo"', 'record = "mrs_month3.0_90.placbo"', "mrs_month3.0_90.placebo"),
        ('statistic = "odds_ratio"', 'statistic = "risk_ratio"', "excellent_odds_ratio.0_90"),
        ("horizon = 90", "horizon = 60", "endpoint 'rankin'"),
        ('moves = ["improvement"]', 'moves = ["improvment"]', "did you mean 'improvement'"),
        ("{ 4 = 0.4, 5 = 0.6 }", "{ 4 = 0.4, 5 = 0.5 }", "weights must sum to one"),
        ("covariates = { hours = 0.75 }", "covariates = { hour = 0.75 }", "needs a value of 'hours'"),
        ('regimen = ["alteplase"]', 'regimen = ["altepase"]', "did you mean 'alteplase'"),
    ],
)
def test_a_bad_study_file_gets_one_message(refused, own, old, new, words):
    path = own(STUDY, old, new)
    message = refused("calibrate", path, "--out", path.with_name("out.json"))
    assert words in message
    assert not path.with_name("out.json").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ('disease.natural_history="../alteplase.json"', "no such file"),
        ("disease.scale=niaid-8", "the parameter set has another scale"),
        ("disease.treatments.tenecteplase=../docs/examples/stroke/alteplase.json", "has no such treatment"),
        ("population.stratum.0.mixture.0.covariates={}", "a covariate is missing"),
        ("population.stratum.0.mixture.0.baseline_score=7", "unknown score"),
        ("endpoint.0.day=91", "day"),
    ],
)
def test_a_scenario_that_does_not_fit_the_set_gets_one_message(refused, change, words):
    assert words in refused("power", SCENARIO, "--replicates", 100, "--set", change)


def test_a_damaged_parameter_set_gets_one_message(refused, tmp_path):
    document = json.loads((STROKE / "alteplase.json").read_text("utf-8"))
    document["model"]["effect"][1]["covariate"] = 3
    (tmp_path / "alteplase.json").write_text(json.dumps(document), encoding="utf-8")
    scenario = tmp_path / "trial.toml"
    scenario.write_text(SCENARIO.read_text("utf-8").replace("../docs/examples/stroke/", ""), encoding="utf-8")
    assert "covariate" in refused("power", scenario, "--replicates", 100)
