"""The proportional odds model fitted to every table of a block, with one of three tests."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.ordinal.proportional_odds_cells import collapse, informative
from jaksim.analysis.ordinal.proportional_odds_derivatives import derivatives, log_likelihood_gain
from jaksim.analysis.ordinal.proportional_odds_maximum import maximise
from jaksim.analysis.ordinal.proportional_odds_robust import sandwich_variance
from jaksim.analysis.ordinal.proportional_odds_step import newton_step
from jaksim.kernel.jit import inner, kernel

LARGEST_STANDARD_ERROR = 1e3
FAR = (10.0, 15.0, 20.0, 25.0, 30.0)
"""Log odds ratios beyond all that data can tell, where a likelihood nears its supremum until rounding ends the way."""
WALD, SCORE, LIKELIHOOD_RATIO = 0, 1, 2


ROUNDING = 1e-9


@kernel
def proportional_odds_kernel(tables: Any, groups: Any, n_groups: Any, test: Any, value: Any, out: Any) -> None:
    """Fill out (B, 3) from tables (B, 2, S, K); groups (K,) is the place of each category in the order, -1 for none.

    z is for a log odds ratio of `value`: that of the Wald test, the score test (observed information at the fit under
    it) or the signed root of the likelihood ratio. Under separation the estimate is infinite and the score and the
    likelihood ratio, whose supremum is finite, still give z.
    """
    _fit_all(tables, groups, n_groups, test, value, None, out)


@kernel
def robust_proportional_odds_kernel(tables: Any, groups: Any, n_groups: Any, test: Any, value: Any, out: Any) -> None:
    """As `proportional_odds_kernel`, with the robust standard error and its Wald test; compiled where it is planned."""
    _fit_all(tables, groups, n_groups, test, value, True, out)


@inner
def _fit_all(tables: Any, groups: Any, n_groups: Any, test: Any, value: Any, robust: Any, out: Any) -> None:
    n_strata = tables.shape[2]
    collapsed = np.empty((2, n_strata, n_groups))
    cells = np.empty((2 * n_strata, n_groups))
    design = np.empty((2 * n_strata, 2), dtype=np.int64)
    totals = np.empty(n_groups)
    alpha = np.empty(n_groups)
    scratch = np.empty((5, n_groups))
    borders = np.empty((n_strata + 2, n_groups))
    small = np.empty((n_strata + 4, n_strata))
    null_alpha = np.empty(n_groups)
    out[:] = np.nan
    if n_groups == 0:
        return
    for b in range(tables.shape[0]):
        collapse(tables[b], groups, collapsed)
        n_cells, n_used, n_categories = informative(collapsed, cells, design, totals)
        if n_categories >= 2 and n_used >= 1:
            _fit(
                cells[:n_cells, :n_categories],
                design[:n_cells],
                totals[:n_categories],
                alpha[: n_categories - 1],
                scratch[:, : n_categories - 1],
                borders[: n_used + 1, : n_categories - 1],
                small[: n_used + 4, :n_used],
                null_alpha[: n_categories - 1],
                test,
                value,
                robust,
                out[b],
            )


@inner
def _fit(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    scratch: Any,
    borders: Any,
    small: Any,
    null_alpha: Any,
    test: Any,
    value: Any,
    robust: Any,
    out: Any,
) -> None:
    """Estimate, standard error and z into out (3,), as far as they exist; model-based where `robust` is None."""
    p = small.shape[1]
    information, theta, null_theta = small[:p], small[p], small[p + 3]
    free = test >= 0  # no constant: the function would be compiled once for each
    direction = 0.0
    if test in (SCORE, LIKELIHOOD_RATIO):
        direction = _score(cells, design, totals, alpha, scratch, borders, small, null_alpha, null_theta, value)
        if not math.isfinite(direction):
            return
        if test == SCORE:
            out[2] = direction
    found = maximise(cells, design, totals, alpha, scratch, borders, small, free, 0.0, 0.0, 0.0)
    standard_error = 1.0 / information[p - 1, p - 1] if found else np.inf
    if standard_error < LARGEST_STANDARD_ERROR:
        out[0] = theta[p - 1]
        out[1] = standard_error
        if robust is not None:  # which is known, and left out, when it is compiled
            out[1] = math.sqrt(sandwich_variance(cells, design, alpha, theta, scratch, borders, information))
        if test == WALD:
            out[2] = (out[0] - value) / out[1]
        elif test == LIKELIHOOD_RATIO:
            gain = log_likelihood_gain(cells, design, totals, alpha, theta, null_alpha, null_theta)
            out[2] = math.copysign(math.sqrt(2.0 * max(gain, 0.0)), out[0] - value)
        return
    if test == WALD:
        direction = _score(cells, design, totals, alpha, scratch, borders, small, null_alpha, null_theta, value)
    gain = _supremum(cells, design, totals, alpha, scratch, borders, small, null_alpha, null_theta, value, direction)
    if gain > 0.0:
        out[0] = math.copysign(np.inf, direction)
        if test == LIKELIHOOD_RATIO:
            out[2] = math.copysign(math.sqrt(2.0 * gain), direction)


@inner
def _score(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    scratch: Any,
    borders: Any,
    small: Any,
    null_alpha: Any,
    null_theta: Any,
    value: Any,
) -> Any:
    """Score of the treatment in standard errors at the fit under a value, which is kept; NaN where there is none."""
    p = small.shape[1]
    information, theta, gradient, step = small[:p], small[p], small[p + 1], small[p + 2]
    free, fixed = p > 0, p < 0
    if not maximise(cells, design, totals, alpha, scratch, borders, small, fixed, value, 0.0, 0.0):
        return np.nan
    for j in range(alpha.shape[0]):  # assigning slices takes two seconds more to compile
        null_alpha[j] = alpha[j]
    for i in range(p):
        null_theta[i] = theta[i]
    derivatives(cells, design, totals, alpha, theta, scratch, borders, gradient, information, free)
    if newton_step(scratch, borders, gradient, information, step, free) >= 0.0:
        return gradient[p - 1]
    return np.nan


@inner
def _supremum(
    cells: Any,
    design: Any,
    totals: Any,
    alpha: Any,
    scratch: Any,
    borders: Any,
    small: Any,
    null_alpha: Any,
    null_theta: Any,
    value: Any,
    direction: Any,
) -> Any:
    """What the log likelihood gains towards an infinite log odds ratio; 0 unless it grows all the way (separation).

    It is concave, so it does where it grows between ratios that are beyond all that data can tell.
    """
    p = small.shape[1]
    theta = small[p]
    fixed = p < 0
    supremum = 0.0
    if not (direction > 0.0 or direction < 0.0):
        return supremum
    for place in range(len(FAR)):
        at = value + math.copysign(FAR[place], direction)
        # A stratum that drifts off at its own ratio may not have come to rest, where it says nearly nothing any more.
        maximise(cells, design, totals, alpha, scratch, borders, small, fixed, at, 0.0, 0.0)
        gain = log_likelihood_gain(cells, design, totals, alpha, theta, null_alpha, null_theta)
        if not gain > supremum - ROUNDING:
            return supremum if place > 1 and not gain < supremum - ROUNDING else 0.0
        supremum = max(gain, supremum)
    return supremum
