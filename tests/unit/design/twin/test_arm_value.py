import shutil
from pathlib import Path

import pytest

from jaksim.analysis import get_method
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import analysis_input
from jaksim.design.twin.arm_value import arm_value
from jaksim.scenario import load_scenario

SMALL = Path(__file__).parents[3] / "scenarios" / "small.toml"
MORE = """
[[endpoint]]
name = "hierarchy"
kind = "hierarchical"
day = 10
components = [{ kind = "time_to_event", set = "dead", decisive = true }, { kind = "score_on_day" }]

[[endpoint]]
name = "area"
kind = "score_area"
day = 10

[[analysis]]
name = "hierarchy"
endpoint = "hierarchy"
method = "van_elteren"

[[analysis]]
name = "area"
endpoint = "area"
method = "van_elteren"
"""


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    file = tmp_path_factory.mktemp("scenario") / "more.toml"
    shutil.copy(SMALL.with_name("four.toml"), file.parent)
    file.write_text(SMALL.read_text("utf-8") + MORE, "utf-8")
    return load_scenario(file).trial


def value(trial, name):
    plan = next(plan for plan in trial.analyses if plan.name == name)
    given = analysis_input(Cells(trial), plan, get_method(plan.method))
    return given, arm_value(given, plan.reference, 0)


def test_a_hierarchy_reports_its_mean_rank(trial):
    given, said = value(trial, "hierarchy")
    assert said.what == "mean rank"
    law = given.weights @ given.laws[0]
    assert said.value == pytest.approx(law @ given.endpoint.rank, abs=1e-9)
    assert said.text == f"mean rank {said.value:.2f}"


def test_an_area_reports_its_mean_in_scores_not_in_days(trial):
    given, said = value(trial, "area")
    assert said.what == "mean score"
    law = given.weights @ given.laws[0]
    assert said.value == pytest.approx(law @ given.endpoint.value, abs=1e-9)
    assert "days" not in said.text
