"""Stratified risk difference of Miettinen and Nurminen.

`weights` of the strata: "miettinen_nurminen" (1985, Statistics in Medicine 4:213), inverse to the variance at the
average fitted risks, or "cmh", n_1 n_0 / n. `interval`: "miettinen_nurminen" inverts the score test, "newcombe" is the
stratified hybrid score interval of Yan and Su (2010) with weights "cmh", "wald" has unpooled variances, as the
standard error has. `test` of the difference `margin`: "score" has the variance fitted under it times n/(n - 1) in each
stratum, "pooled" the same without that factor (Farrington and Manning 1990), "wald" is unpooled. At no difference
"score" is the Cochran-Mantel-Haenszel test. Strata that lack an arm do not count; NaN without any that has both.
"""

from __future__ import annotations

from jaksim.analysis.binary.stratified_intervals import difference_interval, stratified_newcombe
from jaksim.analysis.binary.stratified_scores import TEST, TESTS, WEIGHTS, strata_counts, stratified_kernel
from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method
from jaksim.analysis.nuisance import RATE_OF_DIFFERENCE
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import normal_quantile
from jaksim.arrays import Floats
from jaksim.key import Key

ESTIMAND = "common risk difference of the event, active minus reference, stratified score"
INTERVALS = ("miettinen_nurminen", "newcombe", "wald")


def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K)."""
    fill_at_margin(tables, endpoint, options, 0.0, out)


def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
    """Fill out (B, 3) for tables (B, 2, S, K), z for the test of a common difference of `value`."""
    cmh, test = options["weights"] == "cmh", TESTS.index(options["test"])
    stratified_kernel(tables, event_of(endpoint), value, False, cmh, test, out)


def interval(table: Tables, endpoint: CategoryMeanings, options: Options, level: float) -> tuple[float, float] | None:
    """The interval that the options ask for."""
    if options["interval"] == "wald":
        return None
    x, n = strata_counts(table, event_of(endpoint))
    if options["interval"] == "newcombe":
        return stratified_newcombe(x, n, normal_quantile(level))
    return difference_interval(x, n, normal_quantile(level), cmh=options["weights"] == "cmh")


METHOD = Method(
    name="risk_difference_mn",
    kinds=("binary", "time_to_event"),
    reads=("event",),
    estimand=ESTIMAND,
    of_one_stratum="risk difference of the event, active minus reference, score",
    scale="difference",
    bounds=(-1.0, 1.0),
    orientation="event",
    fill=fill,
    fill_at_margin=fill_at_margin,
    words="stratified risk difference (Miettinen-Nurminen)",
    options=(
        WEIGHTS,
        Key(
            "interval",
            "text",
            "confidence interval: miettinen_nurminen, newcombe (Yan and Su) or wald",
            "miettinen_nurminen",
            INTERVALS,
        ),
        TEST,
    ),
    requirement=event_of,
    interval=interval,
    nuisance={"binary": RATE_OF_DIFFERENCE, "time_to_event": RATE_OF_DIFFERENCE},
    about=__doc__,
)
