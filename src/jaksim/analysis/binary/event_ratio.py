"""Ratios of proportions or of odds of an event: what their methods have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.binary.ratio_intervals import INTERVALS, Statistic, score_interval
from jaksim.analysis.method import CategoryMeanings, Method, Tables, block
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, normal_quantile, one_table, per_category
from jaksim.analysis.single_table import analyse_events

TESTS = ("wald", "pooled", "score")
MH_TESTS = ("wald", "cmh")


class RatioKernel(Protocol):
    """Fills out (B, 3) from tables and events, given the number of the test and what it is of."""

    def __call__(self, tables: Any, events: Any, test: Any, value: Any, out: Any) -> None: ...


def ratio_method(name: str, kernel: RatioKernel, estimand: str) -> Method:
    """A ratio with the strata pooled; z is for the test of any ratio."""

    def evaluate_against(
        tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], value: float, out: NDArray[np.float64]
    ) -> None:
        events = event_of(endpoint)
        kernel(block(tables, out, len(events)), events, TESTS.index(options.get("test", "wald")), value, out)

    def evaluate(
        tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]
    ) -> None:
        evaluate_against(tables, endpoint, options, 0.0, out)

    return Method(
        name=name,
        kinds=("binary", "time_to_event"),
        estimand=estimand,
        scale="log_ratio",
        evaluate=evaluate,
        orientation="event",
        ratio_name=name,
        requirement=event_of,
        evaluate_against=evaluate_against,
        options={
            "interval": ("wald", f"confidence interval: wald (log scale), {' or '.join(INTERVALS[name][1:])}"),
            "test": ("wald", "z: wald (log scale), pooled (Farrington-Manning), or score (Miettinen-Nurminen)"),
        },
        choices={"interval": INTERVALS[name], "test": TESTS},
    )


def analyse_ratio(
    method: Method,
    statistic: Statistic,
    table: ArrayLike,
    event: ArrayLike,
    options: Mapping[str, Any],
    margin: float,
    level: float,
) -> AnalysisResult:
    """The ratio of one table tested against `margin`, with the interval that `options` ask for."""
    interval = method.settings(options)["interval"]
    ci = None
    if interval != "wald":
        tables = one_table(table)
        events = per_category(event, np.int64, tables.shape[-1], "event")
        x_0, x_1 = tables[0][..., events == 1].sum(axis=(1, 2))
        n_0, n_1 = tables[0][..., events >= 0].sum(axis=(1, 2))
        counts = (float(x_1), float(n_1), float(x_0), float(n_0))
        ci = score_interval(statistic, counts, normal_quantile(level), interval == "miettinen_nurminen")
    return analyse_events(method, table, event, options, level, value=math.log(margin), ci=ci)


def mantel_haenszel_method(name: str, kernel: Callable[..., None], estimand: str, ratio_name: str) -> Method:
    """A common ratio over strata with Mantel-Haenszel weights."""

    def evaluate(
        tables: Tables, endpoint: CategoryMeanings, options: Mapping[str, Any], out: NDArray[np.float64]
    ) -> None:
        events = event_of(endpoint)
        kernel(block(tables, out, len(events)), events, options.get("test") == "cmh", out)

    return Method(
        name=name,
        kinds=("binary", "time_to_event"),
        estimand=estimand,
        scale="log_ratio",
        evaluate=evaluate,
        orientation="event",
        ratio_name=ratio_name,
        requirement=event_of,
        options={"test": ("wald", "z: wald (log scale), or cmh (Cochran-Mantel-Haenszel)")},
        choices={"test": MH_TESTS},
        null_only={"test": ("cmh",)},
    )
