"""Every answer of a verb can be shown, printed, tabulated, written and traced."""

import json
import re
from pathlib import Path

import pytest

import jaksim
from jaksim import evidence
from jaksim.calibration.posterior import Sampling
from jaksim.cli import run
from jaksim.errors import InputError
from jaksim.report.of import REPORTS
from jaksim.result import Result

AML = Path(__file__).parents[3] / "docs" / "examples" / "aml.csv"
SEED = 20201201

ANSWERS = {
    "PowerResult": (lambda: jaksim.power("actt2", replicates=50), "power actt2 --replicates 50"),
    "ShootOut": (
        lambda: jaksim.shoot_out("actt2", replicates=20),
        "power actt2 --endpoints all --replicates 20",
    ),
    "SampleSize": (
        lambda: jaksim.size("actt2", power=0.8, replicates=200),
        "size actt2 --power 0.8 --replicates 200",
    ),
    "AssuranceResult": (
        lambda: jaksim.assurance("actt4", target=0.3, draws=20),
        "size actt4 --assurance --power 0.3 --draws 20",
    ),
    "Comparison": (
        lambda: jaksim.compare("actt2", "actt2", replicates=50),
        "compare actt2 actt2 --replicates 50",
    ),
    "PredictedTrial": (
        lambda: jaksim.predict("actt4", draws=20, replicates=10),
        "predict actt4 --draws 20 --replicates 10",
    ),
    "AnalyzedData": (
        lambda: jaksim.analyze(AML, methods=["log_rank", "cox"], reference="maintained"),
        f"analyze {AML} --method log_rank --method cox --reference maintained",
    ),
    "Boundaries": (
        lambda: jaksim.boundaries(looks=3, futility="hsd:-2"),
        "boundaries --looks 3 --futility hsd:-2",
    ),
    "CalibratedStudy": (
        lambda: jaksim.calibrate("recovery-dexamethasone", draws=10),
        "calibrate recovery-dexamethasone --draws 10",
    ),
    "ReproducedStudy": (
        lambda: jaksim.reproduce("recovery-dexamethasone", replicates=100),
        "reproduce recovery-dexamethasone --replicates 100",
    ),
    "BacktestResult": (jaksim.backtest, "backtest"),
    "Verification": (lambda: jaksim.verify("logrank_sample_size"), "verify logrank_sample_size"),
    "KeyList": (lambda: jaksim.keys("alpha"), "keys alpha"),
    "StudyList": (evidence.studies, "evidence list"),
    "StudyPage": (lambda: evidence.show("actt-2"), "evidence show actt-2"),
    "FactPages": (lambda: evidence.show_facts("dosing"), "evidence facts dosing"),
    "EvidenceCheck": (evidence.check_figures, "evidence check"),
    "SynthesisResult": (evidence.synthesise, "evidence synthesise"),
}
OF_A_FILE = {"SweepState", "SimulatedTrial"}
VARIES = {"elapsed_seconds", "command", "provenance"}


@pytest.fixture(scope="module", autouse=True)
def short_chains():
    """Calibrations with few and short chains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sampling.__init__, "__defaults__", (16, 8, 16, 0.9))
        yield


@pytest.fixture(scope="module")
def answered():
    """Each answer once."""
    kept = {}

    def answer(name):
        if name not in kept:
            kept[name] = ANSWERS[name][0]()
        return kept[name]

    return answer


def test_every_report_has_an_answer_here():
    assert set(ANSWERS) | OF_A_FILE == set(REPORTS)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_shown_in_a_few_lines(answered, name):
    found = answered(name)
    assert isinstance(found, Result)
    assert type(found).__name__ == name
    shown = repr(found).splitlines()
    assert shown[0].startswith("<")
    assert shown[0].endswith(">")
    assert len(shown) <= 6
    assert all(len(line) < 400 for line in shown)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_a_table_with_its_provenance(answered, name):
    found = answered(name)
    frame = found.to_pandas()
    assert len(frame) == len(found.rows()) > 0
    assert frame.attrs["provenance"]["version"] == jaksim.__version__


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_what_the_command_prints(answered, name, capsys):
    found, command = answered(name), ANSWERS[name][1]
    assert run([*command.split(), "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    own = json.loads(json.dumps(found.as_dict(), default=str).replace("Infinity", "null").replace("-null", "null"))
    kept = {key: value for key, value in own.items() if key not in VARIES}
    assert {key: printed[key] for key in kept} == kept


@pytest.mark.parametrize("name", sorted(set(ANSWERS) - {"CalibratedStudy", "Verification", "ShootOut"}))
def test_the_report_is_what_the_command_prints(answered, name, capsys):
    found, command = answered(name), ANSWERS[name][1]
    assert run(command.split()) == 0
    printed = capsys.readouterr().out
    timed = [line for line in found.report().splitlines() if not re.search(r"\d s[.;]", line) and "jaksim " not in line]
    assert [line for line in timed if line.rstrip() not in [got.rstrip() for got in printed.splitlines()]] == []


def test_a_simulated_trial_is_a_result(tmp_path):
    found = jaksim.simulate_trial("actt2")
    assert len(found.to_pandas()) == found.as_dict()["n_patients"] == 1033
    assert "1033 patients of replicate 0" in found.report()
    assert repr(found).startswith("<patients of replicate 0")


def test_a_sweep_is_a_result(tmp_path):
    found = jaksim.sweep("actt2", out=tmp_path / "sweep", vary=["population.patients=200,300"], replicates=20)
    assert "2 points, 40 of 40 replicates" in repr(found)
    assert "2 points" in found.report()
    assert found.provenance["version"] == jaksim.__version__
    assert len(found.to_pandas()) == len(found.rows()) > 0


def test_a_verb_takes_a_path_a_name_or_a_value():
    path = Path(__file__).parents[3] / "scenarios" / "actt2.toml"
    answers = [jaksim.power(asked, replicates=30) for asked in (path, "actt2", jaksim.load_scenario(path))]
    assert len({tuple(one.power for one in answer.analyses) for answer in answers}) == 1


def test_a_scenario_that_was_read_takes_no_changes():
    from jaksim.verbs.asked import scenario_of

    with pytest.raises(InputError, match="cannot be changed"):
        scenario_of(jaksim.load_scenario("actt2"), ["population.patients=10"])


@pytest.mark.parametrize("verb", [verb for verb in jaksim.__all__ if verb[0].islower() and verb != "evidence"])
def test_every_verb_is_exported_and_explained(verb):
    assert (getattr(jaksim, verb).__doc__ or "").strip()


def test_every_verb_has_its_place_in_the_reference():
    page = (Path(__file__).parents[3] / "docs" / "api.md").read_text("utf-8")
    headings = {line.removeprefix("## ") for line in page.splitlines() if line.startswith("## ")}
    assert headings == {verb for verb in jaksim.__all__ if verb[0].islower()}
