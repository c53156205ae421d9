"""Every answer of a verb can be shown, printed, tabulated, written and traced, and is what the command prints."""

import json
import re
import shlex
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import jaksim
from jaksim import evidence
from jaksim.calibration.posterior import Sampling
from jaksim.cli import run
from jaksim.errors import InputError
from jaksim.plan import ordinal, risks
from jaksim.report.formats.formats import FORMATS
from jaksim.report.of import REPORTS, parts_of
from jaksim.report.plots.of import PLOTS, figures_of
from jaksim.result import Result
from tests.documents import Page, check, figures_in

ROOT = Path(__file__).parents[3]
AML = ROOT / "docs" / "examples" / "aml.csv"
PATIENTS = ROOT / "docs" / "examples" / "patients.toml"
SMALL = ROOT / "tests" / "scenarios" / "small.toml"
SITES = ROOT / "tests" / "scenarios" / "sites.toml"
INTERIMS = SMALL.with_name("interims.toml")
VARY = ["population.patients=200,300"]


def logged(tmp):
    file = tmp / "log.csv"
    jaksim.simulate_log(SITES, on=30, arms=True, seed=5).write(file)
    return file


def merged(tmp):
    jaksim.sweep(SMALL, out=tmp / "part", vary=VARY, replicates=20)
    return jaksim.merge(tmp / "whole", [tmp / "part"])


@dataclass(frozen=True)
class Case:
    """A question in Python and the same one as a command; {tmp} is a directory of its own.

    `adds` are keys that only the command has, for it writes a file or answers two questions.
    """

    kind: str
    ask: Any
    words: str
    adds: tuple[str, ...] = ()


CASES = {
    "show": Case("ShownScenario", lambda tmp: jaksim.show("actt2", days=[14]), "show actt2 --days 14"),
    "show_phases": Case(
        "ShownPhases",
        lambda tmp: jaksim.show_phases("actt2-by-onset", onset=[3, 14]),
        "show phases actt2-by-onset --onset 3,14",
    ),
    "show_population": Case(
        "ShownPopulation",
        lambda tmp: jaksim.show_population(PATIENTS, changes=["population.patients=300"]),
        f"show population {PATIENTS} --set population.patients=300",
    ),
    "power": Case("PowerResult", lambda tmp: jaksim.power("actt2", replicates=50), "power actt2 --replicates 50"),
    "power, every option": Case(
        "PowerResult",
        lambda tmp: jaksim.power(
            "actt2", replicates=60, seed=3, engine="law", null=True, workers=1, changes=["population.patients=500"]
        ),
        "power actt2 --replicates 60 --seed 3 --engine law --null --workers 1 --set population.patients=500",
    ),
    "power to a precision": Case(
        "PowerResult",
        lambda tmp: jaksim.power(SMALL, until_se=0.05, variance_reduction="control-variates"),
        f"power {SMALL} --until-se 0.05 --variance-reduction control-variates",
    ),
    "power with interims": Case(
        "PowerResult", lambda tmp: jaksim.power(INTERIMS, replicates=30), f"power {INTERIMS} --replicates 30"
    ),
    "shoot_out": Case(
        "ShootOut",
        lambda tmp: jaksim.shoot_out(SMALL, replicates=20),
        f"power {SMALL} --endpoints all --replicates 20",
    ),
    "plan ordinal": Case(
        "Plan",
        lambda tmp: ordinal(control=(0.4, 0.3, 0.3), odds_ratio=(1.45, 1.6), power=0.8, looks=2),
        "plan ordinal --control 0.4,0.3,0.3 --odds-ratio 1.45,1.6 --power 0.8 --looks 2",
    ),
    "plan risks": Case(
        "Plan",
        lambda tmp: risks(control=0.3, hypothesis="non_inferiority", margin=0.1, patients=100, allocation="2:1"),
        "plan risks --control 0.3 --hypothesis non_inferiority --margin 0.1 --patients 100 --allocation 2:1",
    ),
    "size": Case(
        "SampleSize",
        lambda tmp: jaksim.size("actt2", power=0.8, replicates=200),
        "size actt2 --power 0.8 --replicates 200",
    ),
    "assurance": Case(
        "AssuranceResult",
        lambda tmp: jaksim.assurance("actt4", target=0.3, draws=20),
        "size actt4 --assurance --power 0.3 --draws 20 --seed 20201201",
    ),
    "compare": Case(
        "Comparison",
        lambda tmp: jaksim.compare(
            "actt2", "actt2", replicates=50, engine="path", second_changes=["population.patients=700"]
        ),
        "compare actt2 actt2 --replicates 50 --engine path --set-second population.patients=700",
    ),
    "compare three": Case(
        "SideBySide",
        lambda tmp: jaksim.compare("actt2", "actt2", "actt2", replicates=20, changes_of=["C:population.patients=700"]),
        "compare actt2 actt2 actt2 --replicates 20 --seed 20201201 --set-of C:population.patients=700",
    ),
    "predict": Case(
        "PredictedTrial",
        lambda tmp: jaksim.predict("actt4", draws=20, replicates=10),
        "predict actt4 --draws 20 --replicates 10 --seed 20201201",
    ),
    "predict with interims": Case(
        "PredictedTrial",
        lambda tmp: jaksim.predict(INTERIMS, draws=20, replicates=10, between_trial_sd=0.25, seed=8),
        f"predict {INTERIMS} --draws 20 --replicates 10 --between-trial-sd 0.25 --seed 8",
    ),
    "conduct": Case(
        "ConductResult",
        lambda tmp: jaksim.conduct(SITES, by=55, chance=0.9, replicates=20, seed=4),
        f"conduct {SITES} --by 55 --chance 0.9 --replicates 20 --seed 4",
    ),
    "forecast": Case(
        "ForecastResult",
        lambda tmp: jaksim.forecast(SITES, logged(tmp), on=30, by=45, rate_cv=0.3, replicates=20, seed=4),
        f"forecast {SITES} --data {{tmp}}/log.csv --on 30 --by 45 --rate-cv 0.3 --replicates 20 --seed 4",
    ),
    "simulate_log": Case(
        "SimulatedLog",
        lambda tmp: jaksim.simulate_log(SITES, on="2026-02-04", arms=True, seed=5),
        f"simulate {SITES} --on 2026-02-04 --arms --seed 5 --log {{tmp}}/written.csv",
        adds=("file",),
    ),
    "simulate": Case(
        "SimulatedTrial",
        lambda tmp: jaksim.simulate_trial(INTERIMS, replicate=7, seed=5),
        f"simulate {INTERIMS} --replicate 7 --seed 5 --out {{tmp}}/patients.csv",
        adds=("file",),
    ),
    "simulate, counterfactual": Case(
        "SimulatedTrial",
        lambda tmp: jaksim.simulate_trial(SMALL, counterfactual=True),
        f"simulate {SMALL} --counterfactual --out {{tmp}}/patients.csv",
        adds=("file",),
    ),
    "simulate_replicates": Case(
        "SimulatedReplicates",
        lambda tmp: jaksim.simulate_replicates(SMALL, tmp / "trials.csv", replicates=(3, 5), seed=5),
        f"simulate {SMALL} --replicates 3:5 --seed 5 --out {{tmp}}/trials.csv",
    ),
    "sweep": Case(
        "SweepState",
        lambda tmp: jaksim.sweep(SMALL, out=tmp / "sweep", vary=VARY, replicates=20, seed=4),
        f"sweep {SMALL} --resume --out {{tmp}}/sweep --vary {VARY[0]} --replicates 20 --seed 4",
    ),
    "merge": Case("SweepState", merged, "merge {tmp}/whole {tmp}/part"),
    "analyze": Case(
        "AnalyzedData",
        lambda tmp: jaksim.analyze(AML, methods=["log_rank", "cox"], reference="maintained"),
        f"analyze {AML} --method log_rank --method cox --reference maintained",
    ),
    "boundaries": Case(
        "Boundaries",
        lambda tmp: jaksim.boundaries(looks=3, futility="hsd:-2"),
        "boundaries --looks 3 --futility hsd:-2",
    ),
    "signal": Case(
        "SafetySignal",
        lambda tmp: jaksim.signal(events=9, exposure=500, control_events=4, control_exposure=500),
        "signal --events 9 --exposure 500 --control-events 4 --control-exposure 500",
    ),
    "boundaries of a scenario": Case(
        "MonitoringCharter",
        lambda tmp: jaksim.boundaries("actt4-interims", replicates=20),
        "boundaries actt4-interims --replicates 20",
    ),
    "interim": Case(
        "InterimResult",
        lambda tmp: jaksim.interim("actt4-interims", look=2, z=1.6, standard_error=0.024, draws=0),
        "interim actt4-interims --look 2 --z 1.6 --standard-error 0.024 --draws 0",
    ),
    "boundaries without a lower one": Case(
        "Boundaries", lambda tmp: jaksim.boundaries(information=[0.5, 1]), "boundaries --information 0.5,1"
    ),
    "calibrate": Case(
        "CalibratedStudy",
        lambda tmp: jaksim.calibrate("recovery-dexamethasone", draws=10),
        "calibrate recovery-dexamethasone --draws 10",
    ),
    "calibrate_jointly": Case(
        "JointlyCalibrated",
        lambda tmp: jaksim.calibrate_jointly(ROOT / "docs" / "examples" / "intensive-care.toml", draws=10),
        f"calibrate --joint {ROOT / 'docs' / 'examples' / 'intensive-care.toml'} --draws 10 --seed 1",
    ),
    "reproduce": Case(
        "ReproducedStudy",
        lambda tmp: jaksim.reproduce("recovery-dexamethasone", replicates=100),
        "reproduce recovery-dexamethasone --replicates 100",
    ),
    "backtest": Case("BacktestResult", lambda tmp: jaksim.backtest(), "backtest"),
    "backtest all": Case("BacktestedOutcomes", lambda tmp: jaksim.backtest("all"), "backtest all"),
    "backtest mechanistic": Case(
        "MechanisticResult",
        lambda tmp: jaksim.backtest(mechanistic=True, studies=("stop-covid",), draws=20, replicates=2),
        "backtest --mechanistic --study stop-covid --draws 20 --replicates 2 --seed 1",
    ),
    "verify": Case("Verification", lambda tmp: jaksim.verify("logrank_sample_size"), "verify logrank_sample_size"),
    "keys": Case("KeyList", lambda tmp: jaksim.keys("alpha"), "keys alpha"),
    "scenarios": Case("ScenarioList", lambda tmp: jaksim.scenarios("stroke"), "scenarios stroke"),
    "new": Case(
        "NewTrial",
        lambda tmp: jaksim.new(tmp / "copy", copy="actt4", force=True),
        "new {tmp}/copy --from actt4 --force",
    ),
    "evidence.studies": Case("StudyList", lambda tmp: evidence.studies(), "evidence list"),
    "evidence.show": Case("StudyPage", lambda tmp: evidence.show("actt-2"), "evidence show actt-2"),
    "evidence.show_facts": Case("FactPages", lambda tmp: evidence.show_facts("dosing"), "evidence facts dosing"),
    "evidence.check_figures": Case("EvidenceCheck", lambda tmp: evidence.check_figures(), "evidence check"),
    "evidence.pathway": Case("Pathway", lambda tmp: evidence.pathway("IL-6"), "evidence pathway IL-6"),
    "evidence.balance": Case("Balance", lambda tmp: evidence.balance(), "evidence balance"),
    "evidence.balance_questions": Case(
        "BalanceQuestions", lambda tmp: evidence.balance_questions(), "evidence balance --list"
    ),
    "evidence.subgroups": Case(
        "Subgroups", lambda tmp: evidence.subgroups(replicates=50), "evidence subgroups --replicates 50"
    ),
    "evidence.subgroup_questions": Case(
        "SubgroupQuestions", lambda tmp: evidence.subgroup_questions(), "evidence subgroups --list"
    ),
    "evidence.synthesise": Case("SynthesisResult", lambda tmp: evidence.synthesise(), "evidence synthesise"),
    "evidence.outcomes": Case("SynthesisList", lambda tmp: evidence.outcomes(), "evidence synthesise --list"),
}
WITH_FILES = ("SimulatedTrial", "SimulatedLog", "SweepState", "AnalyzedData", "CalibratedStudy", "Boundaries")
# Those whose provenance holds the command that makes them again without a file to be written or read.
WITH_COMMAND = [
    name
    for name, case in CASES.items()
    if case.kind not in (*WITH_FILES, "SimulatedReplicates") and not name.startswith("evidence")
]
NOT_VERBS = {"Scenario", "__version__", "evidence", "load_scenario", "plan"}


@pytest.fixture(scope="module", autouse=True)
def short_chains():
    """Calibrations with few and short chains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampling.__init__, "__defaults__", (16, 8, 16, 0.9))
        yield


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Each answer once, and the directory that it was asked for in."""
    kept = {}

    def answer(name):
        if name not in kept:
            directory = tmp_path_factory.mktemp("asked")
            kept[name] = CASES[name].ask(directory), directory
        return kept[name]

    return answer


@pytest.fixture(scope="module")
def commanded(answered, tmp_path_factory):
    """What the command of each answer prints, and its JSON: one run for both."""

    @cache
    def answer(name):
        _, directory = answered(name)
        file, printed = tmp_path_factory.mktemp("commanded") / "answer.json", StringIO()
        with redirect_stdout(printed):
            assert run([*CASES[name].words.format(tmp=directory).split(), "--report", str(file)]) == 0
        return printed.getvalue(), without_time(json.loads(file.read_text("utf-8")))

    return answer


def without_time(value):
    """The value without what differs from one run to the next."""
    if isinstance(value, dict):
        return {key: without_time(one) for key, one in value.items() if key != "elapsed_seconds"}
    return [without_time(one) for one in value] if isinstance(value, list) else value


def printed(words, capsys):
    assert run([*words, "--json"]) == 0
    return without_time(json.loads(capsys.readouterr().out))


def test_every_kind_of_answer_and_every_verb_is_asked_here():
    assert {case.kind for case in CASES.values()} == set(REPORTS) >= set(PLOTS)
    asked = {name.partition(",")[0].split(" ")[0] for name in CASES}
    assert asked - {"simulate"} >= set(jaksim.__all__) - NOT_VERBS - {"simulate_trial"}


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_shown_in_a_few_lines(answered, name):
    found, _ = answered(name)
    assert isinstance(found, Result)
    assert type(found).__name__ == CASES[name].kind
    shown = repr(found).splitlines()
    assert shown[0].startswith("<")
    assert shown[0].endswith(">")
    assert len(shown) <= 6
    assert all(len(line) < 400 for line in shown)


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_a_table_with_its_provenance(answered, name):
    found, _ = answered(name)
    frame = found.to_pandas()
    assert len(frame) == len(found.rows()) > 0
    assert frame.attrs["provenance"]["version"] == found.provenance["version"] == jaksim.__version__


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_json_without_nan(answered, name):
    found, _ = answered(name)
    assert json.loads(json.dumps(found.as_dict(), allow_nan=False)) == found.as_dict()


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_a_document_in_every_format(answered, name, monkeypatch):
    found, _ = answered(name)
    blocks = list(parts_of(found))
    figures = figures_of(found)
    monkeypatch.setattr("jaksim.report.plots.of.figures_of", lambda answer: figures)  # one drawing for all formats
    shown = len(figures)
    for format in FORMATS:
        written = found.report(format)
        check(format, written, blocks)
        assert figures_in(format, written) == (shown if format in ("html", "docx") else 0)
    assert json.loads(found.report("json")) == found.as_dict()
    assert Page(found._repr_html_()).faults == []


@pytest.mark.parametrize("name", CASES)
def test_an_answer_is_plotted_or_refused_with_those_that_have_a_plot(answered, name, tmp_path):
    found, _ = answered(name)
    file = tmp_path / "plot.png"
    if CASES[name].kind not in PLOTS or (CASES[name].kind == "PowerResult" and name != "power with interims"):
        with pytest.raises(InputError, match=r"no plot of this.*ConductResult|no interim analyses"):
            found.plot(file)
        assert not figures_of(found)
        assert not file.exists()
        return
    found.plot(file)
    assert file.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(InputError, match="cannot have this ending"):
        found.plot(tmp_path / "plot.txt")


@pytest.mark.parametrize("name", CASES)
def test_both_doors_give_the_same_answer(answered, commanded, name):
    (found, _), (_, got) = answered(name), commanded(name)
    adds = {key: got[key] for key in CASES[name].adds}
    assert got == {**without_time(found.as_dict()), **adds}


@pytest.mark.parametrize("name", WITH_COMMAND)
def test_the_command_in_the_provenance_gives_the_answer_again(answered, commanded, name, capsys):
    (found, directory), case = answered(name), CASES[name]
    program, *words = shlex.split(found.provenance["command"])
    assert program == "jaksim"
    known = words == case.words.format(tmp=directory).split() and not case.adds
    got = commanded(name)[1] if known else printed(words, capsys)
    assert got == without_time(found.as_dict())


def test_the_power_of_the_plan_and_its_average_are_one_command(capsys):
    averaged = jaksim.assurance("actt2", draws=20, seed=5)
    _, *words = shlex.split(averaged.provenance["command"])
    got = printed([*words, "--replicates", "20"], capsys)
    assert got.pop("assurance") == without_time(averaged.as_dict())
    own = without_time(jaksim.power("actt2", replicates=20, seed=5).as_dict())
    assert got["provenance"].pop("command") == own["provenance"].pop("command") + " --assurance --draws 20"
    assert got == own


def test_a_spread_between_trials_of_ones_own_is_in_the_command(capsys):
    asked = jaksim.assurance("actt4", target=0.3, draws=20, between_trial_sd=0.2)
    _, *words = shlex.split(asked.provenance["command"])
    assert printed(words, capsys)["n_patients"] == asked.n_patients
    assert asked.n_patients != jaksim.assurance("actt4", target=0.3, draws=20, between_trial_sd=0.05).n_patients


TIMED = re.compile(r"\d s[.;]")


@pytest.mark.parametrize(
    "name", sorted(set(CASES) - {"calibrate", "verify", "simulate", "simulate, counterfactual", "simulate_log"})
)
def test_the_report_is_what_the_command_prints(answered, commanded, name):
    (found, _), (text, _) = answered(name), commanded(name)
    got = [line.rstrip() for line in text.splitlines()]
    own = [line for line in found.report().splitlines() if not TIMED.search(line) and "jaksim " not in line]
    assert own
    assert [line for line in own if line.rstrip() not in got] == []


def test_a_simulated_trial_reports_its_patients(answered):
    found, _ = answered("simulate")
    assert f"{len(found.to_pandas())} patients of replicate 7" in found.report()
    assert "ended at analysis" in found.report()


def test_a_sweep_that_is_not_finished_says_so(answered, tmp_path):
    from jaksim.verbs.sweep.sweep import state_of

    found, directory = answered("sweep")
    assert "2 points, 40 of 40 replicates" in repr(found)
    next((directory / "sweep").glob("**/*.npz"), next((directory / "sweep" / "shards").iterdir())).unlink()
    unfinished = state_of(directory / "sweep")
    assert unfinished.rows() == []
    with pytest.raises(InputError, match="not finished"):
        unfinished.to_pandas()


@pytest.mark.parametrize("verb", [verb for verb in jaksim.__all__ if verb[0].islower() and verb != "evidence"])
def test_every_verb_is_exported_and_explained(verb):
    assert (getattr(jaksim, verb).__doc__ or "").strip()


def test_a_short_form_has_no_nan_and_no_signed_inf():
    def short(reference, active):
        patients = {"arm": ["a"] * 4 + ["b"] * 4, "event": [*reference, *active]}
        return repr(jaksim.analyze(patients, method="odds_ratio", reference="a"))

    assert "estimate -infinity, se -, p" in short([1, 1, 1, 1], [0, 0, 0, 0])
    assert "estimate infinity, se -, p" in short([0, 0, 0, 0], [1, 1, 1, 1])
    assert "nan" not in repr(jaksim.boundaries(looks=2))
    assert "inf" not in repr(jaksim.boundaries(looks=2)).replace("information", "")
    assert "lower_z 0" in repr(jaksim.boundaries(looks=2, futility="z:0"))
    assert jaksim.boundaries(looks=2).to_pandas()["lower_z"].tolist() == [float("-inf")] * 2


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ({"looks": 2}, "jaksim boundaries --looks 2"),
        (
            {"information": [0.3, 1], "actual": (0.25, 0.6), "final": False},
            "jaksim boundaries --information 0.3,1 --actual 0.25,0.6 --interim",
        ),
        (
            {"looks": 3, "futility": "hsd:-2", "binding": True, "no_futility": [1]},
            "jaksim boundaries --looks 3 --futility hsd:-2 --binding --no-futility 1",
        ),
    ],
)
def test_boundaries_name_the_command_that_makes_them_again(options, command, capsys):
    found = jaksim.boundaries(**options)
    assert found.provenance["command"] == command
    assert run([*command.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == found.as_dict()


def test_an_analysis_of_a_file_names_its_command(capsys):
    asked = {"method": "cox", "methods": [], "options": {"cox.ties": "breslow"}, "stratified": False, "level": 0.9}
    found = jaksim.analyze(AML, **asked)
    command = f"jaksim analyze {AML} --method cox --option cox.ties=breslow --unstratified --level 0.9"
    assert found.provenance["command"] == command
    assert run([*command.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"] == found.as_dict()["results"]


def test_data_in_memory_are_traced_by_their_hash():
    def traced(patients):
        found = jaksim.analyze(patients, method="risk_difference").provenance
        assert "command" not in found
        return found["data_hash"]

    rows = {"arm": ["a", "a", "b", "b"], "event": [1, 0, 1, 0]}
    assert traced(rows) == traced(dict(rows)) == traced(pd.DataFrame(rows))
    others = [{**rows, "event": [0, 1, 1, 0]}, {**rows, "arm": ["a", "b", "a", "b"]}, {**rows, "age": [3, 4, 5, 6]}]
    assert len({traced(rows), *map(traced, others)}) == 4
