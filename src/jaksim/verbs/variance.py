"""Where the variance of a prediction comes from, and what other priors of the differences between trials make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.expected_estimates import expected_estimates
from jaksim.design.parameter_draws import ROUNDING
from jaksim.design.prediction import TOGETHER
from jaksim.model.parameter_set import ParameterSet
from jaksim.verbs.draws import ParameterDraw, Uncertain

MOST_DRAWS: Final = 64
"""More do not make a variance much better known."""
_DRAWS_FOR_EACH: Final = 3
OTHER_SCALES: Final = (0.10, 0.25)
"""Scales of the half-normal priors of the standard deviation between trials that a prediction is repeated with."""


def variance_parts(uncertain: Uncertain, drawn: Sequence[ParameterDraw]) -> list[dict[str, float]]:
    """Of each analysis the variance of its estimate in a very large trial, by what it comes from.

    That of a part is the variance if nothing else were uncertain: the part as in the draws, the others at their
    estimates. TOGETHER has what they do beyond their sum: the variance of what remains when all their single changes
    are taken from the change by all, its covariance with these, and the covariances of parts that come from one
    parameter set.
    """
    some = drawn[:MOST_DRAWS]
    parts, trial = uncertain.parts, uncertain.scenario.trial
    if not parts:
        return [{} for _ in trial.analyses]
    models = [uncertain.section.model]
    models += [uncertain.model(draw, only) for only in (*((part,) for part in parts), None) for draw in some]
    estimates = expected_estimates(trial, models)
    changes = (estimates[1:] - estimates[0]).reshape(len(parts) + 1, len(some), -1)
    numbers = {part: np.array([uncertain.numbers(part, draw) for draw in some]) for part in parts}
    return [_split(uncertain, numbers, changes[:, :, column]) for column in range(len(trial.analyses))]


def _split(uncertain: Uncertain, numbers: Mapping[str, Floats], changes: Floats) -> dict[str, float]:
    """From the numbers (draws, N) of each part and the changes (parts and all, draws) of an estimate.

    A change is nearly linear in the numbers, whose covariance is known: only what is left of the regression on them has
    its variance from the draws. Parts that are drawn independently have no covariance.
    """
    finite = np.isfinite(changes).all(axis=0)
    if np.count_nonzero(finite) < 2:
        return dict.fromkeys((*numbers, TOGETHER), math.nan)
    known = np.where(np.abs(changes) > ROUNDING, changes, 0.0)[:, finite]
    slopes, left = {}, []
    for change, (part, values) in zip(known, numbers.items(), strict=False):
        slopes[part] = _slopes(values[finite], change)
        left.append(change - values[finite] @ slopes[part])
    rest = np.cov(np.vstack([left, known[-1] - known[:-1].sum(axis=0)]))
    of_rest = np.cov(known[:-1], known[-1] - known[:-1].sum(axis=0))[:-1, -1]
    single, together = {}, float(rest[-1, -1] + 2.0 * of_rest.sum())
    for row, one in enumerate(numbers):
        for column, other in enumerate(numbers):
            linear = uncertain.covariance(one, other)
            if one != other and not linear.any():
                continue
            found = float(slopes[one] @ linear @ slopes[other] + rest[row, column])
            if one == other:
                single[one] = found
            else:
                together += found
    return {**single, TOGETHER: together}


def _slopes(values: Floats, change: Floats) -> Floats:
    """Of a regression of the change (draws,) on values (draws, N); none where there are too few draws."""
    if len(change) < _DRAWS_FOR_EACH * (values.shape[1] + 1):
        return np.zeros(values.shape[1])
    centred = values - values.mean(axis=0)
    found: Floats = np.linalg.lstsq(centred, change - change.mean(), rcond=1e-10)[0]
    return found


def weights_of_priors(uncertain: Uncertain, drawn: Sequence[ParameterDraw]) -> dict[str, Floats]:
    """How much more likely each draw (draws,) is under other priors of the standard deviations between trials, in words
    by prior, that of the fit first; nothing where the standard deviations are not those of a pooled parameter set."""
    if not uncertain.heterogeneity.pooled:
        return {}
    sets = {name: found for name, found in uncertain.section.parameter_sets.items() if found.pooling is not None}
    used = {name: found for name, found in sets.items() if name in uncertain.section.set_of.values()}
    scales = {scale for found in used.values() if found.pooling for scale in found.pooling.tau_prior.values()}
    own = " and ".join(f"{scale:.2f}" for scale in sorted(scales))
    return {f"half-normal {own}, as fitted": np.ones(len(drawn))} | {
        f"half-normal {scale:.2f}": np.exp(sum(_log_weights(name, found, drawn, scale) for name, found in used.items()))
        for scale in OTHER_SCALES
    }


def _log_weights(name: str, found: ParameterSet, drawn: Sequence[ParameterDraw], scale: float) -> Floats:
    """Logarithm of the ratio (draws,) of the half-normal densities with another scale and with that of the fit."""
    assert found.pooling is not None
    own = np.array([found.pooling.tau_prior[kind] for kind in found.pooling.kinds])
    taus = found.pooling.tau_draws[[draw.rows[name] for draw in drawn]]
    log_ratio: Floats = (np.log(own / scale) - 0.5 * taus**2 * (scale**-2 - own**-2)).sum(axis=1)
    return log_ratio
