"""What each trial does to the pooled effects, and whether it agrees with the others."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.pooling.hierarchy import PooledPosterior, left_out
from jaksim.pooling.priors import KINDS
from jaksim.pooling.summaries import TrialEffects, Within

_SEEN = 1e-6


@dataclass(frozen=True)
class Influence:
    """One trial left out: by cell, how its drug's effect was `without` it, and moved `by` in standard deviations.

    `statistic` is the squared distance of what the trial tells from what the others predict for it, in as many
    directions (`df`) as it tells anything of, and `p_value` the chance of a larger one.
    """

    study: str
    drug: str
    cells: tuple[str, ...]
    without: tuple[float, ...]
    without_sd: tuple[float, ...]
    moved: tuple[float, ...]
    statistic: float
    df: int
    p_value: float


def influence_of(posterior: PooledPosterior, *, seed: int = 1, points: int = 512) -> tuple[Influence, ...]:
    """Each trial left out in turn; the only trial of a drug leaves it to its class."""
    if len(posterior.summaries) < 2:
        return ()
    return tuple(_influence(posterior, trial, seed, points) for trial in posterior.summaries)


def expected(posterior: PooledPosterior, trial: TrialEffects) -> tuple[Floats, Floats]:
    """Mean (C,) and covariance (C, C) of the effects of a trial with its own deviation, given these trials.

    A drug that no trial had is expected as its class is, a class as the prior has it.
    """
    coordinates, priors = posterior.coordinates, posterior.priors
    weights, count = posterior.weights, len(trial.cells)
    rows, alone, unknown = np.zeros((count, coordinates.size)), np.zeros(count), np.zeros(count)
    numbers = [KINDS.index(kind) for kind in trial.kinds]
    between_drugs = weights @ posterior.omega_points**2
    between_trials = weights @ posterior.tau_points**2
    for row, (cell, number) in enumerate(zip(trial.cells, numbers, strict=True)):
        if (trial.drug, cell) in coordinates.drugs:
            rows[row, coordinates.of_drug(trial.drug, cell)] = 1.0
        elif (trial.treatment_class, cell) in coordinates.classes:
            rows[row, coordinates.of_class(trial.treatment_class, cell)] = 1.0
            alone[row] = between_drugs[number]
        else:
            alone[row] = priors.class_sd**2 + between_drugs[number]
        if trial.share is not None and coordinates.interactions:
            weights, left = coordinates.expected_interaction(trial.treatment_class, KINDS[number], priors)
            rows[row] += trial.share * weights
            unknown[row] = trial.share * np.sqrt(left)
    same = np.equal.outer(numbers, numbers)
    covariance = rows @ posterior.covariance @ rows.T + np.diag(alone)
    covariance += same * (between_trials[numbers] + np.outer(unknown, unknown))
    return rows @ posterior.mean, covariance


def distance(likelihood: TrialEffects | Within, mean: Floats, covariance: Floats) -> tuple[float, int]:
    """Squared distance of what is told from a prediction of it, and the directions in which anything is told."""
    information, weighted = likelihood.information, likelihood.weighted
    values, vectors = np.linalg.eigh(information)
    seen = values > _SEEN * max(values[-1], 1e-300)
    directions = vectors[:, seen]
    away = directions.T @ (weighted - information @ mean) / values[seen]
    spread = np.diag(1.0 / values[seen]) + directions.T @ covariance @ directions
    return float(away @ np.linalg.solve(spread, away)), int(seen.sum())


def _influence(posterior: PooledPosterior, trial: TrialEffects, seed: int, points: int) -> Influence:
    from scipy.stats import chi2

    others = left_out(posterior, trial.study, seed=seed, points=points)
    mean, covariance = expected(others, trial)
    alone = replace(trial, share=None, within=None)
    without, spread = expected(others, alone)
    between = others.weights @ others.tau_points**2
    numbers = [KINDS.index(kind) for kind in trial.kinds]
    without_sd = np.sqrt(np.diag(spread) - between[numbers])
    at = [posterior.coordinates.of_drug(trial.drug, cell) for cell in trial.cells]
    moved = (posterior.mean[at] - without) / without_sd
    statistic, df = distance(trial, mean, covariance)
    return Influence(
        study=trial.study,
        drug=trial.drug,
        cells=trial.cells,
        without=tuple(without.tolist()),
        without_sd=tuple(without_sd.tolist()),
        moved=tuple(moved.tolist()),
        statistic=statistic,
        df=df,
        p_value=float(chi2.sf(statistic, df)) if df else 1.0,
    )
