"""Probability that a patient of the active arm does better than one of the reference arm, with its variances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Adjusted, Method, always, never
from jaksim.analysis.nuisance import RANKS
from jaksim.analysis.ordering import rank_groups
from jaksim.analysis.permutation import (
    DISTRIBUTION,
    PERMUTATION,
    VAN_ELTEREN,
    fill_normal_values,
    permutation_moments,
)
from jaksim.arrays import Floats
from jaksim.kernel.jit import inner
from jaksim.key import Key


def rank_test(
    name: str,
    kernel: Callable[..., None],
    *,
    estimand: str,
    of_one_stratum: str = "",
    about: str | None,
    words: str,
    stratified: bool,
    main: tuple[str, ...] = (),
    adjusted: Adjusted | None = None,
) -> Method:
    """The method of a rank test; `kernel` takes tables, groups, their number, whether unbiased, and out."""

    def rows(tables: Tables, endpoint: CategoryMeanings, options: Options) -> Floats:
        """Estimate, standard error, z and the degrees of freedom of the standard error (B, 4)."""
        groups, n_groups = rank_groups(np.asarray(endpoint.rank))
        found = np.empty((len(tables), 4))
        kernel(tables, groups, n_groups, options["variance"] == "unbiased", found)
        return found

    def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        out[:] = rows(tables, endpoint, options)[:, :3]
        if options["distribution"] == PERMUTATION:
            groups, _ = rank_groups(np.asarray(endpoint.rank))
            of_stratum = tables if stratified else tables.sum(axis=2, keepdims=True)
            scores = np.where(groups < 0, np.nan, groups)
            fill_normal_values(permutation_moments(of_stratum, scores, ranked=True, weighting=VAN_ELTEREN), out)

    return Method(
        name=name,
        kinds=("ordinal", "day_count", "binary"),
        reads=("rank",),
        estimand=estimand,
        of_one_stratum=of_one_stratum,
        scale="probability",
        orientation="benefit",
        fill=fill,
        about=about,
        words=words,
        null=0.5,
        bounds=(0.0, 1.0),
        freedom=lambda tables, endpoint, options: rows(tables, endpoint, options)[:, 3],
        options=(
            Key(
                "variance",
                "text",
                "variance behind the standard error: brunner_munzel or unbiased (Bamber)",
                "brunner_munzel",
                ("brunner_munzel", "unbiased"),
            ),
            DISTRIBUTION,
        ),
        within_strata=always if stratified else never,
        # Patients are permuted within their strata.
        without_strata=never if stratified else lambda options: options["distribution"] != PERMUTATION,
        main=main,
        adjusted=adjusted,
        nuisance=dict.fromkeys(("ordinal", "day_count", "binary"), RANKS),
    )


@inner
def win_probability(reference: Any, active: Any, unbiased: Any) -> Any:
    """Win probability of counts (R,) ordered from best to worst, its variance, that without an effect, and a spread.

    The first variance is that of Brunner and Munzel (2000), from the sample variances of the placements (also DeLong
    et al. 1988), or the unbiased one (Bamber 1975; Brunner and Konietschke 2025); NaN where an arm has one patient
    or less. The second is that of the Wilcoxon test, with the correction for ties. All NaN without both arms. The last
    is the sum over arms of their squared variance over its degrees of freedom (Brunner and Munzel 2000).
    """
    n_reference = reference.sum()
    n_active = active.sum()
    if n_reference <= 0.0 or n_active <= 0.0:
        return np.nan, np.nan, np.nan, np.nan
    worse = n_reference
    better = 0.0
    wins = halves = rows = columns = cubes = 0.0
    for j in range(reference.shape[0]):
        worse -= reference[j]
        beaten = worse + 0.5 * reference[j]
        beating = better + 0.5 * active[j]
        better += active[j]
        wins += active[j] * beaten
        halves += active[j] * reference[j]
        rows += active[j] * beaten * beaten
        columns += reference[j] * beating * beating
        cubes += (active[j] + reference[j]) ** 3
    pairs = n_active * n_reference
    p = wins / pairs
    n = n_active + n_reference
    null_variance = (n**3 - cubes) / (n * (n - 1.0)) / (12.0 * pairs) if n > 1.0 else np.nan
    variance = spread = np.nan
    if n_active > 1.0 and n_reference > 1.0:
        of_active = max(rows / n_reference**2 - n_active * p * p, 0.0) / (n_active - 1.0) / n_active
        of_reference = max(columns / n_active**2 - n_reference * p * p, 0.0) / (n_reference - 1.0) / n_reference
        spread = of_active**2 / (n_active - 1.0) + of_reference**2 / (n_reference - 1.0)
        variance = of_active + of_reference
        if unbiased:
            apart = wins * wins - rows - columns + wins - 0.25 * halves
            variance = p * p - apart / (pairs * (n_active - 1.0) * (n_reference - 1.0))
        variance = max(variance, 0.0)
    return p, variance, null_variance, spread
