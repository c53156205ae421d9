"""Proportional odds regression of patients, replicate by replicate: the conditional odds ratio of a better status.

Maximum likelihood of logit P(rank <= j) = threshold_j + columns by Newton's method; the thresholds, whose information
is tridiagonal, are eliminated first. z is Wald's, by the observed information (McCullagh 1980) or by the sandwich
(Huber 1967; White 1982), which holds when odds are not proportional.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.analysis.regression.columns import both_arms, fill_columns, on_the_scale_given
from jaksim.analysis.regression.logistic import DECREMENT, MOST_HALVINGS, MOST_STEPS, ROBUST, SEPARATED, dot, expit
from jaksim.analysis.regression.solving import add_outer, factor, invert, sandwich, solve
from jaksim.kernel.jit import inner, kernel

LONGEST: Final = 10.0
"""Logits that a threshold moves in one step at most."""


@kernel
def proportional_odds_kernel(
    starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any, betas: Any,
    covariances: Any,
) -> None:  # fmt: skip
    """Fill out (B, 3) as `logistic_kernel` does, from ranks y without gaps, 0 the best, -1 unknown."""
    q = betas.shape[1]
    longest = ranks = 0
    for b in range(starts.shape[0] - 1):
        longest = max(longest, starts[b + 1] - starts[b])
    for i in range(y.shape[0]):
        ranks = max(ranks, y[i] + 1)
    z = np.empty((longest, q))
    used = np.empty(longest)
    category = np.empty(longest, dtype=np.int64)
    totals = np.empty(ranks)
    spread = np.empty(q)
    information = np.empty((q, q))
    scratch = np.empty((q, q))
    thresholds = np.empty(ranks)
    blocks = np.empty((3, ranks))
    border = np.empty((2, ranks, q + 1))
    for b in range(starts.shape[0] - 1):
        begin, end = starts[b], starts[b + 1]
        n = end - begin
        out[b, :] = np.nan
        beta, covariance = betas[b % betas.shape[0]], covariances[b % betas.shape[0]]
        beta[:] = np.nan
        covariance[:] = np.nan
        for i in range(n):
            used[i] = weight[begin + i] if y[begin + i] >= 0 else 0.0
        m = _without_gaps(y[begin:end], used[:n], totals, category[:n]) - 1
        if m < 1 or not both_arms(arm[begin:end], used[:n]):
            continue
        fill_columns(x[begin:end], stratum[begin:end], arm[begin:end], used[:n], 0, z[:n], spread)
        given = (z[:n], category[:n], used[:n], totals[: m + 1])
        if not _fit(given, thresholds[:m], beta, information, blocks[:, :m], border[:, :m]):
            beta[:] = np.nan
            continue
        invert(information, covariance)
        if not information[q - 1, q - 1] > 0.0:
            continue
        error = math.sqrt(covariance[q - 1, q - 1])
        if error > SEPARATED:
            out[b, 0] = math.copysign(math.inf, beta[q - 1])
        else:
            if how == ROBUST:
                _meat(given, thresholds[:m], beta, border[1, :m], information)
                sandwich(covariance, information, scratch)
                covariance[:] = information
                error = math.sqrt(covariance[q - 1, q - 1])
            out[b, 0] = beta[q - 1]
            out[b, 1] = error
            out[b, 2] = (beta[q - 1] - value) / error
        on_the_scale_given(spread, beta, covariance)


@inner
def _without_gaps(y: Any, used: Any, totals: Any, category: Any) -> Any:
    """Fill the category (n,) of each patient among those that have any, and their totals; how many there are."""
    totals[:] = 0.0
    for i in range(y.shape[0]):
        if used[i] > 0.0:
            totals[y[i]] += used[i]
    number = np.empty(totals.shape[0], dtype=np.int64)
    found = 0
    for k in range(totals.shape[0]):
        number[k] = found
        if totals[k] > 0.0:
            totals[found] = totals[k]
            found += 1
    for i in range(y.shape[0]):
        category[i] = number[y[i]] if used[i] > 0.0 else -1
    return found


@inner
def _fit(given: Any, alpha: Any, beta: Any, information: Any, blocks: Any, border: Any) -> Any:
    """Fill thresholds (m,), coefficients (q,) and the Cholesky factor of their information; whether they were found.

    border[1] (m, q + 1) is left with the block between thresholds and coefficients, solved by that of the thresholds.
    """
    m, q = alpha.shape[0], beta.shape[0]
    score, step, moves = np.empty(q), np.empty(q), np.empty(m)
    next_alpha, next_beta = np.empty(m), np.empty(q)
    patients, reached = given[3].sum(), 0.0
    for j in range(m):
        reached += given[3][j]
        alpha[j] = math.log(reached / (patients - reached))
    beta[:] = 0.0
    value = _derivatives(given, alpha, beta, score, information, blocks, border[0])
    for _ in range(MOST_STEPS):
        decrement = _newton_step(score, information, blocks, border, step, moves)
        farthest = 0.0
        for j in range(m):
            farthest = max(farthest, abs(moves[j]))
        for i in range(q):
            farthest = max(farthest, abs(step[i]))
        size = LONGEST / farthest if farthest > LONGEST else 1.0
        if decrement < DECREMENT:
            for j in range(m):
                alpha[j] += size * moves[j]
            for i in range(q):
                beta[i] += size * step[i]
            return True
        for _ in range(MOST_HALVINGS):
            for j in range(m):
                next_alpha[j] = alpha[j] + size * moves[j]
            for i in range(q):
                next_beta[i] = beta[i] + size * step[i]
            found = _derivatives(given, next_alpha, next_beta, score, information, blocks, border[0])
            if found >= value - 1e-9 * abs(value):
                break
            size *= 0.5
        alpha[:] = next_alpha
        beta[:] = next_beta
        value = found
    return False


@inner
def _derivatives(given: Any, alpha: Any, beta: Any, score: Any, information: Any, blocks: Any, border: Any) -> Any:
    """The log likelihood, -inf where thresholds cross.

    Fills the score (q,) and the lower half of the information (q, q) of the coefficients; of the thresholds, diagonal,
    what stands beside it, and score (3, m); and border (m, q) between them. A category has the probability F(upper)
    (1 - F(lower)) (1 - exp(lower - upper)), where the last factor depends on the thresholds alone.
    """
    z, category, used, totals = given
    m, q = alpha.shape[0], beta.shape[0]
    for j in range(1, m):
        if not alpha[j] > alpha[j - 1]:
            return -math.inf
    score[:] = 0.0
    information[:] = 0.0
    blocks[:] = 0.0
    border[:] = 0.0
    value = 0.0
    for i in range(z.shape[0]):
        c = category[i]
        if c < 0:
            continue
        shift = dot(z[i], beta)
        slope = bend = 0.0
        if c < m:
            eta = alpha[c] + shift
            small = math.exp(-abs(eta))
            value -= used[i] * (math.log1p(small) + max(-eta, 0.0))
            chance = expit(eta)
            curve = used[i] * chance * (1.0 - chance)
            slope += used[i] * (1.0 - chance)
            bend += curve
            blocks[0, c] += curve
            blocks[2, c] += used[i] * (1.0 - chance)
            for k in range(q):
                border[c, k] += curve * z[i, k]
        if c > 0:
            eta = alpha[c - 1] + shift
            small = math.exp(-abs(eta))
            value -= used[i] * (math.log1p(small) + max(eta, 0.0))
            chance = expit(eta)
            curve = used[i] * chance * (1.0 - chance)
            slope -= used[i] * chance
            bend += curve
            blocks[0, c - 1] += curve
            blocks[2, c - 1] -= used[i] * chance
            for k in range(q):
                border[c - 1, k] += curve * z[i, k]
        for k in range(q):
            score[k] += slope * z[i, k]
        add_outer(bend, z[i], information)
    for j in range(1, m):
        gap = alpha[j] - alpha[j - 1]
        value += totals[j] * math.log(-math.expm1(-gap))
        pull = totals[j] / math.expm1(gap)
        curve = totals[j] / (4.0 * math.sinh(0.5 * gap) ** 2)
        blocks[2, j] += pull
        blocks[2, j - 1] -= pull
        blocks[0, j] += curve
        blocks[0, j - 1] += curve
        blocks[1, j] = -curve
    return value


@inner
def _newton_step(score: Any, information: Any, blocks: Any, border: Any, step: Any, moves: Any) -> Any:
    """Fill the step (q,) of the coefficients and the moves (m,) of the thresholds; its squared length in errors.

    The information (q, q) becomes the Cholesky factor of that without the thresholds.
    """
    m, q = moves.shape[0], step.shape[0]
    solved = border[1]
    for j in range(m):
        for k in range(q):
            solved[j, k] = border[0, j, k]
        solved[j, q] = blocks[2, j]
        if j > 0:
            ratio = blocks[1, j] / blocks[0, j - 1]
            blocks[0, j] -= ratio * blocks[1, j]
            for k in range(q + 1):
                solved[j, k] -= ratio * solved[j - 1, k]
    for j in range(m - 1, -1, -1):
        for k in range(q + 1):
            if j < m - 1:
                solved[j, k] -= blocks[1, j + 1] * solved[j + 1, k]
            solved[j, k] /= blocks[0, j]
    length = 0.0
    for j in range(m):
        length += blocks[2, j] * solved[j, q]
        for i in range(q):
            score[i] -= border[0, j, i] * solved[j, q]
            for k in range(i + 1):
                information[i, k] -= border[0, j, i] * solved[j, k]
    factor(information)
    step[:] = score
    solve(information, step)
    for i in range(q):
        length += score[i] * step[i]
    for j in range(m):
        moves[j] = solved[j, q]
        for i in range(q):
            moves[j] -= solved[j, i] * step[i]
    return length


@inner
def _meat(given: Any, alpha: Any, beta: Any, solved: Any, out: Any) -> None:
    """Fill the lower half of out (q, q) with the sum over patients of their squared scores, less what the thresholds
    explain."""
    z, category, used, _ = given
    m, q = alpha.shape[0], beta.shape[0]
    own = np.empty(q)
    out[:] = 0.0
    for i in range(z.shape[0]):
        c = category[i]
        if c < 0:
            continue
        shift = dot(z[i], beta)
        upper = 1.0 - expit(alpha[c] + shift) if c < m else 0.0
        lower = -expit(alpha[c - 1] + shift) if c > 0 else 0.0
        gap = 1.0 / math.expm1(alpha[c] - alpha[c - 1]) if 0 < c < m else 0.0
        for k in range(q):
            own[k] = (upper + lower) * z[i, k]
            if c < m:
                own[k] -= (upper + gap) * solved[c, k]
            if c > 0:
                own[k] -= (lower - gap) * solved[c - 1, k]
        add_outer(used[i], own, out)
