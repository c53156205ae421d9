"""A fitted Markov proportional odds model: its transition probabilities, covariance and the influence of each day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from jaksim.analysis.longitudinal.day_trend import day_basis
from jaksim.analysis.longitudinal.markov_layout import SILENT, Layout, layout_of
from jaksim.analysis.longitudinal.methods.markov_proportional_odds import fit_counts
from jaksim.arrays import Floats
from jaksim.endpoint.transition_counts import TransitionCounts


@dataclass(frozen=True, eq=False)
class MarkovModel:
    """logit P(score j or better | score r the day before) = thresholds_j + x . coefficients, the treatment last in x.

    `layout` are the cells of the table that it was fitted to, `basis` (D, q) the days' columns, `observed` (R, R) the
    shares of the scores that follow each score. `estimate`, `se` and `parameters` are as `fit_counts` gives them.
    """

    transitions: TransitionCounts
    layout: Layout
    basis: Floats
    observed: Floats
    estimate: float
    se: float
    thresholds: Floats
    coefficients: Floats

    @property
    def parameters(self) -> Floats:
        """Thresholds, then coefficients (m + p,)."""
        return np.concatenate([self.thresholds, self.coefficients])

    def daily(self, parameters: Floats, arm: int, stratum: int) -> Floats:
        """Transition probabilities (D, R, R) of an arm (0 or 1) and stratum under the parameters (m + p,).

        A score that the model has no transitions from, absorbing or not, goes where it was seen to go.
        """
        n_days, n_states = len(self.basis), self.transitions.n_states
        m = len(self.thresholds)
        theta = parameters[m:]
        P = np.tile(self.observed, (n_days, 1, 1))
        modelled = np.flatnonzero(self.layout.origin != SILENT)
        first_day = max(int(self.layout.origin.max()) + 1, 0)
        shift = self.basis @ theta[first_day : first_day + self.basis.shape[1]] + arm * theta[-1]
        if self.layout.stratum[stratum] >= 0:
            shift = shift + theta[self.layout.stratum[stratum]]
        of_origin = np.array([theta[c] if c >= 0 else 0.0 for c in self.layout.origin[modelled]])
        below = expit(shift[:, None, None] + of_origin[:, None] + parameters[:m])
        edges = np.concatenate([np.zeros((*below.shape[:2], 1)), below, np.ones((*below.shape[:2], 1))], axis=2)
        used = np.flatnonzero(self.layout.place >= 0)
        rows = np.zeros((n_days, len(modelled), n_states))
        rows[:, :, used] = np.diff(edges, axis=2)[:, :, self.layout.place[used]]
        P[:, modelled] = rows
        return P

    def scores_of_days(self) -> Floats:
        """Derivative (N, J, m + p) of the log likelihood of a day of each cell with each score in the parameters."""
        m, x = len(self.thresholds), self.layout.covariates
        below = expit(self.thresholds + (x @ self.coefficients)[:, None])
        found = np.zeros((len(x), m + 1, m + x.shape[1]))
        steps = np.arange(m)
        found[:, steps, steps] += 1.0 - below
        found[:, steps + 1, steps] -= below
        total = found[:, :, :m].sum(axis=2)
        found[:, :, m:] = total[:, :, None] * x[:, None, :]
        pull = 1.0 / np.expm1(np.diff(self.thresholds))
        found[:, steps[1:], steps[1:]] += pull
        found[:, steps[1:], steps[1:] - 1] -= pull
        return found

    def covariance(self, middle: Floats | None = None) -> Floats:
        """Inverse of the observed information of the parameters, or the sandwich with `middle` (m + p, m + p).

        NaN for parameters of which nothing is known.
        """
        bread = self._information()
        known = bread.diagonal() > 0.0
        inverse = np.full(bread.shape, np.nan)
        try:
            inner = np.linalg.inv(bread[np.ix_(known, known)])
        except np.linalg.LinAlgError:  # nothing is known of what sets some of them apart
            return inverse
        if middle is not None:
            inner = inner @ middle[np.ix_(known, known)] @ inner
        inverse[np.ix_(known, known)] = inner
        return inverse

    def log_likelihood(self) -> tuple[float, float]:
        """Log likelihood of the transitions without covariates, and of the fit."""
        totals = self.layout.totals
        below = expit(self.thresholds + (self.layout.covariates @ self.coefficients)[:, None])
        edges = np.column_stack([np.zeros(len(below)), below, np.ones(len(below))])
        counts = self.layout.scores
        seen = counts > 0.0
        fitted = float((counts[seen] * np.log(np.diff(edges, axis=1)[seen])).sum())
        return float((totals * np.log(totals / totals.sum())).sum()), fitted

    def _information(self) -> Floats:
        m, x = len(self.thresholds), self.layout.covariates
        below = expit(self.thresholds + (x @ self.coefficients)[:, None])
        trials = self.layout.scores[:, :-1] + self.layout.scores[:, 1:]
        weight = trials * below * (1.0 - below)
        information = np.zeros((m + x.shape[1],) * 2)
        information[:m, :m] = np.diag(weight.sum(axis=0))
        information[:m, m:] = weight.T @ x
        information[m:, :m] = information[:m, m:].T
        information[m:, m:] = (x * weight.sum(axis=1)[:, None]).T @ x
        curve = self.layout.totals[1:-1] / (4.0 * np.sinh(np.diff(self.thresholds) / 2.0) ** 2)
        for j, bend in enumerate(curve):
            information[j : j + 2, j : j + 2] += bend * np.array([[1.0, -1.0], [-1.0, 1.0]])
        return information


def fit_model(table: Floats, transitions: TransitionCounts, *, day: str, stratified: bool) -> MarkovModel | None:
    """The model fitted to one table (2, S, K); None where it has no estimate."""
    out, parameters = fit_counts(table[None], transitions, day=day, stratified=stratified)
    if not np.isfinite(out).all():
        return None
    counts, basis = transitions.by_day(table), day_basis(day, transitions.last_day)
    order = np.argsort(transitions.rank, kind="stable").astype(np.int64)
    scores, x, cell, place, origin, stratum, totals = layout_of(counts, basis, order, transitions.absorbing, stratified)
    m, p = len(totals) - 1, x.shape[1]
    return MarkovModel(
        transitions=transitions,
        layout=Layout(scores, x, cell, place, origin, stratum, totals),
        basis=basis,
        observed=_shares(counts[:, :, : transitions.last_day].sum(axis=(0, 1, 2))),
        estimate=float(out[0, 0]),
        se=float(out[0, 1]),
        thresholds=parameters[0, :m],
        coefficients=parameters[0, m : m + p],
    )


def _shares(counts: Floats) -> Floats:
    """Share of each score among those that follow a score (R, R); a score that none follows stays."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0.0, counts / np.maximum(total, 1.0), np.eye(len(counts)))
