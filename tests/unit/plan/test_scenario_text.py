"""The scenario that a plan writes has its distribution to the last digits, and its power."""

import numpy as np
import pytest

import jaksim
from jaksim import plan
from jaksim.errors import InputError

CONTROL = (0.60, 0.08, 0.08, 0.05, 0.09, 0.10)
OTHER = (0.3, 0.2, 0.1, 0.1, 0.1, 0.2)
WAYS = [
    ("ordinal", {"control": CONTROL, "odds_ratio": 1.45}),
    ("ordinal", {"control": CONTROL, "odds_ratio": 0.6, "method": "wilcoxon", "allocation": "2:1", "alpha": 0.01}),
    ("ordinal", {"control": CONTROL, "active": OTHER}),
    ("ordinal", {"control": [CONTROL, OTHER], "shares": (0.75, 0.25), "odds_ratio": 1.5, "sides": 1}),
    ("ordinal", {"control": CONTROL[::-1], "worst_first": True, "hypothesis": "non_inferiority", "margin": 0.7}),
    ("ordinal", {"control": CONTROL, "hypothesis": "equivalence", "margin": 0.6, "method": "proportional_odds"}),
    ("risks", {"control": 0.3, "active": 0.2}),
    ("risks", {"control": 0.3, "active": 0.45, "better": "higher", "allocation": "1:2", "method": "unpooled"}),
    ("risks", {"control": 0.3, "hypothesis": "non_inferiority", "margin": 0.1}),
    ("risks", {"control": 0.3, "hypothesis": "equivalence", "margin": 0.1, "better": "higher"}),
    ("risks", {"control": 0.2, "risk_ratio": 0.6, "hypothesis": "superiority", "margin": 0.9}),
    ("risks", {"control": 0.3, "odds_ratio": 0.6, "method": "unpooled"}),
    ("risks", {"strata": [0.2, 0.4], "shares": (0.5, 0.5), "risk_difference": -0.1}),
]


@pytest.mark.parametrize(("kind", "asked"), WAYS)
def test_the_scenario_that_is_written_has_the_power_of_the_plan(kind, asked, tmp_path):
    file = tmp_path / "trial.toml"
    found = getattr(plan, kind)(**asked, power=0.8, write=file)
    assert found.written == str(file)
    (analysis,) = jaksim.power(file, replicates=2000).analyses
    assert analysis.analytic_power == pytest.approx(found.designs[0].power, abs=0.012)
    assert analysis.power == pytest.approx(found.designs[0].power, abs=0.012 + 4 * analysis.mc_se)


def test_the_distribution_is_exact(tmp_path):
    file = tmp_path / "trial.toml"
    found = plan.ordinal(control=CONTROL, odds_ratio=1.45, power=0.8, write=file)
    (analysis,) = jaksim.power(file, replicates=100).analyses
    categories = np.arange(1, 7)
    assert analysis.reference_value.value == pytest.approx(float(categories @ CONTROL), rel=1e-13)
    active = [row[2] for row in found.designs[0].tables[0].rows]
    assert analysis.active_value.value == pytest.approx(float(categories @ active), rel=1e-13)


def test_simulation_agrees_and_says_how_far_it_is():
    found = plan.ordinal(control=CONTROL, odds_ratio=1.45, power=0.8, simulate=True, replicates=4000, seed=3)
    (design,) = found.designs
    assert design.simulated.power == pytest.approx(design.power, abs=4 * design.simulated.mc_se)
    assert "Monte Carlo standard errors" in design.simulated.why
    assert found.to_pandas().simulated_power[0] == design.simulated.power
    again = plan.ordinal(control=CONTROL, odds_ratio=1.45, power=0.8, simulate=True, replicates=4000, seed=3)
    assert again.designs[0].simulated == design.simulated


def test_both_directions_are_counted_where_there_is_no_effect():
    found = plan.ordinal(control=CONTROL, odds_ratio=1.0, patients=400, simulate=True, replicates=4000)
    assert found.designs[0].power == pytest.approx(0.025)
    assert found.designs[0].simulated.power == pytest.approx(0.05, abs=4 * found.designs[0].simulated.mc_se)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"average": CONTROL, "odds_ratio": 1.5, "power": 0.8}, "distribution of each arm is not known"),
        ({"control": CONTROL, "active": (0.7, 0.1, 0.1, 0.1, 0, 0), "power": 0.8}, "category 5 is empty in one arm"),
        ({"control": CONTROL, "odds_ratio": 1.5, "patients": 401}, "arms of whole patients"),
    ],
)
def test_what_no_scenario_says_is_refused(asked, message, tmp_path):
    for way in ({"write": tmp_path / "trial.toml"}, {"simulate": True}):
        with pytest.raises(InputError, match=message):
            plan.ordinal(**asked, **way)
    assert list(tmp_path.iterdir()) == []
