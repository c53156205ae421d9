"""What one trial tells of its drug's effects, its natural history integrated out.

The trial is fitted with wide priors of the effects. Its estimate with the sandwich covariance (`information`) is a
normal posterior, from which the prior of the effects is taken out again: what is left is what the figures say, and
nothing of an effect that no figure speaks of.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.optimize import least_squares

from jaksim.arrays import Floats
from jaksim.calibration.fit import REPLICATES, settling
from jaksim.calibration.importance import pareto_smoothed_weights
from jaksim.calibration.information import sandwich_covariance, score_covariance
from jaksim.calibration.joint.selection import SelectedTrial
from jaksim.calibration.joint.within import within_trial
from jaksim.calibration.predict import predict
from jaksim.calibration.problem import BLOCK, FitProblem
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.target import Fitted
from jaksim.model.template import EffectTemplate, Parameter
from jaksim.pooling.summaries import TrialEffects
from jaksim.rng import Purpose, generator

PRIOR_SD: Final = 1.0
"""Of the effects in the fit of a single trial; taken out of what the trial tells."""
_TRIES: Final = 1024


@dataclass(frozen=True, eq=False)
class StageOne:
    """A trial's study with common cells as its effects, the fit, and what the trial tells.

    `estimate` (parameters,) is the fit, with residuals and Jacobian there. `history_gain` (natural history, C)
    and `history_base` say what the free parameters of the natural history are expected to be where the effects are
    known: base + gain effects.
    """

    trial: SelectedTrial
    study: CalibrationStudy
    effects: TrialEffects
    estimate: Floats
    residuals: Floats
    jacobian: Floats
    fitted: tuple[Fitted, ...]
    history_base: Floats
    history_gain: Floats

    def at(self, effects: Floats) -> Floats:
        """Parameters (parameters,) of the study where its drug has these effects (C,)."""
        values = self.estimate.copy()
        free = self.study.template.prior_sd > 0
        own = own_effects(self.study, self.trial)
        values[free & ~own] = self.history_base + self.history_gain @ effects
        values[own] = effects
        return values


def effect_name(trial: SelectedTrial, cell: str) -> str:
    """Name of the parameter that is the effect of a cell."""
    return f"effect.{trial.drug.name}.{cell}"


def stage_one_study(trial: SelectedTrial) -> CalibrationStudy:
    """The trial's study with the effects of its drug replaced by one parameter for each cell of its class.

    Parameters of the natural history come first, then the effects, in the order of the cells.
    """
    template = trial.study.template
    others = tuple(effect for effect in template.effects if effect.treatment not in trial.treatments)
    own = tuple(
        EffectTemplate(
            treatment=treatment,
            moves=cell.moves,
            parameter=effect_name(trial, cell.name),
            current_scores=cell.current_scores,
            window=cell.window(trial.treatment_days),
            label=cell.name,
        )
        for treatment in trial.treatments
        for cell in trial.cells
    )
    used = {name for move in template.moves for name in move.parameters}
    used |= {name for profile in template.profiles.values() for name in profile.parameters}
    used |= {effect.parameter for effect in others}
    kept = tuple(parameter for parameter in template.parameters if parameter.name in used)
    words = f"log hazard ratio of {trial.drug.name} on"
    added = tuple(
        Parameter(effect_name(trial, cell.name), 0.0, PRIOR_SD, f"{words} {cell.name}") for cell in trial.cells
    )
    changed = replace(template, effects=(*others, *own), parameters=(*kept, *added))
    return replace(trial.study, template=changed)


def own_effects(study: CalibrationStudy, trial: SelectedTrial) -> np.ndarray:
    """Which parameters (parameters,) are the effects of the trial's drug."""
    own = {effect_name(trial, cell.name) for cell in trial.cells}
    return np.array([name in own for name in study.template.names])


def stage_one(trial: SelectedTrial, *, seed: int = 1, replicates: int = REPLICATES) -> StageOne:
    """Fit a trial with its own natural history; deterministic for a seed."""
    study = stage_one_study(trial)
    problem = FitProblem(study)
    with settling():
        found = least_squares(problem.residuals, problem.start, problem.jacobian, x_scale="jac", xtol=1e-9, ftol=1e-9)
        estimate = problem.full(found.x)
        spread = score_covariance(study, estimate, replicates, seed)
        figures = len(spread)
        own = own_effects(study, trial)[problem.free]
        covariance = sandwich_covariance(found.jac, spread)[np.ix_(own, own)]
        information, weighted = without_prior(found.x[own], covariance, PRIOR_SD)
        curvature = found.jac.T @ found.jac
        gain = -np.linalg.solve(curvature[np.ix_(~own, ~own)], curvature[np.ix_(~own, own)])
    positions = np.flatnonzero(own_effects(study, trial))
    cells = tuple(cell.name for cell in trial.cells)
    windows = tuple(cell.window(trial.treatment_days) for cell in trial.cells)
    rows = zip(study.targets, predict(study, estimate[None]), strict=True)
    return StageOne(
        trial=trial,
        study=study,
        effects=TrialEffects(
            study=study.name,
            published=trial.published,
            drug=trial.drug.name,
            treatment_class=trial.drug.treatment_class,
            share=trial.share,
            cells=cells,
            windows=tuple((window.start, window.end) for window in windows),
            information=information,
            weighted=weighted,
            within=within_trial(trial.within, trial.evidence, study, trial.treatments, estimate, positions.tolist()),
        ),
        estimate=estimate,
        residuals=found.fun[:figures],
        jacobian=found.jac[:figures],
        fitted=tuple(row for target, predicted in rows for row in target.rows(predicted[0])),
        history_base=found.x[~own] - gain @ found.x[own],
        history_gain=gain,
    )


def without_prior(mean: Floats, covariance: Floats, prior_sd: float) -> tuple[Floats, Floats]:
    """Information (C, C) and weighted (C,) of a normal posterior less its prior N(0, prior_sd^2).

    A direction in which the posterior is as wide as the prior, or wider, has none.
    """
    variances, directions = np.linalg.eigh(covariance)
    told = np.maximum(1.0 / variances - prior_sd**-2.0, 0.0)
    seen = directions[:, told > 0.0]
    information = (directions * told) @ directions.T
    weighted = seen @ ((seen.T @ mean) / variances[told > 0.0])
    return (information + information.T) / 2.0, weighted


def judged(stage: StageOne, mean: Floats, covariance: Floats, *, seed: int = 1) -> StageOne:
    """The stage with the Pareto k of its normal approximation where effects are expected N(mean, covariance).

    Importance weights take the likelihood with residuals linear in the parameters, which is what a trial is pooled by,
    to the likelihood itself, at draws of natural history and effects from the posterior under that expectation.
    """
    problem = FitProblem(stage.study)
    own = own_effects(stage.study, stage.trial)[problem.free]
    point = stage.estimate[problem.free]
    precision = np.diag(np.where(own, 0.0, problem.sd[problem.free] ** -2.0))
    precision[np.ix_(own, own)] = np.linalg.inv(covariance)
    centre = problem.start.copy()
    centre[own] = mean
    root = np.linalg.cholesky(np.linalg.inv(stage.jacobian.T @ stage.jacobian + precision))
    slope = stage.jacobian.T @ (stage.jacobian @ point - stage.residuals) + precision @ centre
    draws = root @ (root.T @ slope) + generator(seed, Purpose.POSTERIOR).standard_normal((_TRIES, len(point))) @ root.T
    linear = stage.residuals + (draws - point) @ stage.jacobian.T
    blocks = [problem.residual_rows(draws[i : i + BLOCK])[:, : len(stage.residuals)] for i in range(0, _TRIES, BLOCK)]
    log_ratio = 0.5 * (np.sum(linear**2, axis=1) - np.sum(np.concatenate(blocks) ** 2, axis=1))
    pareto_k = pareto_smoothed_weights(np.where(np.isnan(log_ratio), -np.inf, log_ratio))[1]
    return replace(stage, effects=replace(stage.effects, pareto_k=pareto_k))
