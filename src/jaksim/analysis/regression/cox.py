"""Cox regression of patients, replicate by replicate: the conditional hazard ratio of the event.

Maximum of the partial likelihood by Newton's method, with Efron's (1977) or Breslow's handling of ties; the strata of
the model have baseline hazards of their own. z is Wald's, by the information or by the sandwich of Lin and Wei (1989),
which holds when hazards are not proportional.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from jaksim.analysis.regression.columns import both_arms, fill_columns, on_the_scale_given
from jaksim.analysis.regression.logistic import DECREMENT, MOST_HALVINGS, MOST_STEPS, SEPARATED, dot
from jaksim.analysis.regression.solving import add_outer, factor, invert, sandwich, solve
from jaksim.kernel.jit import inner, kernel

ROBUST: Final = 1
BRESLOW: Final = 2
"""`how` is the sum of those that hold."""


@kernel
def cox_kernel(
    starts: Any, arm: Any, stratum: Any, y: Any, weight: Any, x: Any, how: Any, value: Any, out: Any, betas: Any,
    covariances: Any,
) -> None:  # fmt: skip
    """Fill out (B, 3) as `logistic_kernel` does, from y: twice the number of the time, 0 the latest, and 1 for an event
    there; -1 unknown. There is no intercept, and strata are those of the model."""
    q = betas.shape[1]
    longest = times = strata = 0
    for b in range(starts.shape[0] - 1):
        longest = max(longest, starts[b + 1] - starts[b])
    for i in range(y.shape[0]):
        times = max(times, y[i] // 2 + 1)
        strata = max(strata, stratum[i] + 1)
    z = np.empty((longest, q))
    sorted_z = np.empty((longest, q))
    used = np.empty(longest)
    risk = np.empty((2, longest))
    order = np.empty((2, longest), dtype=np.int64)
    places = np.empty(times * strata + 1, dtype=np.int64)
    spread = np.empty(q)
    information = np.empty((q, q))
    scratch = np.empty((q, q))
    for b in range(starts.shape[0] - 1):
        begin, end = starts[b], starts[b + 1]
        n = end - begin
        out[b, :] = np.nan
        beta, covariance = betas[b % betas.shape[0]], covariances[b % betas.shape[0]]
        beta[:] = np.nan
        covariance[:] = np.nan
        for i in range(n):
            used[i] = weight[begin + i] if y[begin + i] >= 0 else 0.0
        if not both_arms(arm[begin:end], used[:n]):
            continue
        fill_columns(x[begin:end], stratum[begin:end], arm[begin:end], used[:n], 0, z[:n], spread)
        n = _sort(y[begin:end], stratum[begin:end], used[:n], times, places, order)
        for i in range(n):
            sorted_z[i] = z[order[0, i]]
            risk[0, i] = used[order[0, i]]
        given = (sorted_z[:n], order[1, :n], risk[0, :n], how < BRESLOW, risk[1, :n])
        if not _fit(given, beta, information):
            beta[:] = np.nan
            continue
        invert(information, covariance)
        if not information[q - 1, q - 1] > 0.0:
            continue
        error = math.sqrt(covariance[q - 1, q - 1])
        if error > SEPARATED:
            out[b, 0] = math.copysign(math.inf, beta[q - 1])
        else:
            if how % 2 == ROBUST:
                _meat(given, beta, information)
                sandwich(covariance, information, scratch)
                covariance[:] = information
                error = math.sqrt(covariance[q - 1, q - 1])
            out[b, 0] = beta[q - 1]
            out[b, 1] = error
            out[b, 2] = (beta[q - 1] - value) / error
        on_the_scale_given(spread, beta, covariance)


@inner
def _sort(y: Any, stratum: Any, used: Any, times: Any, places: Any, order: Any) -> Any:
    """Fill order (2, n): patients by stratum and, in it, from the latest time on; and twice the number of stratum and
    time, and 1 for an event. How many are used."""
    places[:] = 0
    for i in range(y.shape[0]):
        if used[i] > 0.0:
            places[stratum[i] * times + y[i] // 2 + 1] += 1
    for k in range(1, places.shape[0]):
        places[k] += places[k - 1]
    n = 0
    for i in range(y.shape[0]):
        if used[i] > 0.0:
            place = stratum[i] * times + y[i] // 2
            order[0, places[place]] = i
            order[1, places[place]] = 2 * (y[i] // 2) + y[i] % 2 + 2 * times * stratum[i]
            places[place] += 1
            n += 1
    # The number of the stratum is told by where its first patient stands: a new one begins where times start again.
    last = -1
    for i in range(n):
        here = order[1, i] // (2 * times)
        order[1, i] = 4 * (order[1, i] // 2) + 2 * (here != last) + order[1, i] % 2
        last = here
    return n


@inner
def _fit(given: Any, beta: Any, information: Any) -> Any:
    """Fill the coefficients (q,) and the Cholesky factor of their information; whether there is one."""
    q = beta.shape[0]
    score, step, at = np.empty(q), np.empty(q), np.empty(q)
    beta[:] = 0.0
    value = _derivatives(given, beta, score, information)
    for _ in range(MOST_STEPS):
        factor(information)
        step[:] = score
        solve(information, step)
        decrement = dot(step, score)
        if decrement < DECREMENT:
            for k in range(q):
                beta[k] += step[k]
            return True
        for _ in range(MOST_HALVINGS):
            for k in range(q):
                at[k] = beta[k] + step[k]
            found = _derivatives(given, at, score, information)
            if found >= value - 1e-9 * abs(value):
                break
            step *= 0.5
        beta[:] = at
        value = found
    factor(information)
    return True


@inner
def _derivatives(given: Any, beta: Any, score: Any, information: Any) -> Any:
    """The log partial likelihood; fills its score (q,) and the lower half of the information (q, q)."""
    z, place, used, efron, ratio = given
    n, q = z.shape
    largest = _ratios(z, beta, ratio)
    value = s0 = 0.0
    s1, e1 = np.zeros(q), np.zeros(q)
    s2, e2 = np.zeros((q, q)), np.zeros((q, q))
    score[:] = 0.0
    information[:] = 0.0
    i = 0
    while i < n:
        if place[i] % 4 >= 2:
            s0 = 0.0
            s1[:] = 0.0
            s2[:] = 0.0
        e0 = events = 0.0
        j = i
        while j < n and place[j] // 4 == place[i] // 4:
            weight = used[j] * ratio[j]
            s0 += weight
            for k in range(q):
                s1[k] += weight * z[j, k]
            add_outer(weight, z[j], s2)
            if place[j] % 2:
                if events == 0.0:
                    e1[:] = 0.0
                    e2[:] = 0.0
                events += used[j]
                e0 += weight
                value += used[j] * (math.log(ratio[j]) if ratio[j] > 0.0 else dot(z[j], beta) - largest)
                for k in range(q):
                    score[k] += used[j] * z[j, k]
                    e1[k] += weight * z[j, k]
                add_outer(weight, z[j], e2)
            j += 1
        for event in range(math.ceil(events)):
            gone = event / events if efron else 0.0
            total = s0 - gone * e0
            value -= math.log(total)
            for k in range(q):
                mean = (s1[k] - gone * e1[k]) / total
                score[k] -= mean
                for h in range(k + 1):
                    other = (s2[k, h] - gone * e2[k, h]) / total
                    information[k, h] += other - mean * (s1[h] - gone * e1[h]) / total
        i = j
    return value


@inner
def _ratios(z: Any, beta: Any, ratio: Any) -> Any:
    """Fill the hazards (n,) in units of the largest; the logarithm of that one."""
    largest = -math.inf
    for i in range(z.shape[0]):
        ratio[i] = dot(z[i], beta)
        largest = max(largest, ratio[i])
    for i in range(z.shape[0]):
        ratio[i] = math.exp(ratio[i] - largest)
    return largest


@inner
def _meat(given: Any, beta: Any, out: Any) -> None:
    """Fill the lower half of out (q, q) with the sum over patients of their squared score residuals (Therneau,
    Grambsch and Fleming 1990; Efron's form for ties).

    First pass, latest first: what each time adds to the cumulative hazard, plain and times the mean column. Second
    pass, earliest first: each patient's part of what has accumulated.
    """
    z, place, used, efron, ratio = given
    n, q = z.shape
    _ratios(z, beta, ratio)
    hazard, own = np.zeros(n), np.zeros(n)
    shifted, own_shifted, mean = np.zeros((n, q)), np.zeros((n, q)), np.zeros((n, q))
    s0 = 0.0
    s1, e1 = np.zeros(q), np.zeros(q)
    i = 0
    while i < n:
        if place[i] % 4 >= 2:
            s0 = 0.0
            s1[:] = 0.0
        e0 = events = 0.0
        e1[:] = 0.0
        j = i
        while j < n and place[j] // 4 == place[i] // 4:
            weight = used[j] * ratio[j]
            s0 += weight
            for k in range(q):
                s1[k] += weight * z[j, k]
                if place[j] % 2:
                    e1[k] += weight * z[j, k]
            if place[j] % 2:
                events += used[j]
                e0 += weight
            j += 1
        for event in range(math.ceil(events)):
            gone = event / events if efron else 0.0
            total = s0 - gone * e0
            hazard[j - 1] += 1.0 / total
            own[j - 1] += gone / total
            for k in range(q):
                average = (s1[k] - gone * e1[k]) / total
                shifted[j - 1, k] += average / total
                own_shifted[j - 1, k] += gone * average / total
                mean[j - 1, k] += average / events
        i = j
    out[:] = 0.0
    total_hazard = 0.0
    total_shifted, residual = np.zeros(q), np.empty(q)
    last = n - 1
    while last >= 0:
        total_hazard += hazard[last]
        for k in range(q):
            total_shifted[k] += shifted[last, k]
        i, begins = last, False
        while i >= 0 and place[i] // 4 == place[last] // 4:
            begins = place[i] % 4 >= 2
            for k in range(q):
                residual[k] = -ratio[i] * (z[i, k] * total_hazard - total_shifted[k])
                if place[i] % 2:
                    residual[k] += z[i, k] - mean[last, k] + ratio[i] * (z[i, k] * own[last] - own_shifted[last, k])
            add_outer(used[i], residual, out)
            i -= 1
        if begins:
            total_hazard = 0.0
            total_shifted[:] = 0.0
        last = i
