"""Trials of the joint calibration predicted from one another."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.backtest import load_backtest
from jaksim.calibration.joint.selection import SelectedTrial, load_joint_selection
from jaksim.calibration.left_out import predictive
from jaksim.calibration.mechanistic.backtest import MechanisticBacktest, backtest_trials
from jaksim.calibration.mechanistic.statistical import STATISTICAL, with_statistical
from jaksim.calibration.posterior import Sampling
from jaksim.errors import InputError
from jaksim.pooling.summaries import TrialEffects

SHORT = Sampling(chains=16, burn_in=8, steps=12)
CHOSEN = ("recovery-baricitinib", "stop-covid", "recovery-tocilizumab")


@cache
def trials() -> tuple[SelectedTrial, ...]:
    return tuple(trial for trial in load_joint_selection().trials if trial.study.name in CHOSEN)


@cache
def told() -> tuple[TrialEffects, ...]:
    """As if each trial had found a tenth less of everything bad, and its patients to recover a tenth faster."""
    found = []
    for trial in trials():
        cells = tuple(cell.name for cell in trial.cells)
        found.append(
            TrialEffects.of(
                np.array([0.1 if cell == "improvement" else -0.1 for cell in cells]),
                0.04 * np.eye(len(cells)),
                study=trial.study.name,
                published=trial.published,
                drug=trial.drug.name,
                treatment_class=trial.drug.treatment_class,
                share=trial.share,
                cells=cells,
                windows=((0.0, 14.0),) * len(cells),
            )
        )
    return tuple(found)


def run(summaries=None, **more) -> MechanisticBacktest:
    settings = {"draws": 32, "replicates": 3, "sampling": SHORT, **more}
    return backtest_trials(trials(), told() if summaries is None else summaries, **settings)


@cache
def found() -> MechanisticBacktest:
    return run()


def test_trials_come_in_the_order_of_publication_and_one_alone_in_its_class_is_skipped():
    order = {trial.study.name: trial.published for trial in trials()}
    names = [study.study for study in found().studies]
    assert set(names) == {"recovery-baricitinib", "stop-covid"}
    assert names == sorted(names, key=lambda name: order[name])
    assert found().skipped == {"recovery-tocilizumab": "no other trial of the class IL-6 receptor antagonist"}


def test_what_the_left_out_trial_told_does_not_enter_its_prediction():
    changed = [replace(one, weighted=-9.0 * one.weighted) if one.study == "stop-covid" else one for one in told()]
    before, after = ({s.study: s.numbers for s in result.studies} for result in (found(), run(changed)))
    assert after["stop-covid"] == before["stop-covid"]
    assert after["recovery-baricitinib"] != before["recovery-baricitinib"]


def test_only_those_asked_for_are_predicted_as_they_are_among_all():
    told_of: list[int] = []
    one = run(only=("recovery-baricitinib",), advance=told_of.append)
    assert told_of == [1]
    assert one.studies == tuple(study for study in found().studies if study.study == "recovery-baricitinib")
    with pytest.raises(InputError, match="no such trial"):
        run(only=("recovery-baricitinip",))
    with pytest.raises(InputError, match="no trial can be predicted"):
        run(only=("recovery-tocilizumab",))


def test_of_earlier_trials_alone_the_first_of_a_class_cannot_be_predicted():
    """STOP-COVID appeared in 2021, RECOVERY in 2022: what the later one told does not enter the earlier."""
    result = run(earlier=True)
    assert [study.study for study in result.studies] == ["recovery-baricitinib"]
    assert result.studies[0] == found().studies[1]
    assert result.skipped["stop-covid"] == "no earlier trial of the class JAK inhibitor"


def test_a_trial_that_was_not_pooled_cannot_be_predicted():
    others = [one for one in told() if one.study != "recovery-baricitinib"]
    assert (
        run([*others, replace(others[0], study="elsewhere")])
        .skipped["recovery-baricitinib"]
        .startswith("not among the trials")
    )


def test_summaries_cover_all_numbers_once():
    result = found()
    numbers = [number for study in result.studies for number in study.numbers]
    assert sum(kind.numbers for kind in result.by_kind) == len(numbers)
    assert sum(study.numbers for study in result.by_study) == result.overall.numbers
    assert {number.study for number in result.missed} <= {"recovery-baricitinib", "stop-covid"}


def test_the_statistical_hierarchy_scores_its_own_record_by_the_other_trials():
    """The log density of its mixture at the published ratio, with the sampling error of the simulated trials."""
    plan, record = load_backtest("mortality"), "mortality_hazard_ratio_day28.all"
    trials_of_plan = [replace(t, records=(record,)) if t.study == "stop-covid" else t for t in plan.trials]
    own = next(trial for trial in trials_of_plan if trial.study == "stop-covid")
    study = next(study for study in found().studies if study.study == "stop-covid")
    scored = with_statistical(study, [replace(plan, trials=tuple(trials_of_plan))])
    others = [trial for trial in trials_of_plan if trial is not own]
    mixture = predictive(others, own.agent, own.treatment_class, study.deviations[record], plan.spread)
    reported = next(math.log(number.reported) for number in study.numbers if number.record == record)
    expected = [
        weight * stats.norm.pdf(reported, mean, sd)
        for weight, mean, sd in zip(mixture.weights, mixture.means, mixture.standard_deviations, strict=True)
    ]
    scores = {number.record: number.log_scores for number in scored.numbers}
    assert scores[record][STATISTICAL] == pytest.approx(math.log(sum(expected)))
    assert [name for name, kept in scores.items() if STATISTICAL in kept] == [record]
