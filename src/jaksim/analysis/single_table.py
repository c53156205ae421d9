"""A method on one table of counts given by hand, whose categories have a rank, an event, or a time and status."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.method import Method, Tables
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.analysis.survival.tied_times import tied

NOTHING: NDArray[Any] = np.empty(0)


@dataclass(frozen=True)
class GivenCategories:
    """Categories (K,) of which only a rank is known, or whether they are the event."""

    kind: str
    better: str
    rank: NDArray[np.int64] = field(default_factory=lambda: NOTHING)
    status: NDArray[np.int64] = field(default_factory=lambda: NOTHING)
    time: NDArray[np.float64] = field(default_factory=lambda: NOTHING)
    name: str = "given categories"


def analyse_ranks(
    method: Method, table: ArrayLike, rank: ArrayLike, options: Mapping[str, Any], level: float
) -> AnalysisResult:
    """The method on a table (2, S, K) with ranks (K,), 0 the best status, -1 for a category left out."""
    tables = one_table(table)
    ranks = per_category(rank, np.int64, tables.shape[-1], "rank")
    out = np.empty((1, 3))
    given = GivenCategories("ordinal", "lower rank", rank=ranks)
    settings = method.settings(options)
    method.evaluate(tables, given, settings, out)
    freedom = math.inf if method.freedom is None else float(method.freedom(tables, given, settings)[0])
    return _result(method, out, float(tables[..., ranks >= 0].sum()), level, freedom=freedom)


def analyse_events(
    method: Method,
    table: ArrayLike,
    event: ArrayLike,
    options: Mapping[str, Any],
    level: float,
    *,
    value: float | None = None,
    ci: tuple[float, float] | None = None,
) -> AnalysisResult:
    """The method on a table (2, S, K) with events (K,), 1 with the event, 0 without it, -1 for a category left out.

    z is for the test of `value` (on the method's scale) in place of the null; `ci` is an interval that is not Wald's.
    """
    tables = one_table(table)
    events = per_category(event, np.int64, tables.shape[-1], "event")
    endpoint = GivenCategories("binary", "no event", status=events)
    settings = method.settings(options)
    out = np.empty((1, 3))
    if value is None:
        method.evaluate(tables, endpoint, settings, out)
    else:
        method.test_against(tables, endpoint, settings, value, out)
    return _result(method, out, float(tables[..., events >= 0].sum()), level, ci)


def analyse_times(
    method: Method, table: ArrayLike, time: ArrayLike, status: ArrayLike, options: Mapping[str, Any], level: float
) -> AnalysisResult:
    """The method on a table (2, S, K) with times and statuses (K,)."""
    tables, endpoint = survival_table(table, time, status)
    out = np.empty((1, 3))
    method.evaluate(tables, endpoint, method.settings(options), out)
    return _result(method, out, endpoint.patients(tables), level)


def _result(
    method: Method,
    out: NDArray[np.float64],
    n: float,
    level: float,
    ci: tuple[float, float] | None = None,
    freedom: float = math.inf,
) -> AnalysisResult:
    return summarise(
        method.name,
        method.estimand,
        out[0],
        n,
        level=level,
        log_ratio=method.scale == "log_ratio",
        ci=ci,
        freedom=freedom,
        bounds=method.bounds,
    )


@dataclass(frozen=True)
class TimesAndStates:
    """Categories (K,) with `time` and `status` and nothing else known of them."""

    time: NDArray[np.float64]
    status: NDArray[np.int64]
    name: str = "given times"
    kind: str = "time_to_event"
    better: str = "no event"

    @property
    def rank(self) -> NDArray[np.int64]:
        """No category has a rank."""
        return np.full(self.status.shape, -1, dtype=np.int64)

    def patients(self, tables: Tables) -> float:
        """Patients of the tables whose category has a time and a status."""
        return float(tables[..., np.isfinite(self.time) & (self.status >= 0)].sum())


def survival_table(
    table: ArrayLike, time: ArrayLike, status: ArrayLike, *, better: str = "no event"
) -> tuple[Tables, TimesAndStates]:
    """The table as a block (1, 2, S, K) and the meaning of its categories, times within rounding as one.

    InputError if they do not fit.
    """
    tables = one_table(table)
    k = tables.shape[-1]
    return tables, TimesAndStates(
        tied(per_category(time, np.float64, k, "time")), per_category(status, np.int64, k, "status"), better=better
    )
