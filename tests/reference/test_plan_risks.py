"""`jaksim.plan.risks` against power.prop.test of R 4.2 (make_plan_risks.R) and gsDesign::nBinomial."""

import csv
import math
from pathlib import Path

import pytest

from jaksim import plan

with (Path(__file__).parent / "plan_risks_expected.csv").open(encoding="utf-8") as file:
    ROWS = [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['active']} against {row['control']}, {row['alpha']}")
def test_power_and_size_are_those_of_r(row):
    asked = {name: row[name] for name in ("active", "control", "alpha")}
    design = plan.risks(**asked, patients=2 * row["n"]).designs[0]
    assert design.power == pytest.approx(row["power"], rel=1e-10)
    if design.beside:
        assert design.beside[0].power == pytest.approx(row["exact"], rel=1e-10)
    sizes = [one.exact_size for one in plan.risks(**asked, power=[0.8, 0.9]).designs]
    assert sizes == pytest.approx([2 * row["size80"], 2 * row["size90"]], rel=1e-8)


def test_few_events_have_their_exact_power_beside():
    few = [row for row in ROWS if row["n"] * min(row["active"], row["control"], 1 - row["control"]) < 40]
    assert few
    for row in few:
        asked = {name: row[name] for name in ("active", "control", "alpha")}
        assert plan.risks(**asked, patients=2 * row["n"]).designs[0].beside


# keaven/gsDesign, tests/testthat/test-base.R, test.nBinomial.misc #1, #2, #4, #5, #6 (the first two from Farrington
# and Manning 1990): arguments, and patients of the active and the reference arm.
GSDESIGN = [
    ({"control": 0.05, "active": 0.4, "hypothesis": "superiority", "margin": 0.2, "power": 0.8}, (79.8438, 79.8438)),
    (
        {
            "control": 0.1,
            "active": 0.1,
            "margin": 0.2,
            "power": 0.9,
            "allocation": "3:2",
            "hypothesis": "non_inferiority",
        },
        (62.88, 41.92),
    ),
    (
        {
            "control": 0.05,
            "active": 0.25,
            "scale": "risk_ratio",
            "hypothesis": "superiority",
            "margin": 2,
            "power": 0.9,
            "allocation": "2:3",
        },
        (133.9289, 200.8933),
    ),
    (
        {"control": 0.1, "active": 0.15, "scale": "odds_ratio", "alpha": 0.025, "sides": 1, "power": 0.8},
        (677.92, 677.92),
    ),
    (
        {
            "control": 0.1,
            "active": 0.15,
            "scale": "odds_ratio",
            "hypothesis": "superiority",
            "margin": 1.1,
            "alpha": 0.025,
            "power": 0.8,
            "allocation": "2:3",
        },
        (900.57, 1350.85),
    ),
]


@pytest.mark.parametrize(("asked", "arms"), GSDESIGN)
def test_sizes_of_gsdesign(asked, arms):
    given = {"alpha": 0.05, "better": "higher", **asked}
    design = plan.risks(**given).designs[0]
    assert design.exact_size == pytest.approx(sum(arms), abs=0.011)
    assert design.active / design.reference == pytest.approx(arms[0] / arms[1], abs=1e-4)


@pytest.mark.parametrize("scale", ["risk_difference", "risk_ratio", "odds_ratio"])
@pytest.mark.parametrize(
    "way",
    [
        {},
        {"sides": 1, "method": "unpooled", "allocation": "1:2"},
        {"strata": [0.2, 0.4], "shares": [0.3, 0.7]},
        {"hypothesis": "non_inferiority", "margin": {"risk_difference": 0.1, "risk_ratio": 1.3, "odds_ratio": 1.5}},
    ],
)
def test_size_and_effect_lead_back_to_the_power(scale, way):
    effect = {"risk_difference": -0.08, "risk_ratio": 0.75, "odds_ratio": 0.6}[scale]
    asked = {"scale": scale, **({} if "strata" in way else {"control": 0.3}), **way}
    if "margin" in asked:
        asked["margin"] = asked["margin"][scale]
    sized = plan.risks(**asked, **{scale: effect}, power=0.85).designs[0]
    assert sized.exact_size <= sized.size <= sized.exact_size + 3
    assert 0.85 - 1e-9 <= sized.power < 0.86
    found = plan.risks(**asked, patients=sized.size, power=sized.power).designs[0]
    assert found.effect == pytest.approx(effect, rel=1e-8)


def test_strata_that_are_alike_are_one_trial():
    single = plan.risks(control=0.3, risk_ratio=0.7, patients=500).designs[0]
    double = plan.risks(strata=[0.3, 0.3], risk_ratio=0.7, patients=500).designs[0]
    assert double.power == pytest.approx(single.power, rel=1e-12)
    assert math.isclose(double.facts["active_risk"], 0.21)
