"""Any method on one table of counts, whose categories an endpoint gives their meaning, or the caller by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.analysis.counts import CategoryMeanings, Options, Tables
from jaksim.analysis.margin import on_scale
from jaksim.analysis.method import Method
from jaksim.analysis.ordering import event_of
from jaksim.analysis.result import AnalysisResult, one_table, per_category, summarise
from jaksim.analysis.survival.tied_times import tied
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.endpoint.kind import Kind
from jaksim.endpoint.kinds import KINDS
from jaksim.errors import InputError

TYPES: Mapping[str, type] = {
    "time": np.float64,
    "status": np.int64,
    "event": np.int64,
    "rank": np.int64,
    "value": np.float64,
}
"""What gives a category its meaning, and the numbers that it is told in."""


CODES: Mapping[str, Mapping[int, str]] = {
    "status": {1: "event", 0: "censored", 2: "competing event", -1: "left out"},
    "event": {1: "event", 0: "no event", -1: "left out"},
}
"""The codes of what is told in codes."""

LATEST = 1e15
"""The largest time or value: whole numbers beyond it lose digits, and squares of much larger ones overflow."""

TELLING = ("time", "transitions", "event", "rank", "value")
"""What tells the kind of the categories, the first that a method reads."""


@dataclass(frozen=True, eq=False)
class GivenCategories:
    """Categories (K,) of which only that is known which a method reads; the rest is -1 or NaN."""

    kind: str
    better: str
    time: Floats
    status: Integers
    rank: Integers
    value: Floats
    labels: tuple[str, ...] = ()
    transitions: Any = None
    name: str = "given categories"


def given_categories(
    reads: tuple[str, ...], n_categories: int, given: Mapping[str, Any], kinds: Sequence[str] = ()
) -> GivenCategories:
    """The categories that `given` tells what a method reads of, one value each.

    They are of the kind that goes with what is read, or the first of `kinds` where this is none of them. What is good
    for the patient is no event, a lower rank or a higher value, unless `given` says "better". Times within rounding are
    one. InputError where there is not one value per category.
    """
    arrays = {
        name: per_category(given[name], kind, n_categories, name) for name, kind in TYPES.items() if name in reads
    }
    if "time" in arrays and "status" in arrays:
        absent = np.isnan(arrays["time"]) & (arrays["status"] >= 0)
        if absent.any():
            where = f"time, category {int(np.flatnonzero(absent)[0]) + 1}"
            raise InputError(
                "no time", where=where, allowed="a time, or status -1 for a category left out", got=math.nan
            )
    for name, array in arrays.items():
        _check_meaning(name, array)
    told = {kind.told_by: kind for kind in KINDS.values()}
    kind = next((told[name] for name in TELLING if name in reads), told["event"])
    if kinds and kind.name not in kinds:
        kind = KINDS[kinds[0]]
    if "time" in reads:
        arrays["time"] = tied(arrays["time"])
    transitions = given.get("transitions")
    if "transitions" in reads:
        if transitions is None or getattr(transitions, "n_categories", None) != n_categories:
            raise InputError("not the transitions that the table counts", where="transitions", got=transitions)
        arrays["time"] = np.repeat(np.arange(1.0, transitions.horizon + 1.0), transitions.n_states**2)
    return GivenCategories(
        kind=kind.name,
        better=_better(kind, given.get("better")),
        time=arrays.get("time", np.full(n_categories, np.nan)),
        status=arrays.get("event", arrays.get("status", np.full(n_categories, -1, dtype=np.int64))),
        rank=arrays.get("rank", np.full(n_categories, -1, dtype=np.int64)),
        value=arrays.get("value", np.full(n_categories, np.nan)),
        labels=tuple(given.get("labels") or ()),
        transitions=transitions,
    )


def _better(kind: Kind, better: str | None) -> str:
    """What is good for the patient, the usual where it is not told; InputError for an unknown word."""
    words = tuple(dict.fromkeys([kind.usual, *(kind.better or {}).values()]))
    if better is not None and better not in words:
        raise InputError("unknown word", where="better", allowed=words, got=better)
    return better or kind.usual


def _check_meaning(name: str, array: NDArray[Any]) -> None:
    """InputError, with the category, for a value that tells nothing: another status, a time before 0, no value."""
    if name in CODES:
        known, allowed = np.isin(array, list(CODES[name])), ", ".join(f"{c} {w}" for c, w in CODES[name].items())
    elif name == "rank":
        known, allowed = array >= -1, "whole numbers from 0, the best; -1 for a category left out"
    elif name == "time":
        known, allowed = np.isnan(array) | ((array >= 0.0) & (array <= LATEST)), f"times from 0 to {LATEST:g}"
    else:
        known, allowed = np.isnan(array) | (np.abs(array) <= LATEST), f"numbers up to {LATEST:g}, NaN if left out"
    if not known.all():
        category = int(np.flatnonzero(~known)[0])
        raise InputError(
            "unknown code" if name in CODES else "the value is out of range",
            where=f"{name}, category {category + 1}",
            allowed=allowed,
            got=array[category].item(),
        )


def survival_table(table: ArrayLike, time: ArrayLike, status: ArrayLike) -> tuple[Tables, GivenCategories]:
    """The table as a block (1, 2, S, K) and the meaning of its categories; InputError if they do not fit."""
    tables = one_table(table)
    return tables, given_categories(("time", "status"), tables.shape[-1], {"time": time, "status": status})


def analyse(
    method: Method,
    table: Tables,
    endpoint: CategoryMeanings,
    options: Options | None = None,
    *,
    level: float = 0.95,
    value: float | None = None,
) -> AnalysisResult:
    """The result of the method on one table (2, S, K), with the method's own interval where it has one.

    z is for the test of `value` (on the method's scale) in place of the null. InputError for unknown options.
    """
    settings = method.settings(options)
    tables = np.ascontiguousarray(table, dtype=np.float64)[np.newaxis]
    out = np.empty((1, 3))
    if value is None:
        method.evaluate(tables, endpoint, settings, out)
    else:
        method.test_at_margin(tables, endpoint, settings, value, out)
    ci = None if method.interval is None else method.interval(tables[0], endpoint, settings, level)
    result = summarise(
        method.name,
        method.estimand_of(int((tables[0].sum(axis=(0, 2)) > 0.0).sum())),
        out[0],
        _patients(method, tables[0], endpoint),
        level=level,
        log_ratio=method.scale == "log_ratio",
        ci=ci,
        freedom=math.inf if method.freedom is None else float(method.freedom(tables, endpoint, settings)[0]),
        bounds=method.bounds,
    )
    return result if method.details is None else method.details(result, tables[0], endpoint, settings, level)


def _patients(method: Method, table: Tables, endpoint: CategoryMeanings) -> float:
    """Patients of the table of whose category the method reads something."""
    if "transitions" in method.reads:
        # Every patient makes one transition a day: those of the first day are the patients.
        return float(table[..., np.asarray(endpoint.time) == 1.0].sum())
    return float(table[..., _known(method, endpoint)].sum())


def _known(method: Method, endpoint: CategoryMeanings) -> Booleans:
    if "time" in method.reads:
        return np.isfinite(np.asarray(endpoint.time)) & (np.asarray(endpoint.status) >= 0)
    if "event" in method.reads:
        return event_of(endpoint) >= 0
    if "rank" in method.reads:
        return np.asarray(endpoint.rank) >= 0
    if "value" in method.reads:
        return np.isfinite(np.asarray(endpoint.value))
    return np.ones(len(endpoint.status), dtype=bool)


def by_hand(
    method: Method, table: ArrayLike, given: Mapping[str, Any], options: Options, margin: float | None, level: float
) -> AnalysisResult:
    """The method on a table (2, S, K), or (2, K) of one stratum, whose categories mean what is `given` of each.

    z is for the test of the `margin`, a ratio, a difference or a probability, in place of no effect.
    """
    tables = one_table(table)
    endpoint = given_categories(method.reads, tables.shape[-1], given, method.kinds)
    method.check(endpoint)
    value = None if margin is None else on_scale(method, float(margin))
    return analyse(method, tables[0], endpoint, options, level=level, value=value)
