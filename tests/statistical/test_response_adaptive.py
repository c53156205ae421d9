"""Familywise error of response-adaptive trials; a z beyond 4 above the level fails."""

import math
from pathlib import Path

import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.executor import run_blocks
from jaksim.scenario import load_scenario

ROOT = Path(__file__).parents[2]
ADAPTIVE = ROOT / "tests" / "scenarios" / "adaptive.toml"
REMAP = ROOT / "scenarios" / "remap-cap-adaptive.toml"
LEVEL = 0.025
WELL = 'adaptation.analyses=["well, good", "well, useless"]'
RECOVERY = 'adaptation.analyses=["recovery, good", "recovery, useless"]'
EAGER = ("adaptation.power=1", "adaptation.lowest=0.1")


def familywise_error(path, changes, replicates, *, null=True):
    trial = load_scenario(path, changes=changes).trial
    cells = Cells(trial.under_null() if null else trial)
    design = make_design(cells, settle(cells), 77)
    counts = [0, 0]
    for rejected in run_blocks(lambda first, n: design.conduct(first, n)[0].rejected, 0, replicates, 256, 2, None):
        counts[0] += int(rejected.any(axis=0).sum())
        counts[1] += int(rejected[-1].sum())
    return counts[0] / replicates, counts[1] / replicates


def z_above(error, replicates):
    return (error - LEVEL) / math.sqrt(LEVEL * (1.0 - LEVEL) / replicates)


@pytest.mark.parametrize(
    "changes",
    [(), (WELL, *EAGER), (RECOVERY, "adaptation.control=largest"), (RECOVERY, "adaptation.by_period=false")],
    ids=["score", "well, eager", "recovery, largest", "recovery, pooled"],
)
def test_no_more_than_the_level_without_effects(changes):
    error, _ = familywise_error(ADAPTIVE, (*changes, "adaptation.calibration=3000"), 3000)
    assert z_above(error, 3000) < 4
    assert error > 0.3 * LEVEL


def test_an_effect_of_one_arm_does_not_help_the_other():
    any_rejection, useless = familywise_error(ADAPTIVE, ("adaptation.calibration=3000",), 3000, null=False)
    assert z_above(useless, 3000) < 4
    assert any_rejection > 0.4


@pytest.mark.parametrize(
    ("path", "changes"),
    [
        pytest.param(ADAPTIVE, (WELL, *EAGER), marks=pytest.mark.verify),
        *(
            pytest.param(path, changes, marks=pytest.mark.verify_long)
            for path, changes in (
                (ADAPTIVE, ()),
                (ADAPTIVE, (RECOVERY, "adaptation.control=largest")),
                (ADAPTIVE, (RECOVERY, "adaptation.unit=days", "adaptation.every=15")),
                (REMAP, ()),
            )
        ),
    ],
)
def test_no_more_than_the_level_at_100_000(path, changes):
    error, _ = familywise_error(path, changes, 100_000)
    assert z_above(error, 100_000) < 4
