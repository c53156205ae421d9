"""Group-sequential sizes of two means as rpact gives them (make_plan_looks.R)."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from jaksim import plan

DESIGNS = {
    "of3": {"looks": 3, "power": 0.8, "sides": 1},
    "pocock2": {"looks": (0.4, 1), "power": 0.9, "spending": "pocock"},
    "kd3": {"looks": (0.3, 0.7, 1), "power": 0.85, "sides": 1, "spending": "power:2.5"},
    "hsd4": {"looks": 4, "power": 0.8, "sides": 1, "spending": "hsd:-3"},
    "wt3": {"looks": 3, "power": 0.8, "spending": "wang-tsiatis:0.25"},
    "hp4": {"looks": 4, "power": 0.9, "sides": 1, "spending": "haybittle-peto:3"},
    "user3": {"looks": 3, "power": 0.8, "sides": 1, "spending": "user:0.002,0.01,0.025"},
    "futility3": {"looks": 3, "power": 0.8, "sides": 1, "futility": "power:2"},
    "binding3": {"looks": 3, "power": 0.8, "sides": 1, "futility": "hsd:-2", "binding": True},
    "fixedz3": {"looks": 3, "power": 0.8, "sides": 1, "futility": "z:0,0.5"},
}


def expected():
    found = defaultdict(lambda: defaultdict(list))
    with open(Path(__file__).with_name("plan_looks_expected.csv")) as file:
        for row in csv.DictReader(file):
            found[row["case"]][row["quantity"]].append(float(row["value"]))
    return found


EXPECTED = expected()


def column(design, title, header):
    (table,) = [table for table in design.tables if table.title == title]
    place = table.headers.index(header)
    return [row[place] for row in table.rows if row[0] != "all"]


@pytest.mark.parametrize("method", ["z", "t"])
@pytest.mark.parametrize("name", DESIGNS)
def test_size_bounds_and_power_are_those_of_rpact(name, method):
    wanted = EXPECTED[f"{name}-{method}"]
    asked = {"sd": 1.2, "difference": 0.4, "allocation": "2:1", "method": method} | DESIGNS[name]
    design = plan.means(**asked).designs[0]
    assert design.exact_size == pytest.approx(wanted["size"][0], rel=2e-6)
    assert column(design, "Bounds for efficacy", "z") == pytest.approx(wanted["upper"], abs=5e-6)
    # Whole patients move what follows by as much as they add.
    share = wanted["size"][0] / design.size
    for key, hypothesis in (("null", "no_effect"), ("half", "half_effect"), ("effect", "effect")):
        assert share * design.facts[f"expected_patients_{hypothesis}"] == pytest.approx(
            wanted[f"expected_{key}"][0], rel=0.01
        )
    assert column(design, "Probability of stopping for efficacy", "Effect") == pytest.approx(
        wanted["reject"], abs=0.005
    )
    at_bound = column(design, "Bounds for efficacy", "Difference")
    assert at_bound == pytest.approx(wanted["effect_at_bound"], rel=0.012)
    if "effect_at_futility" in wanted:
        at_futility = column(design, "Bounds for futility", "Difference")
        assert at_futility == pytest.approx(wanted["effect_at_futility"], abs=0.004)
    if DESIGNS[name].get("futility") is None:
        powered = plan.means(**asked | {"power": None, "patients": 300}).designs[0]
        # Of two sides rpact's power counts rejections on the wrong side as well.
        other = wanted["power300"][0] - powered.power
        assert -2e-6 < other < (2e-6 if powered.rule.sides == 1 else 5e-5)
