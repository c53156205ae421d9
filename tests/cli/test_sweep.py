import csv
import json
import math
import os
import shutil
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

HERE = Path(__file__).parents[1]
SMALL = HERE / "scenarios" / "small.toml"
INTERIMS = HERE.parent / "scenarios" / "actt4-interims.toml"
VARIED = ("--vary", "population.patients=100,200", "--vary", "analysis.odds.alpha=0.01,0.05")
FEW = ("--replicates", 300)


def same(a, b):
    return a == b or (a is None and math.isnan(b)) or (isinstance(a, float) and math.isnan(a) and math.isnan(b))


@pytest.fixture
def swept(jaksim, tmp_path):
    """Sweep the small trial into a new directory and return it."""
    count = iter(range(100))

    def run(*words, scenario=SMALL):
        out = tmp_path / f"sweep{next(count)}"
        outcome = jaksim("sweep", scenario, *words, "--out", out)
        assert outcome.code == 0, outcome.err
        return out

    return run


def table(directory, name="results.parquet"):
    return pq.read_table(directory / name).to_pylist()


def test_every_point_is_what_power_gives(jaksim, swept):
    rows = table(swept(*VARIED, *FEW, "--seed", 5))
    assert [(row["point"], row["population.patients"], row["analysis.odds.alpha"]) for row in rows[::6]] == [
        (0, 100, 0.01),
        (1, 100, 0.05),
        (2, 200, 0.01),
        (3, 200, 0.05),
    ]
    changes = ("--set", "population.patients=200", "--set", "analysis.odds.alpha=0.01")
    power = jaksim("power", SMALL, *FEW, "--seed", 5, *changes, "--json").json
    for row, one in zip(rows[12:18], power["analyses"], strict=True):
        assert (row["analysis"], row["n_patients"], row["replicates"]) == (one["name"], 200, 300)
        for name in ("power", "mc_se", "favourable", "mean_estimate", "sd_estimate", "analytic_power", "z", "alpha"):
            assert row[name] == one[name]
        assert [row["ci_low"], row["ci_high"]] == one["ci"]
        assert row["n_for_power_90"] == one["n_for_power"]["90"]
        assert row["active_value"] == one["active_value"]["value"]
        assert row["any_rejection"] == power["any_rejection"]


def test_points_share_their_random_numbers(swept):
    rows = table(swept("--vary", "analysis.odds.alpha=0.01,0.011", *FEW))
    assert rows[0]["mean_estimate"] == rows[6]["mean_estimate"]


def test_a_grown_sweep_has_the_bytes_of_a_longer_one(jaksim, swept):
    out = swept(*VARIED, *FEW)
    first = (out / "results.parquet").read_bytes()
    grown = jaksim("sweep", "--grow", 100, "--out", out, "--json")
    assert (grown.json["replicates"], grown.json["replicates_done"], grown.json["complete"]) == (400, 1600, True)
    longer = swept(*VARIED, "--replicates", 400)
    assert (out / "results.parquet").read_bytes() == (longer / "results.parquet").read_bytes() != first


@pytest.mark.parametrize("words", [("--workers", 1), ("--workers", 3)])
def test_the_bytes_do_not_depend_on_the_threads(swept, words):
    assert (swept(*VARIED, *FEW) / "results.parquet").read_bytes() == (
        swept(*VARIED, *FEW, *words) / "results.parquet"
    ).read_bytes()


def test_parts_are_merged_into_the_whole(jaksim, refused, swept, tmp_path):
    whole = swept(*VARIED, *FEW)
    parts = [swept(*VARIED, *FEW, "--shard", f"{i}/3") for i in (1, 2, 3)]
    assert not (parts[0] / "results.parquet").exists()
    assert "not finished" in refused("sweep", "--grow", 5, "--out", parts[0])
    some = jaksim("merge", tmp_path / "merged", *parts[:2], "--json").json
    assert (some["complete"], some["shards_done"], some["results"]) == (False, 3, None)
    done = jaksim("merge", tmp_path / "merged", *parts, "--json").json
    assert done["complete"]
    assert (tmp_path / "merged" / "results.parquet").read_bytes() == (whole / "results.parquet").read_bytes()
    other = swept(*VARIED, *FEW, "--seed", 3)
    assert "seed: 20201201 -> 3" in refused("merge", tmp_path / "x", whole, other)
    assert "no sweep" in refused("merge", tmp_path / "x", tmp_path)


def test_a_part_can_be_finished_by_one_machine(jaksim, swept):
    part = swept(*VARIED, *FEW, "--shard", "2/2")
    assert jaksim("sweep", "--resume", "--out", part).code == 0
    assert (part / "results.parquet").read_bytes() == (swept(*VARIED, *FEW) / "results.parquet").read_bytes()


def test_status_of_a_sweep(jaksim, refused, swept, tmp_path):
    out = swept(*VARIED, *FEW, "--shard", "1/4")
    status = jaksim("sweep", "--status", out, "--json").json
    assert (status["points"], status["shards_done"], status["shards"], status["complete"]) == (4, 1, 4, False)
    assert "300 of 1,200 replicates finished" in jaksim("sweep", "--status", "--out", out).out
    assert "no sweep" in refused("sweep", "--status", tmp_path)
    assert "no directory" in refused("sweep", "--status")


def test_status_tells_the_time_left_at_the_pace_of_the_last_shards(jaksim, swept):
    out = swept(*VARIED, *FEW, "--shard", "1/2")
    for at, path in enumerate(sorted((out / "shards").iterdir())):
        os.utime(path, (1000 + 70 * at, 1000 + 70 * at))
    assert jaksim("sweep", "--status", out, "--json").json["seconds_left"] == 140
    assert "about 0:02:20 left" in jaksim("sweep", "--status", out).out
    done = jaksim("sweep", "--resume", "--out", out, "--json").json
    assert (done["complete"], done["seconds_left"]) == (True, None)
    assert " left" not in jaksim("sweep", "--status", out).out


def test_resume_refuses_a_changed_design_and_says_what_changed(jaksim, refused, swept, tmp_path):
    out = swept(*VARIED, *FEW, "--shard", "1/2")
    assert "population.patients: 300 -> 310" in refused(
        "sweep", SMALL, "--set", "population.patients=310", "--resume", "--out", out
    )
    assert "seed: 20201201 -> 1" in refused("sweep", SMALL, "--seed", 1, "--resume", "--out", out)
    assert "engine: auto -> path" in refused("sweep", "--engine", "path", "--resume", "--out", out)
    assert "point 1.analysis.odds.alpha: 0.05 -> 0.06" in refused(
        "sweep", SMALL, VARIED[0], VARIED[1], "--vary", "analysis.odds.alpha=0.01,0.06", "--resume", "--out", out
    )
    assert "--grow" in refused("sweep", SMALL, "--replicates", 500, "--resume", "--out", out)
    assert "a sweep already" in refused("sweep", SMALL, *VARIED, *FEW, "--out", out)
    assert jaksim("sweep", SMALL, *VARIED, *FEW, "--resume", "--out", out, "--json").json["complete"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").touch()
    assert "other files" in refused("sweep", SMALL, *VARIED, "--out", tmp_path / "mine")
    assert "no sweep" in refused("sweep", "--resume", "--out", tmp_path)


def test_resume_refuses_a_changed_scale(refused, swept, tmp_path):
    for name in ("small.toml", "four.toml"):
        (tmp_path / name).write_text((SMALL.parent / name).read_text())
    scenario = tmp_path / "small.toml"
    out = swept(*FEW, "--shard", "1/1", scenario=scenario)
    (tmp_path / "four.toml").write_text((SMALL.parent / "four.toml").read_text().replace("very ill", "worse"))
    assert "scale" in refused("sweep", scenario, "--resume", "--out", out)


SETS = HERE.parent / "src/jaksim/model/parameter_data"
TOCILIZUMAB = "recovery-tocilizumab"
OWN_SET = (HERE.parent / "scenarios" / "covacta.toml", {"sets/own.json": SETS / "actt-1.json"}, '"actt-1"')
OWN_TREATMENT = (
    HERE.parent / "scenarios" / "covacta.toml",
    {"own.json": SETS / f"{TOCILIZUMAB}.json"},
    f'"{TOCILIZUMAB}"',
)
OWN_SCALE = (SMALL, {"scales/own.toml": SMALL.parent / "four.toml"}, '"four.toml"')


@pytest.fixture(params=[OWN_SCALE, OWN_SET, OWN_TREATMENT], ids=["scale", "natural history", "treatment"])
def begun(jaksim, monkeypatch, tmp_path, request):
    """Half of a sweep of a scenario with a file of its own, begun with relative paths; the bytes that it ends with."""
    source, own, word = request.param
    study = tmp_path / "study"
    (study / "in").mkdir(parents=True)
    text = source.read_text()
    for name, file in own.items():
        (study / "in" / name).parent.mkdir(exist_ok=True)
        shutil.copy(file, study / "in" / name)
        assert word in text
        (study / "in" / "trial.toml").write_text(text.replace(word, f'"{name}"'))
    monkeypatch.chdir(study)
    words = ("sweep", "in/trial.toml", "--vary", "population.patients=100,120", "--replicates", 10)
    assert jaksim(*words, "--out", "whole").code == 0
    assert jaksim(*words, "--out", "swept", "--shard", "1/2").code == 0
    assert json.loads((study / "swept" / "manifest.json").read_text())["scenario"] == "../in/trial.toml"
    monkeypatch.chdir(tmp_path)
    return study, study / "in" / next(iter(own)), (study / "whole" / "results.parquet").read_bytes()


def without_shards(out):
    for file in (out / "shards").iterdir():
        file.unlink()


def test_a_sweep_goes_on_from_another_directory_and_from_another_place(jaksim, refused, begun, tmp_path):
    study, _, expected = begun
    manifest = (study / "swept" / "manifest.json").read_bytes()
    assert jaksim("sweep", "--resume", "--out", "study/swept").code == 0
    assert (study / "swept" / "results.parquet").read_bytes() == expected
    study.rename(tmp_path / "mounted elsewhere")
    study = tmp_path / "mounted elsewhere"
    without_shards(study / "swept")
    assert jaksim("sweep", "--resume", "--out", study / "swept").code == 0
    assert (study / "swept" / "results.parquet").read_bytes() == expected
    assert (study / "swept" / "manifest.json").read_bytes() == manifest
    (study / "in").rename(tmp_path / "later")
    grown = ("sweep", "--grow", 5, "--out", study / "swept")
    message = refused(*grown)
    assert "the scenario is not where it was" in message
    assert "own" in message
    assert "--resume" in message
    assert jaksim("sweep", "later/trial.toml", *grown[1:]).code == 0
    assert json.loads((study / "swept" / "manifest.json").read_text())["scenario"] == "../../later/trial.toml"


def test_a_file_of_the_scenario_that_changed_is_refused_when_the_sweep_goes_on(refused, begun):
    study, own, _ = begun
    text = own.read_text()
    changed = text.replace("ill", "worse") if own.suffix == ".toml" else text.replace("0.0", "0.01", 1)
    assert changed != text
    own.write_text(changed)
    assert "is another one here" in refused("sweep", "--resume", "--out", study / "swept")


def test_a_sweep_of_a_scenario_that_names_no_files_goes_on_without_it(jaksim, swept, tmp_path):
    scenario = tmp_path / "trial.toml"
    shutil.copy(HERE.parent / "scenarios" / "covacta.toml", scenario)
    out = swept("--vary", "population.patients=100,120", "--replicates", 10, "--shard", "1/2", scenario=scenario)
    scenario.unlink()
    assert jaksim("sweep", "--resume", "--out", out, "--json").json["complete"]
    named = swept("--vary", "population.patients=100,120", "--replicates", 10, scenario="covacta")
    assert "scenario" not in json.loads((named / "manifest.json").read_text())
    assert (named / "results.parquet").read_bytes() == (out / "results.parquet").read_bytes()


def test_points_may_differ_in_parameter_sets_of_one_name(jaksim, swept, tmp_path):
    for number, name in enumerate(("first.json", "second.json")):
        written = json.loads((SETS / "actt-1.json").read_text())
        (tmp_path / name).write_text(json.dumps({**written, "title": f"number {number}"}))
    scenario = tmp_path / "trial.toml"
    scenario.write_text(OWN_SET[0].read_text())
    out = swept("--vary", "disease.natural_history=first.json,second.json", "--replicates", 10, scenario=scenario)
    (tmp_path / "first.json").write_text((SETS / "actt-1.json").read_text())
    without_shards(out)
    outcome = jaksim("sweep", "--resume", "--out", out)
    assert outcome.code == 2
    assert "natural_history=first.json: the parameter set" in outcome.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--vary", "population.patient=3,4"), "did you mean 'patients'"),
        (("--vary", "population.patients=100,0"), "population.patients=0"),
        (("--vary", "population.patients"), "what to vary"),
        (("--latin", 3), "no key is varied"),
        (("--replicates", 0), "replicates"),
        (("--engine", "lax"), "did you mean 'law'"),
        (("--seed", -1), "seed"),
        (("--shard", "3/2"), "I/N"),
        (("--shard", "two"), "I/N"),
    ],
)
def test_bad_options_are_refused(refused, tmp_path, words, message):
    assert message in refused("sweep", SMALL, *words, "--out", tmp_path / "out")


def test_every_point_is_read_before_anything_is_written(refused, tmp_path):
    points = tmp_path / "points.csv"
    rows = [f"{patients},{0.05 if patients != 701 else 1.5}" for patients in range(100, 1100)]
    points.write_text("\n".join(["population.patients,analysis.odds.alpha", *rows]))
    message = refused("sweep", SMALL, "--points", points, "--out", tmp_path / "out")
    assert "population.patients=701, analysis.odds.alpha=1.5" in message
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_computed_at_a_point_names_the_point(refused, tmp_path):
    endpoints = 'endpoint=[{name="daily",kind="longitudinal"},{name="score",kind="score_on_day",day=8}]'
    analyses = 'analysis=[{name="odds",endpoint="score",method="proportional_odds",role="primary"}]'
    words = ("sweep", SMALL, "--set", endpoints, "--set", analyses, "--vary", "population.patients=40,50")
    message = refused(*words, "--engine", "law", "--out", tmp_path / "out")
    assert "population.patients=40" in message
    assert "no joint law" in message


def test_without_pyarrow_the_tables_are_csv(jaksim, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcome = jaksim("sweep", SMALL, *VARIED, "--replicates", 20, "--out", tmp_path / "out")
    assert outcome.out.endswith(f"results: {tmp_path / 'out' / 'results.csv'}\n")
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as file:
        powers = [100 * float(row["power"]) for row in csv.DictReader(file)]
    assert printed_powers(outcome.out) == pytest.approx(powers, abs=0.05)


def test_a_finished_sweep_prints_its_powers(jaksim, refused, tmp_path):
    words = ("--replicates", 20, "--out", tmp_path / "out")
    part = jaksim("sweep", SMALL, *VARIED, *words, "--shard", "1/4")
    assert "POWER" not in part.out
    found = printed_powers(jaksim("sweep", "--resume", "--out", tmp_path / "out").out)
    frame = pq.read_table(tmp_path / "out" / "results.parquet").to_pydict()
    assert found == pytest.approx([100 * power for power in frame["power"]], abs=0.05)
    many = tmp_path / "many"
    out = jaksim("sweep", SMALL, "--vary", "population.patients=100:200:51", "--replicates", 2, "--out", many).out
    assert len(printed_powers(out)) == 40
    assert "40 of" in out
    assert "no sweep is begun" in refused("sweep", SMALL, *VARIED, "--out", tmp_path / "no" / "such")
    assert not (tmp_path / "no").exists()


def printed_powers(text):
    """The powers in percent of a printed table, row by row."""
    return [float(line.split("±")[0].split()[-1]) for line in text.splitlines() if "±" in line]


def test_what_is_missing_is_said(refused, tmp_path):
    assert "no scenario" in refused("sweep", "--out", tmp_path / "out")
    assert "no directory" in refused("sweep", SMALL)
    assert "points are listed and varied" in refused(
        "sweep", SMALL, *VARIED, "--points", tmp_path / "x.csv", "--out", tmp_path / "out"
    )


def test_points_from_a_file_and_latin_hypercubes(swept, tmp_path):
    file = tmp_path / "points.csv"
    file.write_text("population.patients,analysis.log-rank.method\n100,log_rank\n120,cox\n")
    rows = table(swept("--points", file, *FEW))
    assert [row["method"] for row in rows[::6]] == ["log_rank", "cox"]
    rows = table(swept("--vary", "population.patients=100:200", "--latin", 4, *FEW))
    assert len({row["population.patients"] for row in rows}) == 4


def test_designs_with_interim_analyses_report_their_characteristics(jaksim, swept):
    vary = ("--vary", "population.patients=300,400", "--replicates", 60)
    out = swept(*vary, scenario=INTERIMS)
    power = jaksim("power", INTERIMS, "--replicates", 60, "--set", "population.patients=400", "--json").json
    rows = [row for row in table(out) if row["population.patients"] == 400]
    for row, one in zip(rows, power["analyses"], strict=True):
        assert (row["power"], row["analytic_power"], row["n_for_power_90"]) == (
            one["power"],
            one["analytic_power"],
            one["n_for_power"]["90"],
        )
        assert row["mean_patients"] == power["characteristics"]["patients"]["mean"]
        assert row["mean_duration_mc_se"] == power["characteristics"]["duration"]["mc_se"]
    reported = [row for row in table(out, "characteristics.parquet") if row["point"] == 1]
    shares = [row["value"] for row in reported if row["what"] == "ends for efficacy"]
    looks = power["characteristics"]["looks"]
    assert shares == [look["stopped"]["efficacy"]["share"] for look in looks]
    grown = jaksim("sweep", "--grow", 20, "--out", out)
    assert grown.code == 0, grown.err
    longer = swept(*vary[:2], "--replicates", 80, scenario=INTERIMS)
    for name in ("results.parquet", "characteristics.parquet"):
        assert (out / name).read_bytes() == (longer / name).read_bytes()


def test_results_are_read_by_pandas_and_carry_their_origin(swept):
    pandas = pytest.importorskip("pandas")
    out = swept(*VARIED, *FEW)
    frame = pandas.read_parquet(out / "results.parquet")
    assert len(frame) == 24
    assert frame["power"].between(0, 1).all()
    assert frame.groupby("population.patients")["n_patients"].first().tolist() == [100, 200]
    assert b"fingerprint" in pq.read_schema(out / "results.parquet").metadata[b"jaksim"]


def test_results_are_read_by_polars_and_duckdb(swept):
    out = swept(*VARIED, *FEW)
    file = str(out / "results.parquet")
    mean = sum(row["power"] for row in table(out)) / 24
    polars = pytest.importorskip("polars")
    assert polars.read_parquet(file)["power"].mean() == pytest.approx(mean)
    duckdb = pytest.importorskip("duckdb")
    assert duckdb.sql(f"select avg(power), count(*) from '{file}'").fetchall() == [(pytest.approx(mean), 24)]


def test_contrasts_are_those_of_compare(jaksim, refused, swept):
    baseline = ("--baseline", "population.patients=100", "--baseline", "analysis.odds.alpha=0.05")
    out = swept(*VARIED, *FEW, "--seed", 5, *baseline)
    rows = table(out, "contrasts.parquet")
    assert [row["point"] for row in rows] == [point for point in range(4) for _ in range(6)]
    assert {row["baseline"] for row in rows} == {1}
    compared = jaksim(
        "compare", SMALL, SMALL, *FEW, "--seed", 5, "--json",
        "--set", "population.patients=100", "--set", "analysis.odds.alpha=0.05",
        "--set-second", "population.patients=200", "--set-second", "analysis.odds.alpha=0.01",
    ).json["analyses"]  # fmt: skip
    for row, one in zip(rows[12:18], compared, strict=True):
        assert (row["population.patients"], row["analysis.odds.alpha"], row["analysis"]) == (200, 0.01, one["first"])
        assert (row["replicates"], row["power"], row["baseline_power"]) == (
            300,
            one["power_second"],
            one["power_first"],
        )
        assert (row["only_point"], row["only_baseline"]) == (one["only_second"], one["only_first"])
        for name in ("difference", "mc_se", "variance_reduction"):
            assert row[name] == pytest.approx(one["power"][name])
    same = rows[6]
    assert (same["difference"], same["mc_se"], same["variance_reduction"]) == (0.0, 0.0, None)
    assert jaksim("sweep", "--status", out, "--json").json["contrasts"] == str(out / "contrasts.parquet")


def test_a_baseline_can_be_chosen_of_a_sweep_that_is_there(jaksim, swept, tmp_path):
    at_once = swept(*VARIED, "--replicates", 400, "--baseline", "point=2")
    expected = (at_once / "contrasts.parquet").read_bytes()
    parts = [swept(*VARIED, *FEW, "--shard", f"{i}/2") for i in (1, 2)]
    assert jaksim("merge", tmp_path / "merged", *parts).code == 0
    grown = jaksim("sweep", "--grow", 100, "--out", tmp_path / "merged", "--baseline", "point=0", "--json").json
    assert grown["contrasts"] is not None
    assert jaksim("sweep", "--resume", "--out", tmp_path / "merged", "--baseline", "point=2").code == 0
    assert (tmp_path / "merged" / "contrasts.parquet").read_bytes() == expected
    assert jaksim("sweep", "--grow", 50, "--out", tmp_path / "merged", "--json").json["contrasts"] is None


def test_trials_with_interim_analyses_have_contrasts(swept):
    words = ("--vary", "analysis.0.alpha=0.025,0.01", "--replicates", 60, "--baseline", "point=0")
    first = table(swept(*words, scenario=INTERIMS), "contrasts.parquet")
    # At a smaller level a trial may go on to another analysis, so that the others change in either direction.
    monitored = [row for row in first if row["analysis"] == "ventilation or death, risk_difference_mh"]
    assert len(monitored) == 2
    assert all(row["only_point"] == 0.0 and row["difference"] <= 0.0 for row in monitored)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--baseline", "population.patient=100"), "did you mean 'population.patients'"),
        (("--baseline", "population.patients=150"), "allowed: 100, 200"),
        (("--baseline", "population.patients=100"), "2 points have these values"),
        (("--baseline", "point=9"), "allowed: 0 to 3"),
    ],
)
def test_a_baseline_that_is_no_point_is_refused_at_once(refused, tmp_path, words, message):
    assert message in refused("sweep", SMALL, *VARIED, *FEW, *words, "--out", tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_control_variates_carry_over_growing_and_merging(jaksim, refused, swept, tmp_path):
    reduced = ("--variance-reduction", "control-variates", "--seed", 5)
    longer = swept(*VARIED, "--replicates", 400, *reduced)
    parts = [swept(*VARIED, *FEW, *reduced, "--shard", f"{i}/2") for i in (1, 2)]
    assert jaksim("merge", tmp_path / "merged", *parts).code == 0
    assert jaksim("sweep", "--grow", 100, "--out", tmp_path / "merged").code == 0
    assert (tmp_path / "merged" / "results.parquet").read_bytes() == (longer / "results.parquet").read_bytes()
    changes = ("--set", "population.patients=200", "--set", "analysis.odds.alpha=0.01")
    power = jaksim("power", SMALL, "--replicates", 400, *reduced, *changes, "--json").json["analyses"]
    for row, one in zip(table(longer)[12:18], power, strict=True):
        assert (row["power"], row["mc_se"], row["z"]) == (one["power"], one["mc_se"], one["z"])
        found = one["variance_reduction"]
        assert (row["plain_power"], row["variance_reduction"]) == (found["plain_power"], found["factor"])
    assert "variance reduction: control-variates -> none" in refused(
        "sweep", "--resume", "--variance-reduction", "none", "--out", longer
    )
    words = (
        "--variance-reduction",
        "control-variates",
        "--vary",
        "analysis.0.alpha=0.025,0.01",
        "--out",
        tmp_path / "x",
    )
    assert "interim analyses" in refused("sweep", INTERIMS, *words)
    assert not (tmp_path / "x").exists()
