"""Predictive distributions of trials given other trials, by the normal hierarchy of a backtest.

Given the three standard deviations of the hierarchy all log ratios are jointly normal with covariance C, own errors
included, so that one inverse of C predicts every trial from all others (mean y_i - (C^-1 y)_i / (C^-1)_ii, variance
1 / (C^-1)_ii; Sundararajan and Keerthi, 2001), and one Cholesky factor every trial from those before it. The standard
deviations are integrated over by Gauss and Legendre's rule, which is dense near zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.evidence.synthesis.posterior import NormalMixture
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence

NODES: Final = 20
# Prior standard deviations beyond which nothing of a half-normal is left.
_REACH: Final = 8.0
# Sets of standard deviations whose covariances are held at a time.
_BLOCK: Final = 512


@dataclass(frozen=True)
class Spread:
    """Scales of the priors: of the common mean (normal) and of the three standard deviations (half-normal)."""

    mean: float = 1.0
    classes: float = 0.25
    agents: float = 0.25
    trials: float = 0.25


def predictive(
    others: Sequence[TrialEvidence], agent: str, treatment_class: str, standard_error: float, spread: Spread
) -> NormalMixture:
    """Predictive distribution of a new trial's log ratio, of known standard error, given other trials."""
    hierarchy = _Hierarchy(
        np.array([*(trial.treatment_class for trial in others), treatment_class]),
        np.array([*(trial.agent for trial in others), agent]),
        np.array([*(trial.standard_error for trial in others), standard_error]),
        spread,
    )
    y = np.array([trial.log_ratio for trial in others])
    return _mixtures([_from_earlier(np.append(y, 0.0), block, weights) for block, weights in hierarchy.blocks()])[-1]


def each_from_others(trials: Sequence[TrialEvidence], spread: Spread) -> list[NormalMixture]:
    """Predictive distribution of each trial's log ratio given all other trials."""
    y = np.array([trial.log_ratio for trial in trials])
    return _mixtures([_from_others(y, block, weights) for block, weights in _Hierarchy.of(trials, spread).blocks()])


def each_from_earlier(trials: Sequence[TrialEvidence], spread: Spread) -> list[NormalMixture]:
    """Predictive distribution of each trial's log ratio given those before it in the sequence."""
    y = np.array([trial.log_ratio for trial in trials])
    return _mixtures([_from_earlier(y, block, weights) for block, weights in _Hierarchy.of(trials, spread).blocks()])


@dataclass(frozen=True, eq=False)
class _Hierarchy:
    """Classes, agents and standard errors (n,) of trials that share the hierarchy."""

    classes: np.ndarray
    agents: np.ndarray
    errors: Floats
    spread: Spread

    @classmethod
    def of(cls, trials: Sequence[TrialEvidence], spread: Spread) -> _Hierarchy:
        return cls(
            np.array([trial.treatment_class for trial in trials]),
            np.array([trial.agent for trial in trials]),
            np.array([trial.standard_error for trial in trials]),
            spread,
        )

    def blocks(self) -> Iterator[tuple[Floats, Floats]]:
        """Covariances (m, n, n) of the log ratios at m sets of standard deviations, with the logs of their weights."""
        scales = (self.spread.classes, self.spread.agents, self.spread.trials)
        nodes, weights = zip(*(_half_normal(scale) for scale in scales), strict=True)
        squares = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1).reshape(-1, 3) ** 2
        log_weights = np.log(np.stack(np.meshgrid(*weights, indexing="ij"), axis=-1)).sum(axis=-1).ravel()
        same_class = (self.classes[:, None] == self.classes).astype(float)
        same_agent = (self.agents[:, None] == self.agents).astype(float)
        own = np.eye(len(self.errors))
        for first in range(0, len(squares), _BLOCK):
            part = squares[first : first + _BLOCK, :, None, None]
            covariance = (
                self.spread.mean**2
                + part[:, 0] * same_class
                + part[:, 1] * same_agent
                + (part[:, 2] + self.errors**2) * own
            )
            yield covariance, log_weights[first : first + _BLOCK]


def _from_others(y: Floats, covariance: Floats, log_weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Log weight, mean and standard deviation (m, n) of each trial given all others."""
    precision = np.linalg.inv(covariance)
    solved = precision @ y
    _, log_determinant = np.linalg.slogdet(covariance)
    diagonal = np.diagonal(precision, axis1=1, axis2=2)
    means, deviations = y - solved / diagonal, 1.0 / np.sqrt(diagonal)
    together = log_weights - 0.5 * (solved @ y + log_determinant + len(y) * math.log(2.0 * math.pi))
    return together[:, None] - _log_density(y, means, deviations), means, deviations


def _from_earlier(y: Floats, covariance: Floats, log_weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Log weight, mean and standard deviation (m, n) of each trial given those before it."""
    factor = np.linalg.cholesky(covariance)
    deviations = np.diagonal(factor, axis1=1, axis2=2)
    standard = np.linalg.solve(factor, np.broadcast_to(y[:, None], (len(factor), len(y), 1)))[..., 0]
    means = y - deviations * standard
    so_far = np.cumsum(_log_density(y, means, deviations), axis=1)
    before = np.concatenate([np.zeros((len(factor), 1)), so_far[:, :-1]], axis=1)
    return log_weights[:, None] + before, means, deviations


def _mixtures(parts: list[tuple[Floats, Floats, Floats]]) -> list[NormalMixture]:
    log_weights, means, deviations = (np.concatenate(part) for part in zip(*parts, strict=True))
    weights = np.exp(log_weights - log_weights.max(axis=0))
    return [NormalMixture(w, m, s) for w, m, s in zip(weights.T, means.T, deviations.T, strict=True)]


def _half_normal(scale: float) -> tuple[Floats, Floats]:
    """Nodes and weights of a quadrature for a half-normal standard deviation."""
    if scale == 0.0:
        return np.zeros(1), np.ones(1)
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    steps = 0.5 * _REACH * (1.0 + nodes)
    weights = weights * np.exp(-0.5 * steps**2)
    return scale * steps, weights / weights.sum()


def _log_density(y: Floats, means: Floats, deviations: Floats) -> Floats:
    return np.asarray(-0.5 * ((y - means) / deviations) ** 2 - np.log(deviations) - 0.5 * math.log(2 * math.pi))
