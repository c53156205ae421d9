"""What a verb takes: a path, a name or a value that has been read, and nothing else."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import jaksim
from jaksim.calibration.posterior import Sampling
from jaksim.errors import InputError

ROOT = Path(__file__).parents[3]
SMALL = ROOT / "tests" / "scenarios" / "small.toml"
VARY = ["population.patients=200,300"]

SCENARIO_VERBS = {
    "power": lambda asked, tmp: jaksim.power(asked, replicates=30),
    "shoot_out": lambda asked, tmp: jaksim.shoot_out(asked, replicates=10),
    "size": lambda asked, tmp: jaksim.size(asked, power=0.8, replicates=100),
    "assurance": lambda asked, tmp: jaksim.assurance(asked, draws=20),
    "compare": lambda asked, tmp: jaksim.compare(asked, asked, replicates=30),
    "predict": lambda asked, tmp: jaksim.predict(asked, draws=20, replicates=10),
    "simulate_trial": lambda asked, tmp: jaksim.simulate_trial(asked),
    "sweep": lambda asked, tmp: jaksim.sweep(asked, out=tmp / type(asked).__name__, vary=VARY, replicates=10),
}


@pytest.mark.parametrize("verb", SCENARIO_VERBS)
def test_a_verb_takes_a_path_a_name_or_a_value(verb, tmp_path):
    name = "delayed-effect" if verb == "shoot_out" else "actt2"
    path = ROOT / "scenarios" / f"{name}.toml"
    tables = [SCENARIO_VERBS[verb](asked, tmp_path).to_pandas() for asked in (path, name, jaksim.load_scenario(path))]
    assert all(table.equals(tables[0]) for table in tables)


@pytest.mark.parametrize("verb", SCENARIO_VERBS)
@pytest.mark.parametrize("asked", [3, None, ["actt2"]])
def test_what_is_no_scenario_is_refused(verb, asked, tmp_path):
    with pytest.raises(InputError, match="scenario: must be a file or what has a name") as fault:
        SCENARIO_VERBS[verb](asked, tmp_path)
    assert "load_scenario" in str(fault.value)


def test_a_study_a_plan_and_parameters_are_taken_as_values(monkeypatch):
    from jaksim.calibration.backtest import load_backtest
    from jaksim.calibration.study import load_calibration_study
    from jaksim.model.parameter_set import load_parameter_set

    monkeypatch.setattr(Sampling.__init__, "__defaults__", (16, 8, 16, 0.9))  # few and short chains
    name = "recovery-dexamethasone"
    study, fitted = load_calibration_study(name), load_parameter_set(name)
    one, other = jaksim.reproduce(name, replicates=100), jaksim.reproduce(study, parameters=fitted, replicates=100)
    first, second = ({**answer.as_dict(), "elapsed_seconds": 0.0} for answer in (one, other))
    assert first == second
    assert jaksim.calibrate(study, draws=10).rows() == jaksim.calibrate(name, draws=10).rows()
    assert jaksim.backtest(load_backtest("mortality")).rows() == jaksim.backtest().rows()
    with pytest.raises(InputError, match="study: must be a file or what has a name"):
        jaksim.reproduce(3)


@pytest.mark.parametrize("name", ["actt2", "actt4-interims", "remap-cap-adaptive", "stroke-alteplase", "platform"])
def test_a_scenario_that_was_read_is_swept_from_its_file(name, tmp_path):
    from jaksim.verbs.sweep.sweep import _file_of

    loaded = jaksim.load_scenario(name, changes=["title=Another"])
    assert _file_of(loaded, ()) == (loaded.path, ("title=Another",))


def test_a_scenario_that_is_not_what_its_file_says_is_not_swept(tmp_path):
    own = tmp_path / "own.toml"
    shutil.copy(SMALL, own)
    shutil.copy(SMALL.with_name("four.toml"), tmp_path)
    loaded = jaksim.load_scenario(own)
    fewer = replace(loaded, trial=replace(loaded.trial, analyses=loaded.trial.analyses[:1]))
    with pytest.raises(InputError, match="scenario: is not what its file says"):
        jaksim.sweep(fewer, out=tmp_path / "s", vary=VARY)
    own.write_text(SMALL.read_text("utf-8").replace('title = "', 'title = "Another '), "utf-8")
    with pytest.raises(InputError, match="scenario: is not what its file says"):
        jaksim.sweep(loaded, out=tmp_path / "s", vary=VARY)


@pytest.mark.parametrize("verb", [name for name in SCENARIO_VERBS if name != "compare"])
def test_a_scenario_that_was_read_takes_no_changes(verb, tmp_path):
    more = {"out": tmp_path} if verb == "sweep" else {}
    with pytest.raises(InputError, match="changes: a scenario that has been read cannot be changed"):
        getattr(jaksim, verb)(jaksim.load_scenario("actt2"), changes=["population.patients=10"], **more)
