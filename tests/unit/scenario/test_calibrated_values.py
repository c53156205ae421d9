"""Critical values that scenarios hold: used as long as nothing that they depend on is changed."""

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.adaptive.calibration import WATCHER, kept_or_calibrated
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.errors import InputError
from jaksim.scenario import load_scenario
from jaksim.trial.adaptive.calibrated import Calibrated

ROOT = Path(__file__).parents[3]
ADAPTIVE = ROOT / "tests" / "scenarios" / "adaptive.toml"
HOLDING = [
    path for path in sorted((ROOT / "scenarios").glob("*.toml")) if "[adaptation.calibrated]" in path.read_text()
]
TRIALS = "adaptation.calibration=1000"


class Told:
    def __init__(self):
        self.done, self.values = [], []

    def advance(self, done, trials):
        self.done.append((done, trials))

    def calibrated(self, value):
        self.values.append(value)


def designed(*changes, seed=5):
    cells = Cells(load_scenario(ADAPTIVE, changes=(TRIALS, *changes)).trial)
    return make_design(cells, settle(cells), seed)


def holding(value):
    numbers = f"z={value.z!r}, trials={value.trials}, seed={value.seed}"
    return f"adaptation.calibrated={{{numbers}, scenario='{value.scenario}'}}"


@pytest.fixture(scope="module")
def found():
    told = Told()
    token = WATCHER.set(told)
    design = designed()
    WATCHER.reset(token)
    return design, told


def test_a_calibration_tells_how_far_it_is_and_what_it_found(found):
    design, told = found
    assert told.done[-1] == (1000, 1000)
    assert [done for done, _ in told.done] == sorted(done for done, _ in told.done)
    (value,) = told.values
    assert (value.z, value.trials, value.seed) == (design.critical, 1000, 5)
    assert tomllib.loads(value.as_toml())["adaptation"]["calibrated"]["z"] == value.z


def test_a_scenario_that_holds_the_value_uses_it_to_the_last_digit_with_any_seed(found):
    design, told = found
    kept = designed(holding(told.values[0]), seed=6)
    assert kept.critical == design.critical
    assert kept.rules.calibrated == told.values[0]
    assert "z = " in "".join(kept.rules.describe())


@pytest.mark.parametrize(
    "change",
    ["population.patients=410", "adaptation.lowest=0.15", "adaptation.calibration=1001", "accrual.lag=2",
     "arm.control.allocation=2"],
)  # fmt: skip
def test_a_value_found_for_another_trial_is_not_used(found, change):
    trial = load_scenario(ADAPTIVE, changes=(TRIALS, holding(found[1].values[0]), change)).trial
    assert trial.adaptation.calibrated is None


def test_words_do_not_matter(found):
    changes = (TRIALS, holding(found[1].values[0]), "title=another", "description=of the same trial")
    assert load_scenario(ADAPTIVE, changes=changes).trial.adaptation.calibrated == found[1].values[0]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("{z=2.0}", "adaptation, calibrated.trials: the key is missing"),
        ("{z=2.0, trials=1000, seed=1, scenario='a', p=0.1}", "unknown key"),
        ("{z=inf, trials=1000, seed=1, scenario='a'}", "calibrated.z"),
    ],
)
def test_a_value_without_its_provenance_is_refused(table, message):
    with pytest.raises(InputError, match=message):
        load_scenario(ADAPTIVE, changes=(f"adaptation.calibrated={table}",))


def test_nothing_is_sought_where_a_value_is_held(found):
    held = Calibrated(2.5, 1000, 1, "a")
    assert kept_or_calibrated(replace(found[0].rules, calibrated=held), 1, lambda: pytest.fail("sought")) == (2.5, held)


@pytest.mark.parametrize("path", HOLDING, ids=[path.stem for path in HOLDING])
def test_shipped_values_belong_to_their_scenarios(path):
    assert load_scenario(path).trial.adaptation.calibrated is not None


@pytest.mark.verify
@pytest.mark.parametrize("path", HOLDING, ids=[path.stem for path in HOLDING])
def test_shipped_values_are_found_again(path):
    trial = load_scenario(path).trial
    held = trial.adaptation.calibrated
    cells = Cells(replace(trial, adaptation=replace(trial.adaptation, calibrated=None)))
    critical = make_design(cells, settle(cells), held.seed).critical
    assert np.unique(critical).tolist() == [held.z]
