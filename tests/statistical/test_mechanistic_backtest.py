"""The mechanistic backtest of all trials, against its own promise and the page that tells of it."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.model.parameter_set import load_parameter_set

SCRIPT = Path(__file__).parents[2] / "docs" / "verification" / "mechanistic_backtest.py"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("mechanistic_backtest", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def rows(heading: str) -> list[list[str]]:
    """Rows of the table under a heading of the page, without its header."""
    _, _, rest = SCRIPT.with_name("mechanistic-backtest.md").read_text("utf-8").partition(f"## {heading}\n")
    table = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table[2:]]


def test_the_page_has_a_line_for_every_trial_that_was_pooled() -> None:
    pooled = load_parameter_set("pooled").pooling
    assert pooled is not None
    names = {trial.study.name for trial in load_joint_selection().trials} & {t.study for t in pooled.trials}
    assert {row[0] for row in rows("Trial by trial")} == names | {"all"}


def test_enough_is_predicted_and_intervals_of_80_percent_hold_about_so_many() -> None:
    *trials, overall = rows("Trial by trial")
    assert len(trials) >= 8
    assert int(overall[1]) == sum(int(row[1]) for row in trials) >= 60
    assert 70 <= int(overall[4].removesuffix(" %")) <= 90
    model, none, last = map(float, overall[6:9])
    assert model > max(none, last)


def test_what_is_missed_is_named_with_its_reason() -> None:
    reasons = script()
    for study, figure, *_, why in rows("Where the model is wrong"):
        assert why == reasons.reason_for(study, figure)


@pytest.mark.verify
def test_the_page_is_what_a_new_run_gives() -> None:
    assert SCRIPT.with_name("mechanistic-backtest.md").read_text("utf-8") == script().page()
