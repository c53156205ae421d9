"""Aalen-Johansen cumulative incidence of the event by a day; without competing events one minus Kaplan-Meier."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.survival.days import POOLED, STRATA, by_day, chosen_day, common_day, lay_out
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

ROUNDING = 1e-20
GREENWOOD, AALEN = "greenwood", "aalen"
OPTIONS = (
    Key("day", "number", "days since randomisation; by default the last day on which all arms are followed", low=0.0),
    STRATA,
    Key(
        "scale",
        "text",
        "scale of z: plain, log or log_log of the probability without the event",
        "plain",
        ("plain", "log", "log_log"),
    ),
)


def compare(
    tables: Tables,
    endpoint: CategoryMeanings,
    options: Options,
    out: Floats,
    *,
    competing: bool,
    aalen: bool,
) -> None:
    """Fill out (B, 3): probability of the event by the day, active minus reference, and z on the scale asked for.

    `aalen` takes that variance of an incidence in place of Greenwood's.
    """
    days, position, status = by_day(endpoint.time, endpoint.status, competing=competing)
    arms = np.empty((len(tables), 4))
    incidence_kernel(
        tables,
        position,
        status,
        days,
        chosen_day(options, "day", days),
        options["strata"] == POOLED,
        aalen,
        arms,
    )
    arms[:, 1::2][arms[:, 1::2] < ROUNDING] = 0.0
    reference, reference_variance, active, active_variance = arms.T
    out[:, 0] = active - reference
    out[:, 1] = np.sqrt(reference_variance + active_variance)
    scale = options["scale"]
    with np.errstate(divide="ignore", invalid="ignore"):
        (low, low_slope), (high, high_slope) = transform(1 - reference, scale), transform(1 - active, scale)
        error = np.sqrt(low_slope**2 * reference_variance + high_slope**2 * active_variance)
        z = (high - low) / error
    out[:, 2] = np.where(np.isfinite(z) & (error > 0), z, np.nan)


def transform(free: NDArray[np.float64], scale: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A probability without the event on a scale on which more events are higher, and the size of its slope there."""
    if scale == "log":
        return -np.log(free), 1 / free
    if scale == "log_log":
        return np.log(-np.log(free)), 1 / (free * -np.log(free))
    return 1 - free, np.ones_like(free)


@kernel
def incidence_kernel(
    tables: Any, position: Any, status: Any, days: Any, day: Any, pooled: Any, aalen: Any, out: Any
) -> None:
    """Fill out (B, 4): incidence by `day` and its variance in the reference arm, then in the active arm."""
    counts = np.empty((3, days.shape[0]))
    risk = np.empty(days.shape[0] + 1)
    for b in range(tables.shape[0]):
        table = tables[b]
        limit = day if day == day else common_day(table, pooled, position, status, days, counts, risk)
        out[b] = 0.0
        patients = 0.0
        for part in range(1 if pooled else table.shape[1]):
            size = table.sum() if pooled else table[:, part].sum()
            if pooled or (table[0, part].sum() > 0.0 and table[1, part].sum() > 0.0):
                patients += size
                for arm in range(2):
                    lay_out(table[arm] if pooled else table[arm, part : part + 1], position, status, counts, risk)
                    probability, variance = incidence_by(counts, risk, days, limit, aalen)
                    out[b, 2 * arm] += size * probability
                    out[b, 2 * arm + 1] += size * size * variance
        for arm in range(2):
            out[b, 2 * arm] /= patients
            out[b, 2 * arm + 1] /= patients * patients


@inner
def incidence_by(counts: Any, risk: Any, days: Any, limit: Any, aalen: Any) -> Any:
    """Incidence by the day `limit` and its variance, NaN when patients were left but none was followed so long.

    The variance is a sum over days of that of the multinomial numbers of events among those at risk, times the slope
    of the incidence in them: Greenwood's (and the infinitesimal jackknife). `aalen` takes the variance of a sample
    without replacement and no covariance, as Gray's program does (Aalen 1978).
    """
    end = 0
    free = 1.0
    total = 0.0
    while end < days.shape[0] and days[end] <= limit:
        if risk[end] > 0.0:
            total += free * counts[1, end] / risk[end]
            free *= max(0.0, risk[end] - counts[1, end] - counts[2, end]) / risk[end]
        end += 1
    last_followed = end > 0 and days[end - 1] == limit and risk[end - 1] > 0.0
    if risk[0] <= 0.0 or (free > 0.0 and risk[end] <= 0.0 and not last_followed):
        return np.nan, np.nan
    free = 1.0
    so_far = 0.0
    variance = 0.0
    for t in range(end):
        n = risk[t]
        if n > 0.0 and counts[1, t] + counts[2, t] > 0.0:
            before = free
            so_far += before * counts[1, t] / n
            free *= max(0.0, n - counts[1, t] - counts[2, t]) / n
            later = (total - so_far) / free if free > 0.0 else 0.0
            first = counts[1, t] / n
            second = counts[2, t] / n
            if aalen:
                variance += (before * (1.0 - later)) ** 2 * first / n * _without_replacement(n, counts[1, t])
                variance += (before * later) ** 2 * second / n * _without_replacement(n, counts[2, t])
            else:
                mean = (1.0 - later) * first - later * second
                variance += before**2 / n * ((1.0 - later) ** 2 * first + later**2 * second - mean**2)
    return total, max(variance, 0.0)


@kernel
def incidence_curve_kernel(table: Any, position: Any, status: Any, aalen: Any, out: Any) -> None:
    """Fill out (T, 3): incidence on each day, its variance, and the probability without any event, of one arm (S, K).

    As `incidence_by` gives them on each day, in one pass: the covariance of incidence and probability is carried on.
    """
    counts = np.empty((3, out.shape[0]))
    risk = np.empty(out.shape[0] + 1)
    lay_out(table, position, status, counts, risk)
    free, total = 1.0, 0.0
    var_free = covariance = variance = 0.0
    for t in range(out.shape[0]):
        n = risk[t]
        if n <= 0.0:
            known = t > 0 and free == 0.0
            out[t, 0] = total if known else np.nan
            out[t, 1] = variance if known else np.nan
            out[t, 2] = 0.0 if known else np.nan
            continue
        first, second = counts[1, t] / n, counts[2, t] / n
        of_first, of_second, of_both = first * (1.0 - first) / n, second * (1.0 - second) / n, -first * second / n
        if aalen:
            of_first = first / n * _without_replacement(n, counts[1, t])
            of_second = second / n * _without_replacement(n, counts[2, t])
            of_both = 0.0
        stay = max(0.0, n - counts[1, t] - counts[2, t]) / n
        variance += first * (2.0 * covariance + first * var_free) + free * free * of_first
        covariance = stay * (covariance + first * var_free) - free * free * (of_first + of_both)
        var_free = stay * stay * var_free + free * free * (of_first + 2.0 * of_both + of_second)
        total += free * first
        free *= stay
        out[t, 0] = total
        out[t, 1] = max(variance, 0.0)
        out[t, 2] = free


@inner
def _without_replacement(n: Any, events: Any) -> Any:
    return (n - events) / (n - 1.0) if events > 1.0 and n > 1.0 else 1.0
