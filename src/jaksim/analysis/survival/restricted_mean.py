"""Restricted mean time without the event: the area under Kaplan-Meier up to a day."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.survival.days import POOLED, STRATA, by_day, chosen_day, common_day, lay_out
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

GREENWOOD, UNBIASED = "greenwood", "unbiased"
OPTIONS = (
    Key(
        "tau",
        "number",
        "restriction, days since randomisation; by default the last day on which all arms are followed",
        low=0.0,
    ),
    STRATA,
    Key(
        "variance",
        "text",
        "variance: greenwood, or unbiased (times events / (events - 1), as SAS and lrstat can)",
        GREENWOOD,
        (GREENWOOD, UNBIASED),
    ),
)


def divides_by_events(options: Options) -> bool:
    """Whether the variance of an arm in a stratum, pooled or not, has a factor of its number of events."""
    return bool(options["variance"] == UNBIASED)


def fill_wald_z(out: Floats) -> None:
    """z in out (B, 3) from the estimate and its standard error, NaN where that is 0 or none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        out[:, 2] = np.where(out[:, 1] > 0.0, out[:, 0] / out[:, 1], np.nan)


def restricted_means(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
    """Restricted mean and its variance, reference arm then active arm, and the restriction (B, 5) of tables."""
    days, position, status = by_day(endpoint.time, endpoint.status, competing=False)
    means = np.empty((len(tables), 5))
    restricted_mean_kernel(
        tables,
        position,
        status,
        days,
        chosen_day(options, "tau", days),
        options["strata"] == POOLED,
        options["variance"] == UNBIASED,
        means,
    )
    return means


@kernel
def restricted_mean_kernel(
    tables: Any, position: Any, status: Any, days: Any, tau: Any, pooled: Any, unbiased: Any, out: Any
) -> None:
    counts = np.empty((3, days.shape[0]))
    risk = np.empty(days.shape[0] + 1)
    for b in range(tables.shape[0]):
        table = tables[b]
        limit = tau if tau == tau else common_day(table, pooled, position, status, days, counts, risk)
        out[b] = 0.0
        patients = 0.0
        for part in range(1 if pooled else table.shape[1]):
            size = table.sum() if pooled else table[:, part].sum()
            if pooled or (table[0, part].sum() > 0.0 and table[1, part].sum() > 0.0):
                patients += size
                for arm in range(2):
                    lay_out(table[arm] if pooled else table[arm, part : part + 1], position, status, counts, risk)
                    mean, variance = restricted_mean(counts[1], risk, days, limit, unbiased)
                    out[b, 2 * arm] += size * mean
                    out[b, 2 * arm + 1] += size * size * variance
        out[b, 4] = limit
        for arm in range(2):
            out[b, 2 * arm] /= patients
            out[b, 2 * arm + 1] /= patients * patients


@inner
def restricted_mean(events: Any, risk: Any, days: Any, tau: Any, unbiased: Any) -> Any:
    """Area under Kaplan-Meier up to `tau` and its variance; NaN when patients were left but none was followed so long.

    The variance is the sum over event times of (area after it)^2 d / (n (n - d)).
    """
    end = 0
    free = 1.0
    area = 0.0
    last = 0.0
    followed = 0.0
    while end < days.shape[0] and days[end] <= tau:
        if risk[end] > 0.0:
            area += free * (days[end] - last)
            last = days[end]
            followed = days[end]
            free *= max(0.0, risk[end] - events[end]) / risk[end]
        end += 1
    if risk[0] <= 0.0 or (free > 0.0 and risk[end] <= 0.0 and followed < tau):
        return np.nan, np.nan
    area += free * (tau - last)
    free = 1.0
    so_far = 0.0
    last = 0.0
    variance = 0.0
    total = 0.0
    for t in range(end):
        if risk[t] > 0.0:
            so_far += free * (days[t] - last)
            last = days[t]
            free *= max(0.0, risk[t] - events[t]) / risk[t]
            total += events[t]
            if risk[t] > events[t]:
                variance += (area - so_far) ** 2 * events[t] / (risk[t] * (risk[t] - events[t]))
    return area, variance * total / (total - 1.0) if unbiased and total > 1.0 else variance
