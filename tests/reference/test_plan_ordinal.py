"""`jaksim.plan.ordinal` against Hmisc 4.8 (make_plan_ordinal.R)."""

import csv
from pathlib import Path

import pytest

from jaksim import plan

with (Path(__file__).parent / "plan_ordinal_expected.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['control']}, {row['odds_ratio']}, {row['allocation']}:1")
def test_power_and_size_are_those_of_hmisc(row):
    asked = {
        "control": [float(share) for share in row["control"].split()],
        "odds_ratio": float(row["odds_ratio"]),
        "allocation": f"{row['allocation']}:1",
        "alpha": float(row["alpha"]),
    }
    power = plan.ordinal(**asked, patients=int(row["patients"])).designs[0].power
    assert power == pytest.approx(float(row["power"]), rel=1e-10)
    sizes = [design.exact_size for design in plan.ordinal(**asked, power=[0.8, 0.9]).designs]
    assert sizes == pytest.approx([float(row["size80"]), float(row["size90"])], rel=1e-10)
