"""Network meta-analysis of contrasts, with the correlations of multi-arm trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.heterogeneity import i_squared, maximum
from jaksim.evidence.synthesis.inference import Contrast, check_level, wald
from jaksim.evidence.synthesis.network_trial import NetworkTrial, treatments_of

NetworkMethod = Literal["fixed", "dersimonian_laird", "reml"]
NETWORK_METHODS = ("fixed", "dersimonian_laird", "reml")


@dataclass(frozen=True, eq=False)
class Stacked:
    """All contrasts of all trials: effects (n,), design (n, p), covariance (n, n) and its heterogeneity pattern.

    The pattern holds 1 on the diagonal and 1/2 between contrasts of one trial: the true effects of all pairs in a trial
    vary with the same variance (Higgins and Whitehead 1996).
    """

    y: Floats
    x: Floats
    v: Floats
    pattern: Floats

    def weights(self, tau2: float) -> Floats:
        return np.asarray(np.linalg.inv(self.v + tau2 * self.pattern))

    def fit(self, tau2: float) -> tuple[Floats, Floats, float]:
        """Coefficients, their covariance, and the weighted residual sum of squares."""
        w = self.weights(tau2)
        covariance = np.linalg.inv(self.x.T @ w @ self.x)
        beta = covariance @ (self.x.T @ w @ self.y)
        residual = self.y - self.x @ beta
        return np.asarray(beta), np.asarray(covariance, dtype=float), float(residual @ w @ residual)

    @property
    def df(self) -> int:
        return len(self.y) - int(self.x.shape[1])

    def moment_tau2(self) -> float:
        """Generalised moment estimator of DerSimonian and Laird (Jackson, White and Riley 2012)."""
        if not self.df:
            return 0.0
        w = self.weights(0.0)
        _, covariance, q = self.fit(0.0)
        projected = w - w @ self.x @ covariance @ self.x.T @ w
        return max(0.0, (q - self.df) / float(np.trace(projected @ self.pattern)))

    def reml_tau2(self) -> float:
        """Restricted maximum likelihood."""

        def log_likelihood(tau2: float) -> float:
            _, covariance, q = self.fit(tau2)
            logs = np.linalg.slogdet(self.v + tau2 * self.pattern)[1] - np.linalg.slogdet(covariance)[1]
            return -0.5 * (float(logs) + q)

        if not self.df:
            return 0.0
        residual = self.y - self.x @ self.fit(0.0)[0]
        return maximum(log_likelihood, scale=float(np.ptp(residual) ** 2 + self.v.diagonal().max()))


@dataclass(frozen=True, eq=False)
class Network:
    """Effects of all treatments against the reference: `estimates` and `covariance` in the order of `treatments`.

    The reference has estimate and variance 0. `q` and `q_df` measure heterogeneity and inconsistency together.
    """

    trials: tuple[NetworkTrial, ...]
    treatments: tuple[str, ...]
    reference: str
    method: str
    level: float
    estimates: Floats
    covariance: Floats
    tau2: float
    q: float
    q_df: int

    @property
    def i2(self) -> float:
        return i_squared(self.q, self.q_df)

    def compare(self, first: str, second: str) -> Contrast:
        """First against second treatment, from direct and indirect evidence together."""
        row = self._row(first) - self._row(second)
        return wald(
            float(row @ self.estimates), math.sqrt(max(0.0, float(row @ self.covariance @ row))), level=self.level
        )

    def league(self) -> dict[tuple[str, str], Contrast]:
        """Every treatment against every other."""
        return {(a, b): self.compare(a, b) for a in self.treatments for b in self.treatments if a != b}

    def _row(self, treatment: str) -> Floats:
        if treatment not in self.treatments:
            raise InputError("no such treatment", where="network", allowed=self.treatments, got=treatment)
        return np.asarray(np.eye(len(self.treatments))[self.treatments.index(treatment)])


def network(
    trials: Sequence[NetworkTrial],
    *,
    reference: str | None = None,
    method: NetworkMethod = "dersimonian_laird",
    level: float = 0.95,
) -> Network:
    """Fixed or random effects network meta-analysis under consistency, one heterogeneity variance for all comparisons.

    `reference` defaults to the first treatment in alphabetical order. InputError when the trials do not connect the
    treatments.
    """
    check_level(level)
    if method not in NETWORK_METHODS:
        raise InputError("unknown method", where="method", allowed=NETWORK_METHODS, got=method)
    labels = [trial.label for trial in trials]
    if len(set(labels)) != len(labels):
        raise InputError("each trial once", where="trials", got=next(x for x in labels if labels.count(x) > 1))
    treatments = treatments_of(trials)
    base = treatments[0] if reference is None else reference
    if base not in treatments:
        raise InputError("no such treatment", where="reference", allowed=treatments, got=base)
    others = [name for name in treatments if name != base]
    stacked = stack(trials, others)
    tau2 = {"fixed": lambda: 0.0, "dersimonian_laird": stacked.moment_tau2, "reml": stacked.reml_tau2}[method]()
    beta, covariance, _ = stacked.fit(tau2)
    rows = [treatments.index(name) for name in others]
    estimates, full = np.zeros(len(treatments)), np.zeros((len(treatments), len(treatments)))
    estimates[rows], full[np.ix_(rows, rows)] = beta, covariance
    return Network(
        trials=tuple(trials),
        treatments=treatments,
        reference=base,
        method=method,
        level=level,
        estimates=estimates,
        covariance=full,
        tau2=tau2,
        q=stacked.fit(0.0)[2],
        q_df=stacked.df,
    )


def stack(trials: Sequence[NetworkTrial], columns: Sequence[str]) -> Stacked:
    """Contrasts of all trials, with one column per treatment other than the reference."""
    x = np.concatenate([contrast_rows(trial, columns) for trial in trials])
    return stack_with(trials, x)


def stack_with(trials: Sequence[NetworkTrial], x: Floats) -> Stacked:
    """Contrasts of all trials with a design of one's own."""
    from scipy.linalg import block_diag

    y = np.concatenate([trial.effects for trial in trials])
    v = block_diag(*(trial.covariance for trial in trials))
    pattern = block_diag(*(0.5 * (1 + np.eye(len(trial.effects))) for trial in trials))
    return Stacked(y, x, v, pattern)


def contrast_rows(trial: NetworkTrial, columns: Sequence[str]) -> Floats:
    """+1 for the treatment of each contrast, -1 for the first treatment of the trial."""
    first = np.array([name == trial.treatments[0] for name in columns], dtype=float)
    return np.asarray([[name == other for name in columns] for other in trial.treatments[1:]] - first)
