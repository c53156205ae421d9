"""One effect of a treatment as a table of a scenario gives it: a hazard ratio of moves, or what is stated instead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.model.covariate_shape import LINEAR, Shape
from jaksim.model.effect import TreatmentEffect, Window
from jaksim.scenario.patients.shapes import read_shape
from jaksim.scenario.section import join, located, read_section

Z95: Final = 1.959963984540054
_SIZES: Final = ("log_hazard_ratio", "hazard_ratio")
_OF_SHAPE: Final = ("shape", "centre", "per", "cuts", "values")
_OF_STATED: Final = ("endpoint", "method", "value", "risk", "sd", "on_top_of")
UNSOLVED: Final = ("improvement", "deterioration", "death", "discharge", "readmission")
"""Moves of a stated effect until it is known which it means."""


@dataclass(frozen=True)
class Statement:
    """What is stated of an effect: the estimate `value` of a `method` on an `endpoint`, or the `risk` of its event.

    `interval` (95 %) or `sd` tell how well it is known, if they do. `moves` tells whether the moves are given;
    `on_top_of` which treatments both sides get, None where that follows from the arms. `where` is its place in the
    file.
    """

    where: str
    endpoint: str
    method: str
    value: float | None
    risk: float | None
    interval: tuple[float, float] | None
    sd: float | None
    moves: bool
    on_top_of: tuple[str, ...] | None


def read_effect(
    table: Mapping[str, Any], where: str, base: TreatmentEffect | None = None
) -> tuple[TreatmentEffect, Statement | None]:
    """The effect in a table, and what is stated of it where it has still to be solved for.

    With a `base`, the effect of a parameter set, the table says what is different about it.
    """
    values = read_section(table, "disease.treatments.effect", where)
    statement = _statement(table, values, where, base) if any(key in table for key in _OF_STATED) else None
    error = None if statement is not None else _standard_error(values, where)
    shape = read_shape(table, values, where) if any(key in table for key in _OF_SHAPE) else None
    log_ratio = _size(values, where, base, statement, shape)
    changed = statement is not None or any(key in table for key in _SIZES)
    if base is not None and not changed:
        if error is not None:
            raise InputError(
                "an uncertainty without a size of the effect", where=where, allowed="hazard_ratio beside it"
            )
        error = base.standard_error
    moves = values["moves"]
    if moves is None and base is None and statement is None:
        raise InputError("the key is missing: moves that are changed", where=join(where, "moves"), allowed="a text")
    with located(where):
        window = read_window(values["window"])
    given = {
        "moves": UNSOLVED if moves is None else _moves(moves),
        "current_scores": _scores(values["current_scores"]),
        "baseline_scores": _scores(values["baseline_scores"]),
        "window": window,
        "covariate": values["covariate"],
        "shape": LINEAR if shape is None else shape,
        "source": values["source"],
        "label": values["label"],
    }
    if base is not None:
        kept = {key: key not in table and (key != "shape" or shape is None) for key in given}
        given = {key: getattr(base, key) if kept[key] else given[key] for key in given}
        given["source"] = values["source"] if changed else base.source
    with located(where):
        return TreatmentEffect(log_hazard_ratio=log_ratio, standard_error=error, **given), statement


def _size(
    values: Mapping[str, Any],
    where: str,
    base: TreatmentEffect | None,
    statement: Statement | None,
    shape: Shape | None,
) -> float:
    """The log hazard ratio: 1 where a shape has log hazard ratios as its values."""
    if shape is None or shape.kind == "linear":
        return 0.0 if statement is not None else _log_ratio(values, where, base)
    if statement is not None or any(values[key] is not None for key in _SIZES):
        raise InputError(
            "the size of the effect is not given once", where=where, allowed="values of a shape, or another size"
        )
    return 1.0


def read_window(table: Mapping[str, Any] | None) -> Window:
    """When an effect acts, always where nothing is said."""
    if table is None:
        return Window()
    values = read_section(table, "disease.window", "window")
    end = math.inf if values["end"] is None else values["end"]
    return Window(start=values["start"], end=end, clock=values["clock"])


def _log_ratio(values: Mapping[str, Any], where: str, base: TreatmentEffect | None) -> float:
    log_ratio, ratio = values["log_hazard_ratio"], values["hazard_ratio"]
    if log_ratio is None and ratio is None and base is not None:
        return base.log_hazard_ratio
    if (log_ratio is None) == (ratio is None):
        raise InputError(
            "the size of the effect is not given once",
            where=where,
            allowed="log_hazard_ratio or hazard_ratio, or what is found on an endpoint: endpoint, method and value",
        )
    return float(log_ratio) if log_ratio is not None else math.log(ratio)


def _standard_error(values: Mapping[str, Any], where: str) -> float | None:
    error, interval = values["standard_error"], values["interval"]
    if interval is None:
        return error if error is None else float(error)
    if error is not None or len(interval) != 2 or not 0.0 < interval[0] < interval[1]:
        raise InputError(
            "not an interval",
            where=join(where, "interval"),
            allowed="[low, high] with 0 < low < high, and no standard_error",
        )
    return (math.log(interval[1]) - math.log(interval[0])) / (2.0 * Z95)


def _statement(
    table: Mapping[str, Any], values: Mapping[str, Any], where: str, base: TreatmentEffect | None
) -> Statement:
    for key in (*_SIZES, "standard_error"):
        if key in table:
            raise InputError(
                "the effect is stated on an endpoint, from which this follows",
                where=join(where, key),
                allowed="interval or sd, of the stated value" if key == "standard_error" else "one of the two",
                got=table[key],
            )
    if not values["endpoint"]:
        raise InputError("a stated effect needs the name of an endpoint", where=join(where, "endpoint"))
    value, risk = values["value"], values["risk"]
    if (value is None) == (risk is None):
        raise InputError("what is stated is not given once", where=where, allowed="value with a method, or risk")
    if (value is None) != (not values["method"]):
        what = "the estimate of which analysis" if risk is None else "a risk is of no method"
        raise InputError(what, where=join(where, "method"), allowed="a method with a value, or a risk alone")
    interval, sd = values["interval"], values["sd"]
    stated = value if risk is None else risk
    ordered = interval is None or (len(interval) == 2 and interval[0] <= stated <= interval[1] > interval[0])
    if interval is not None and (sd is not None or not ordered):
        raise InputError(
            "not an interval of the stated value",
            where=join(where, "interval"),
            allowed=f"[low, high] around {stated:g}, and no sd",
            got=interval,
        )
    return Statement(
        where=where,
        endpoint=values["endpoint"],
        method=values["method"],
        value=value,
        risk=risk,
        interval=None if interval is None else (float(interval[0]), float(interval[1])),
        sd=sd or None,
        moves=values["moves"] is not None or base is not None,
        on_top_of=None if values["on_top_of"] is None else tuple(values["on_top_of"]),
    )


def _moves(given: str | list[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _scores(given: list[int] | None) -> tuple[int, ...] | None:
    return None if given is None else tuple(given)
