from pathlib import Path

import pytest

from jaksim.design.prepared import Prepared
from jaksim.design.sweep.plan import Task
from jaksim.design.sweep.point import known, part_of
from jaksim.scenario import load_scenario
from jaksim.scenario.document import read_document, set_key
from jaksim.scenario.readings import Readings
from jaksim.scenario.scenario import scenario_of

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SMALL = SCENARIOS / "small.toml"
EFFECT = "disease.treatments.drug.effect.0.hazard_ratio"


@pytest.mark.parametrize("engine", ["law", "path"])
@pytest.mark.parametrize(
    ("key", "value", "reused"),
    [
        ("population.patients", 80, True),
        ("population.stratum_sizes", "fixed", True),
        ("analysis.log-rank.method", "cox", True),
        ("arm.drug.allocation", 2, False),
        (EFFECT, 2.1, False),
        ("endpoint.score.day", 6, False),
        ("follow_up.days", 9, False),
        ("arm.drug.regimen", [], False),
        ("population.stratum.ill.baseline_score", 3, False),
    ],
)
def test_a_point_is_the_same_after_another(engine, key, value, reused):
    """Whatever is taken over from the point before, the rows are those of the point made alone."""
    readings, options = Readings(), {"seed": 5, "engine": engine}
    document = read_document(SMALL)
    before = Prepared(scenario_of(document, str(SMALL), readings=readings).trial, **options)
    known(before)
    changed = read_document(SMALL)
    set_key(changed, key, value)
    if key == "follow_up.days":
        set_key(changed, "endpoint.score.day", 7)
    trial = scenario_of(changed, str(SMALL), readings=readings).trial
    after = Prepared(trial, **options, like=before)
    assert after.cells.has_laws_of(before.cells) == reused
    task = Task(1, {key: value}, 0, 40)
    alone = Prepared(scenario_of(changed, str(SMALL)).trial, **options)
    assert part_of(after, task).rows() == part_of(alone, task).rows()
    assert part_of(before, task).rows() == part_of(Prepared(load_scenario(SMALL).trial, **options), task).rows()
