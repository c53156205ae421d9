"""Group-sequential trials simulated patient by patient against numerical integration."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.design.analyses.evaluation import settle
from jaksim.design.conduct.designs import make_design
from jaksim.design.conduct.stopping import Stopping
from jaksim.design.engine.cells import Cells
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import distance
from jaksim.scenario import load_scenario
from jaksim.trial.monitoring.bounds import at_information

SCENARIO = Path(__file__).parents[1] / "scenarios" / "interims.toml"
# The integral is of a normal limit: many patients and a small effect leave little but Monte Carlo error.
LARGE = (
    "population.patients=2400",
    "disease.treatments.drug.effect.0.hazard_ratio=1.13",
    "accrual.rates=[60.0, 60.0]",
)
REPLICATES = 5000
WORST_Z = 4.0
KINDS = {
    "one-sided": (),
    "pocock": ("monitoring.spending=pocock",),
    "two-sided": ("analysis.well.sides=2", "analysis.well.alpha=0.05", "monitoring.spending=power:2"),
    "futility that does not bind": ("monitoring.futility=hsd:-2",),
    "futility that binds": ("monitoring.futility=hsd:-2", "monitoring.binding=true", "monitoring.spending=hsd:-4"),
    "harm": ("monitoring.harm=pocock",),
    "futility and harm": ("monitoring.futility=z:-0.3,0.5", "monitoring.harm=obrien-fleming"),
    "no efficacy at first": ("monitoring.interim.0.efficacy=false", "monitoring.futility=hsd:1"),
    "Haybittle-Peto": ("monitoring.spending=haybittle-peto:3",),
    "information in the data": ("monitoring.information=complete", "monitoring.futility=hsd:-2"),
    "by the calendar": (
        "monitoring.information=complete",
        "monitoring.interim.0.when=day >= 27",
        "monitoring.interim.0.information=0.4",
        "monitoring.interim.1.when=day >= 40",
        "monitoring.interim.1.information=0.72",
    ),
    "minimisation": ("randomisation.scheme=minimisation",),
}
EVENTS = (
    "monitoring.analysis=recovery",
    "monitoring.information=events",
    "monitoring.maximum=260",
    "monitoring.interim.0.when=events >= 40 %",
    "monitoring.interim.1.when=events >= 70 %",
    "monitoring.spending=pocock",
)


def integrated(trial, result):
    """The integral at the average information of the trials, which passes the planned one by a day's patients."""
    cells = Cells(trial)
    design = make_design(cells, settle(cells), 0)
    information = [look.information for look in result.characteristics.looks]
    planned = design.monitoring.boundaries
    return Stopping(at_information(planned, information)).probabilities(design.twin.drift)


def worst(result, exact):
    found = 0.0
    for look, chances in zip(result.characteristics.looks, exact, strict=True):
        for reason, chance in chances.items():
            # Where less than one trial in ten thousand ends, the normal limit of the tail is not what is tested.
            if chance > 1e-4:
                found = max(found, abs(distance(look.stopped[reason].share, chance, REPLICATES)))
    return found


@pytest.mark.parametrize(
    ("kind", "null"),
    [*((kind, False) for kind in KINDS), ("two-sided", True), ("futility that binds", True), ("harm", True)],
)
def test_trials_end_as_often_as_the_integral_says(kind, null):
    trial = load_scenario(SCENARIO, changes=[*LARGE, *KINDS[kind]]).trial
    trial = replace(trial, analyses=trial.analyses[:1])
    result = trial_power(trial, Settings(replicates=REPLICATES, seed=21), null=null)
    monitored = result.analyses[0]
    if trial.monitoring.information == "planned":
        exact = [look.analytic for look in result.characteristics.looks]
        assert abs(monitored.power - monitored.analytic_power) < WORST_Z * monitored.mc_se
    else:
        exact = integrated(trial, result)
    assert worst(result, exact) < WORST_Z


def test_information_by_events_keeps_the_level_of_a_log_rank_test():
    trial = load_scenario(SCENARIO, changes=EVENTS).trial
    trial = replace(trial, analyses=tuple(one for one in trial.analyses if one.name == "recovery"))
    result = trial_power(trial, Settings(replicates=8000, seed=22), null=True)
    power = result.analyses[0].power
    assert abs(power - 0.05) < WORST_Z * math.sqrt(0.05 * 0.95 / 8000)
    shares = [look.stopped["efficacy"].share + look.stopped["harm"].share for look in result.characteristics.looks]
    assert min(shares) > 0.005


def test_futility_by_another_analysis_stops_half_without_an_effect_and_takes_no_level():
    judged = ("monitoring.interim.0.futility_analysis=recovery", "monitoring.interim.0.futility_z=0")
    trial = load_scenario(SCENARIO, changes=[*LARGE, *judged]).trial
    result = trial_power(trial, Settings(replicates=REPLICATES, seed=24), null=True)
    first = result.characteristics.looks[0]
    assert abs(distance(first.stopped["futility"].share, 0.5, REPLICATES)) < WORST_Z
    power = result.analyses[0].power
    assert 0.0 < power < 0.025 + WORST_Z * math.sqrt(0.025 * 0.975 / REPLICATES)


def test_another_test_at_the_end_keeps_the_level_and_spends_what_was_planned_before_it():
    last = "analysis.death={name='late', endpoint='recovery', method='max_combo'}"
    interims = [f"monitoring.interim.{k}.analysis=recovery" for k in (0, 1)]
    changes = [*EVENTS, last, "monitoring.analysis=late", *interims]
    trial = load_scenario(SCENARIO, changes=changes).trial
    result = trial_power(trial, Settings(replicates=8000, seed=25), null=True)
    level = next(one.power for one in result.analyses if one.name == "late")
    assert 0.5 * 0.05 < level < 0.05 + WORST_Z * math.sqrt(0.05 * 0.95 / 8000)
    early = sum(
        look.stopped[reason].share for look in result.characteristics.looks[:2] for reason in ("efficacy", "harm")
    )
    spent = float(trial.monitoring.boundaries.alpha_spent[1])
    assert abs(distance(early, spent, 8000)) < WORST_Z


def test_early_stopping_spares_patients_and_days():
    few, all_of_them = (
        trial_power(
            load_scenario(SCENARIO, changes=["accrual.rates=[4.0, 4.0]", f"monitoring.futility={futility}"]).trial,
            Settings(replicates=1000, seed=23),
        ).characteristics
        for futility in ("hsd:1", "")
    )
    assert few.patients.mean < all_of_them.patients.mean < 800
    assert few.duration.mean < all_of_them.duration.mean
