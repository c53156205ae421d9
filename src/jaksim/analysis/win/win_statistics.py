"""Wins and losses of all pairs of patients from counts, and what win ratio, win odds and net benefit make of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.log_ratio import log_ratio
from jaksim.analysis.method import EstimateScale, Method
from jaksim.analysis.nuisance import Nuisance
from jaksim.analysis.ordering import add_by_group, rank_groups
from jaksim.analysis.result import UNBOUNDED
from jaksim.analysis.student import normal_value
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner, kernel
from jaksim.key import Key

WIN_RATIO, WIN_ODDS, NET_BENEFIT = 0, 1, 2
WEIGHTINGS = ("mantel_haenszel", "size", "equal", "pooled")


OPTIONS = (
    Key(
        "weighting",
        "text",
        "weights of the strata's shares of wins and losses: mantel_haenszel (n1 n0 / n), size (n) or equal; "
        "pooled compares patients across strata",
        "mantel_haenszel",
        WEIGHTINGS,
    ),
    Key(
        "test",
        "text",
        "variance of z: wald (under any effect), or permutation (without effect, Finkelstein-Schoenfeld)",
        "wald",
        ("wald", "permutation"),
    ),
)


def win_method(
    name: str,
    statistic: int,
    *,
    estimand: str,
    about: str | None,
    scale: EstimateScale = "log_ratio",
    unit: str | None = None,
    main: tuple[str, ...] = (),
    nuisance: Nuisance | None = None,
) -> Method:
    """The method of a statistic of wins and losses."""

    def rows(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
        """Estimate, standard error, z and the degrees of freedom of the net benefit (B, 4)."""
        groups, n_groups = rank_groups(np.asarray(endpoint.rank))
        weighting = WEIGHTINGS.index(options["weighting"])
        permutation = options["test"] == "permutation"
        found = np.empty((len(tables), 4))
        win_statistics_kernel(tables, groups, n_groups, statistic, weighting, permutation, found)
        return found

    def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        out[:] = rows(tables, endpoint, options)[:, :3]

    def freedom(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
        return rows(tables, endpoint, options)[:, 3]

    kinds = ("ordinal", "day_count", "binary")
    return Method(
        name=name,
        kinds=kinds,
        reads=("rank",),
        estimand=estimand,
        scale=scale,
        orientation="benefit",
        fill=fill,
        about=about,
        ratio_name=name if scale == "log_ratio" else None,
        unit=unit,
        null_only={"test": ("permutation",)},
        # A log ratio keeps its level in small trials with the normal quantile; a plain difference does not.
        bounds=(-1.0, 1.0) if statistic == NET_BENEFIT else UNBOUNDED,
        freedom=freedom if statistic == NET_BENEFIT else None,
        options=OPTIONS,
        within_strata=lambda options: options["weighting"] != "pooled",
        without_strata=lambda options: options["weighting"] == "pooled",
        main=main,
        nuisance={} if nuisance is None else dict.fromkeys(kinds, nuisance),
    )


@inner
def _spread(counts: Any, other: Any, sign: Any) -> Any:
    """Variances and covariance over `counts` of the shares of `other` that lose and that win the comparison.

    `sign` is 1 when the patients of `counts` are of the active arm, else -1, so that a win is always one of the
    active arm. Sums of squared deviations are divided by n (n - 1): the variances of the mean shares.
    """
    n, n_other = counts.sum(), other.sum()
    worse, better = n_other, 0.0
    first = second = first_squared = second_squared = product = 0.0
    for j in range(counts.shape[0]):
        worse -= other[j]
        win = worse / n_other if sign > 0 else better / n_other
        loss = better / n_other if sign > 0 else worse / n_other
        better += other[j]
        first += counts[j] * win
        second += counts[j] * loss
        first_squared += counts[j] * win * win
        second_squared += counts[j] * loss * loss
        product += counts[j] * win * loss
    pairs = n * (n - 1.0)
    of_win = max(first_squared - first * first / n, 0.0) / pairs
    of_loss = max(second_squared - second * second / n, 0.0) / pairs
    return of_win, of_loss, (product - first * second / n) / pairs


@inner
def _net(part: Any) -> Any:
    """Variance of wins minus losses from those of wins and losses and their covariance."""
    return max(part[0] + part[1] - 2.0 * part[2], 0.0)


@inner
def wins_and_losses(reference: Any, active: Any, both: Any, out: Any) -> None:
    """Fill out (7,): shares of pairs won and lost by the active arm, their variances and covariance, null variance.

    Counts (R,) run from best to worst; `both` (R,) is scratch. The variances are those of two-sample U-statistics
    with unbiased component variances (Bebu and Lachin 2016; for wins plus half the ties, Brunner and Munzel 2000).
    Where an arm has one patient or less, both components are taken from the two arms together. The last is the
    variance of wins minus losses without effect, given the ties, as in the Wilcoxon test; after it comes the sum over
    arms of the squared variance of wins minus losses over its degrees of freedom.
    """
    n_0, n_1 = reference.sum(), active.sum()
    n = n_0 + n_1
    worse, better, won, lost, cubes = n_0, 0.0, 0.0, 0.0, 0.0
    for j in range(reference.shape[0]):
        worse -= reference[j]
        won += active[j] * worse
        lost += active[j] * better
        better += reference[j]
        both[j] = reference[j] + active[j]
        cubes += both[j] ** 3
    out[0] = won / (n_0 * n_1)
    out[1] = lost / (n_0 * n_1)
    if n_0 > 1.0 and n_1 > 1.0:
        a = _spread(active, reference, 1)
        b = _spread(reference, active, -1)
        out[2], out[3], out[4] = a[0] + b[0], a[1] + b[1], a[2] + b[2]
        out[6] = _net(a) ** 2 / (n_1 - 1.0) + _net(b) ** 2 / (n_0 - 1.0)
    else:
        a = _spread(both, both, 1)
        b = _spread(both, both, -1)
        share = n / n_1, n / n_0
        out[2] = share[0] * a[0] + share[1] * b[0]
        out[3] = share[0] * a[1] + share[1] * b[1]
        out[4] = share[0] * a[2] + share[1] * b[2]
        out[6] = ((share[0] * _net(a)) ** 2 + (share[1] * _net(b)) ** 2) / (n - 1.0)
    out[5] = (n**3 - cubes) / (n * (n - 1.0)) / (3.0 * n_0 * n_1)


@kernel
def win_statistics_kernel(
    tables: Any, groups: Any, n_groups: Any, statistic: Any, weighting: Any, permutation: Any, out: Any
) -> None:
    """Fill out (B, 4), estimate, standard error, z and degrees of freedom, from tables (B, 2, S, K).

    groups (K,) is the place of each category from best to worst.
    """
    counts = np.empty((2, n_groups))
    both = np.empty(n_groups)
    part = np.empty(7)
    total = np.empty(7)
    n_parts = 1 if weighting == 3 else tables.shape[2]
    for b in range(tables.shape[0]):
        total[:] = 0.0
        total_weight = 0.0
        for h in range(n_parts):
            counts[:] = 0.0
            for s in range(tables.shape[2]):
                if s == h or weighting == 3:
                    add_by_group(tables[b, :, s], groups, counts)
            n_0, n_1 = counts[0].sum(), counts[1].sum()
            if n_0 > 0.0 and n_1 > 0.0 and n_0 + n_1 > 1.0:
                wins_and_losses(counts[0], counts[1], both, part)
                weight = 1.0
                if weighting == 0:
                    weight = n_0 * n_1 / (n_0 + n_1)
                elif weighting == 1:
                    weight = n_0 + n_1
                total_weight += weight
                total[:2] += weight * part[:2]
                total[2:6] += weight * weight * part[2:6]
                total[6] += weight**4 * part[6]
        out[b, :] = np.nan
        if total_weight > 0.0:
            total[:2] /= total_weight
            total[2:6] /= total_weight * total_weight
            total[6] /= total_weight**4
            _row(total, statistic, permutation, out[b])


@inner
def _row(total: Any, statistic: Any, permutation: Any, row: Any) -> None:
    """Estimate, standard error, z and degrees of freedom, as far as they exist, from wins, losses and their variances.

    Those are of the net benefit, by Satterthwaite, as Brunner and Munzel (2000) have them.
    """
    won, lost = total[0], total[1]
    net = won - lost
    variance = total[2] + total[3] - 2.0 * total[4]
    if statistic == 0:
        row[0] = log_ratio(won, lost)
        variance = np.nan
        if won > 0.0 and lost > 0.0:
            variance = total[2] / won**2 + total[3] / lost**2 - 2.0 * total[4] / (won * lost)
    elif statistic == 1:
        row[0] = log_ratio(1.0 + net, 1.0 - net)
        variance = variance * (2.0 / (1.0 - net * net)) ** 2 if abs(net) < 1.0 else np.nan
    else:
        row[0] = net
        row[3] = variance * variance / total[6] if total[6] > 0.0 else np.inf
    row[1] = math.sqrt(max(variance, 0.0)) if variance == variance else np.nan
    if permutation:
        row[2] = net / math.sqrt(total[5]) if total[5] > 0.0 else np.nan
    elif row[1] > 0.0:
        row[2] = normal_value(row[0] / row[1], row[3]) if statistic == 2 else row[0] / row[1]
