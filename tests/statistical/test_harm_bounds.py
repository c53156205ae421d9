"""A bound for harm on a safety event stops trials as often as the joint normal law of its statistics says."""

import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import multivariate_normal, norm

import jaksim
from jaksim.analysis import get_method
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import analysis_input, large_sample
from jaksim.errors import InputError
from jaksim.scenario import load_scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "actt2-safety.toml"
EVENT = "serious adverse event"
TIMES = np.array([0.33, 0.67])
PATIENTS = 2000


def monitored(placebo: float, baricitinib: float, *more: str) -> list[str]:
    when = ", ".join(
        f'{{ when = "complete({EVENT}) >= {100 * t:.0f} %", information = {t}, efficacy = false }}' for t in TIMES
    )
    return [
        "accrual.rates=[20]",
        "monitoring.analysis=time to recovery, log_rank",
        f"monitoring.interim=[{when}]",
        f"monitoring.harm_analysis={EVENT}, risk_difference",
        f"population.patients={PATIENTS}",
        f"safety.{EVENT}.shares={{placebo={placebo}, baricitinib={baricitinib}}}",
        *more,
    ]


@pytest.mark.parametrize(
    ("shares", "spending", "replicates"),
    [
        ((0.16, 0.21), "obrien-fleming", 6000),
        ((0.10, 0.13), "pocock", 6000),
        pytest.param((0.20, 0.20), "pocock", 100_000, marks=pytest.mark.verify),
        pytest.param((0.16, 0.21), "pocock", 60_000, marks=pytest.mark.verify),
    ],
)
def test_trials_stop_for_harm_as_often_as_the_law_of_the_statistics_says(shares, spending, replicates) -> None:
    changes = monitored(*shares, f"monitoring.harm={spending}")
    trial = load_scenario(SCENARIO, changes=changes).trial
    judge = trial.monitoring.harm
    # The test itself, from its large-sample law; the increments are those of the patients who are complete.
    (plan,) = (plan for plan in trial.analyses if plan.name == judge.analysis)
    law = large_sample(analysis_input(Cells(trial), plan, get_method(plan.method)), PATIENTS)
    mean, sd = -law.mean_z * np.sqrt(TIMES), law.sd_z
    rho = math.sqrt(TIMES[0] / TIMES[1])
    both = multivariate_normal.cdf(judge.z, mean, sd**2 * np.array([[1.0, rho], [rho, 1.0]]))
    first, second = norm.cdf(np.array(judge.z), mean, sd)
    found = jaksim.power(SCENARIO, changes=changes, replicates=replicates, seed=3)
    for look, expected in zip(found.characteristics.looks, (first, second - both), strict=False):
        error = math.sqrt(expected * (1.0 - expected) / replicates)
        assert abs(look.stopped["harm"].share - expected) < 4.0 * error + 0.004  # a normal law of counts


def test_bounds_spend_the_level_of_harm() -> None:
    judge = load_scenario(SCENARIO, changes=monitored(0.2, 0.2, "monitoring.harm_alpha=0.05")).trial.monitoring.harm
    rho = math.sqrt(TIMES[0] / TIMES[1])
    spent = 0.05 * np.log(1.0 + (math.e - 1.0) * TIMES)  # Lan and DeMets (1983), the function like Pocock's bounds
    assert norm.cdf(judge.z[0]) == pytest.approx(spent[0], rel=1e-7)
    stays = multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]]).cdf([-judge.z[0], -judge.z[1]])
    assert 1.0 - stays == pytest.approx(spent[1], rel=1e-5)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("monitoring.harm_analysis=time to recovery, log_rank", "tested for efficacy"),
        ("monitoring.harm_analysis=serious", "serious"),
        ("monitoring.harm=wang-tsiatis:0.2", "spending function"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused(change, words) -> None:
    with pytest.raises(InputError) as refused:
        load_scenario(SCENARIO, changes=monitored(0.2, 0.2, change))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("harm_z", "decision", "left_open"),
    [(-3.5, "harm", False), (-1.0, "goes on", False), (None, "goes on", True)],
)
def test_an_analysis_that_has_been_made_is_told_of_harm(harm_z, decision, left_open) -> None:
    changes = monitored(0.2, 0.2, f"population.patients={PATIENTS}")
    found = jaksim.interim(SCENARIO, changes=changes, look=1, z=1.0, standard_error=0.1, harm_z=harm_z, draws=0)
    assert (found.decision, bool(found.left_open)) == (decision, left_open)
    assert found.bounds["harm"] == pytest.approx(-2.3, abs=0.1)
