"""Ratios of proportions or of odds of an event: what their methods have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from jaksim.analysis.binary.ratio_intervals import Statistic, score_interval
from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.method import Method, always
from jaksim.analysis.nuisance import Nuisance
from jaksim.analysis.ordering import event_of
from jaksim.analysis.regression.of_patients import adjusted_by
from jaksim.analysis.result import normal_quantile
from jaksim.arrays import Floats
from jaksim.key import Key

TESTS = ("wald", "pooled", "score")


class RatioKernel(Protocol):
    """Fills out (B, 3) from tables and events, given the number of the test and what it is of."""

    def __call__(self, tables: Any, events: Any, test: Any, value: Any, out: Any) -> None: ...


def ratio_method(
    name: str,
    kernel: RatioKernel,
    statistic: Statistic,
    *,
    estimand: str,
    about: str | None,
    without_factor: str,
    nuisance: dict[str, Nuisance],
) -> Method:
    """A ratio with the strata pooled; z is for the test of any ratio, and `statistic` the score that intervals invert.

    `without_factor` names the score interval of Miettinen and Nurminen without its factor n/(n - 1).
    """

    def fill_at_margin(tables: Tables, endpoint: CategoryMeanings, options: Options, value: float, out: Floats) -> None:
        kernel(tables, event_of(endpoint), TESTS.index(options["test"]), value, out)

    def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        fill_at_margin(tables, endpoint, options, 0.0, out)

    def interval(
        table: Tables, endpoint: CategoryMeanings, options: Options, level: float
    ) -> tuple[float, float] | None:
        if options["interval"] == "wald":
            return None
        events = event_of(endpoint)
        x_0, x_1 = table[..., events == 1].sum(axis=(1, 2))
        n_0, n_1 = table[..., events >= 0].sum(axis=(1, 2))
        counts = (float(x_1), float(n_1), float(x_0), float(n_0))
        return score_interval(statistic, counts, normal_quantile(level), options["interval"] == "miettinen_nurminen")

    return Method(
        name=name,
        kinds=("binary", "time_to_event"),
        reads=("event",),
        estimand=estimand,
        scale="log_ratio",
        orientation="event",
        fill=fill,
        fill_at_margin=fill_at_margin,
        about=about,
        ratio_name=name,
        options=(
            Key(
                "interval",
                "text",
                f"confidence interval: wald (log scale), miettinen_nurminen or {without_factor}",
                "wald",
                ("wald", "miettinen_nurminen", without_factor),
            ),
            Key(
                "test",
                "text",
                "z: wald (log scale), pooled (Farrington-Manning), or score (Miettinen-Nurminen)",
                "wald",
                TESTS,
            ),
        ),
        requirement=event_of,
        without_strata=always,
        interval=interval,
        adjusted=adjusted_by(name),
        nuisance=nuisance,
    )


def mantel_haenszel_method(
    name: str,
    kernel: Callable[..., None],
    *,
    estimand: str,
    of_one_stratum: str,
    about: str | None,
    words: str,
    ratio_name: str,
    nuisance: dict[str, Nuisance],
    main: tuple[str, ...] = (),
) -> Method:
    """A common ratio over strata with Mantel-Haenszel weights."""

    def fill(tables: Tables, endpoint: CategoryMeanings, options: Options, out: Floats) -> None:
        kernel(tables, event_of(endpoint), options["test"] == "cmh", out)

    return Method(
        name=name,
        kinds=("binary", "time_to_event"),
        reads=("event",),
        estimand=estimand,
        of_one_stratum=of_one_stratum,
        scale="log_ratio",
        orientation="event",
        fill=fill,
        about=about,
        words=words,
        ratio_name=ratio_name,
        options=(
            Key("test", "text", "z: wald (log scale), or cmh (Cochran-Mantel-Haenszel)", "wald", ("wald", "cmh")),
        ),
        requirement=event_of,
        null_only={"test": ("cmh",)},
        main=main,
        nuisance=nuisance,
    )
