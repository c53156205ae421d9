"""Robust variance of the treatment's log odds ratio in the Markov model, from counts of transitions alone.

Each day of a patient adds its score, taken along the treatment's row of the inverse information, to the patient's
influence on the estimate. The variance is the sum of the squared influences of all patients. Where the daily scores of
a cell (arm, stratum) are a Markov chain that sum is known from the counts: with V(r) the expected influence of the days
still to come, the days' surprises are uncorrelated. Proportional odds need not hold.
Source: the sandwich of White (1982), Econometrica 50:1, with the chain's martingale differences.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.longitudinal.markov_layout import Layout
from jaksim.kernel.jit import inner


@inner
def chain_variance(
    counts: Any, n_days: int, room: Layout, n_cells: int, alpha: Any, theta: Any, along_alpha: Any, along_theta: Any
) -> float:
    """The variance from counts (2, S, H, R, R) at the fit with thresholds `alpha` and coefficients `theta`."""
    n_strata, n_states = counts.shape[1], counts.shape[3]
    influence = np.zeros((2, n_strata, n_days, n_states, n_states))
    by_score = np.empty(len(alpha) + 1)
    for c in range(n_cells):
        influence_of_cell(room.covariates[c], alpha, theta, along_alpha, along_theta, by_score)
        arm, s, d, r = room.cell[c]
        for j in range(n_states):
            if room.place[j] >= 0:
                influence[arm, s, d, r, j] = by_score[room.place[j]]
    variance = 0.0
    for arm in range(2):
        for s in range(n_strata):
            variance += _of_chain(counts[arm, s, :n_days], influence[arm, s])
    return variance


@inner
def influence_of_cell(x: Any, alpha: Any, theta: Any, along_alpha: Any, along_theta: Any, out: Any) -> None:
    """The influence out (J,) of a day with each score, in a cell with covariates x."""
    m = len(alpha)
    shift = tilt = 0.0
    for i in range(len(theta)):
        shift += x[i] * theta[i]
        tilt += x[i] * along_theta[i]
    out[:] = 0.0
    for j in range(m):
        below = 1.0 / (1.0 + math.exp(-alpha[j] - shift))
        out[j] += (1.0 - below) * (along_alpha[j] + tilt)
        out[j + 1] -= below * (along_alpha[j] + tilt)
        if j > 0:
            out[j] += (along_alpha[j] - along_alpha[j - 1]) / math.expm1(alpha[j] - alpha[j - 1])


@inner
def _of_chain(counts: Any, influence: Any) -> float:
    """Sum of the squared influences of the patients of a chain with counts (D, R, R)."""
    n_days, n_states = counts.shape[0], counts.shape[1]
    ahead, now = np.zeros(n_states), np.zeros(n_states)
    variance = 0.0
    for d in range(n_days - 1, -1, -1):
        for r in range(n_states):
            total = expected = 0.0
            for j in range(n_states):
                total += counts[d, r, j]
                expected += counts[d, r, j] * (influence[d, r, j] + ahead[j])
            now[r] = expected / total if total > 0.0 else 0.0
            for j in range(n_states):
                variance += counts[d, r, j] * (influence[d, r, j] + ahead[j] - now[r]) ** 2
            if d == 0:
                variance += total * now[r] ** 2
        ahead[:] = now
    return variance
