"""Trials predicted from their control arm: what enters, and whether predictions are right where the model is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

from jaksim.calibration.mechanistic.figure_kinds import CONTROL_CHECK
from jaksim.calibration.mechanistic.trial import Effects, PredictedStudy, predict_study
from jaksim.calibration.posterior import Sampling
from jaksim.calibration.replicates import replicate_study, replicated_statistics
from jaksim.calibration.simulation_based import with_figures, with_prior
from jaksim.calibration.study import CalibrationStudy, load_calibration_study
from jaksim.calibration.target import CountTarget, MedianTarget, RatioTarget, TableTarget

SHORT = Sampling(chains=16, burn_in=8, steps=12)
DRAWS = 64


@cache
def trial() -> CalibrationStudy:
    """ACTT-2 with the figures of scores 5 and 6, one of each kind."""
    full = load_calibration_study("actt-2")
    chosen = (
        "day15_table.score5.placebo",
        "day15_table.score5.baricitinib",
        "deaths_day28.score6.placebo",
        "deaths_day28.score6.baricitinib",
        "mortality_day28.all.placebo",
        "median_recovery.score6.baricitinib",
        "recovery_rate_ratio.all",
    )
    kept = [pair for pair in zip(full.targets, full.statistics, strict=True) if pair[0].id in chosen]
    assert len(kept) == len(chosen)
    return replace(full, targets=tuple(t for t, _ in kept), statistics=tuple(s for _, s in kept))


def effects(study: CalibrationStudy, seed: int = 1, mean: float = 0.0, sd: float = 0.2) -> Effects:
    names = tuple(e.parameter for e in study.template.effects if e.treatment == "baricitinib")
    rng = np.random.default_rng(seed)
    drawn = mean + sd * rng.standard_normal((DRAWS, len(names)))
    return Effects(names, {"jaksim": drawn, "no effect": np.zeros_like(drawn)})


def predicted(study: CalibrationStudy, seed: int = 1, given: Effects | None = None) -> PredictedStudy:
    return predict_study(study, ["baricitinib"], given or effects(study), replicates=4, seed=seed, sampling=SHORT)


@cache
def found() -> PredictedStudy:
    return predicted(trial())


def test_every_figure_that_is_not_fitted_is_scored():
    assert found().fitted_records == ("day15_table.score5.placebo", "deaths_day28.score6.placebo")
    scored = [number.id for number in found().numbers]
    assert [i for i in scored if ".placebo" in i] == ["mortality_day28.all.placebo"]
    assert {i.removesuffix(f".{i[-1]}") if i.startswith("day15") else i for i in scored} == {
        "day15_table.score5.baricitinib",
        "deaths_day28.score6.baricitinib",
        "mortality_day28.all.placebo",
        "median_recovery.score6.baricitinib",
        "recovery_rate_ratio.all",
    }
    kinds = {number.id: number.kind for number in found().numbers}
    assert kinds["mortality_day28.all.placebo"] == CONTROL_CHECK
    for number in found().numbers:
        assert 0.0 <= number.placed.below <= number.pit <= number.placed.through <= 1.0
        assert set(number.log_scores) == {"jaksim", "no effect"}


def test_the_same_seed_gives_the_same_prediction():
    assert predicted(trial()) == found()
    assert predicted(trial(), seed=2) != found()


def test_no_figure_of_the_active_arm_and_no_contrast_enters():
    """Each such figure is made another one: what is predicted for all the others stays, to the last digit."""
    changed = []
    for target in trial().targets:
        match target:
            case TableTarget() if "baricitinib" in target.id:
                changed.append(replace(target, counts=tuple(reversed(target.counts))))
            case CountTarget() if "baricitinib" in target.id:
                changed.append(replace(target, events=target.events + 20))
            case MedianTarget():
                changed.append(replace(target, median=target.median + 5))
            case RatioTarget():
                changed.append(replace(target, ratio=3.0 * target.ratio, log_standard_error=0.01))
            case _:
                changed.append(target)
    other = predicted(replace(trial(), targets=tuple(changed)))
    assert sum(a != b for a, b in zip(changed, trial().targets, strict=True)) == 4
    for before, after in zip(found().numbers, other.numbers, strict=True):
        assert (after.id, after.placed.median, after.placed.intervals) == (
            before.id,
            before.placed.median,
            before.placed.intervals,
        )


def test_a_figure_of_the_control_arm_does_enter():
    targets = tuple(
        replace(t, events=t.events + 15) if t.id == "deaths_day28.score6.placebo" else t for t in trial().targets
    )
    other = predicted(replace(trial(), targets=targets))
    deaths = {n.id: n.placed.median for n in other.numbers}["deaths_day28.score6.baricitinib"]
    assert deaths > {n.id: n.placed.median for n in found().numbers}["deaths_day28.score6.baricitinib"]


def test_a_drug_that_helps_is_predicted_to_help():
    """Log hazard ratios of 0 everywhere but improvement: the rate ratio follows, the control arm stays."""
    given = effects(trial(), mean=0.0, sd=0.0)
    strong = {
        **given.draws,
        "jaksim": np.where([".improvement" in n for n in given.parameters], 0.7, 0.0) + given.draws["jaksim"],
    }
    better = {n.id: n.placed.median for n in predicted(trial(), given=Effects(given.parameters, strong)).numbers}
    none = {n.id: n.placed.median for n in predicted(trial(), given=given).numbers}
    assert none["recovery_rate_ratio.all"] == pytest.approx(1.0, abs=0.08)
    assert 1.4 < better["recovery_rate_ratio.all"] < 2.2
    assert better["median_recovery.score6.baricitinib"] < none["median_recovery.score6.baricitinib"]
    assert better["mortality_day28.all.placebo"] == none["mortality_day28.all.placebo"]


@pytest.mark.parametrize("worlds", [30, pytest.param(200, marks=pytest.mark.verify)])
def test_transforms_are_uniform_where_the_model_is_true(worlds):
    """Truths drawn from the priors, figures simulated at them, and the trial predicted from its control arm.

    Numbers of one world hang together, so that each number is tested over worlds: Kolmogorov-Smirnov, level 0.001 / 7.
    """
    study = with_prior(trial(), trial().template.prior_mean, 0.3 * np.ones(len(trial().template.names)))
    names = effects(study).parameters
    columns = [study.template.names.index(name) for name in names]
    transforms: dict[str, list[float]] = {}
    for world in range(worlds):
        rng = np.random.default_rng([7, world])
        truth = study.template.prior_mean + study.template.prior_sd * rng.standard_normal(len(study.template.names))
        figures = [row[0] for row in replicated_statistics(replicate_study(study, truth, 1, world))]
        drawn = study.template.prior_mean[columns] + 0.3 * rng.standard_normal((DRAWS, len(names)))
        seen = with_figures(study, figures)
        for number in predicted(seen, world, Effects(names, {"jaksim": drawn})).numbers:
            transforms.setdefault(number.id, []).append(number.pit)
    tested = [
        "day15_table.score5.baricitinib.1",
        "day15_table.score5.baricitinib.5",
        "day15_table.score5.baricitinib.7",
        "deaths_day28.score6.baricitinib",
        "mortality_day28.all.placebo",
        "median_recovery.score6.baricitinib",
        "recovery_rate_ratio.all",
    ]
    for name in tested:
        assert len(transforms[name]) > 0.6 * worlds, name
        assert stats.kstest(transforms[name], "uniform").pvalue > 0.001 / len(tested), name
