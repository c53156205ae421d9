"""Any method of the registry on one table, with its options as text or as values."""

from __future__ import annotations

import inspect
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from importlib import import_module
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from jaksim.analysis.method import Method
from jaksim.analysis.ordering import event_of
from jaksim.analysis.registry import METHOD_NAMES, MODULES, get_method
from jaksim.analysis.result import AnalysisResult, summarise
from jaksim.errors import InputError

OF_CATEGORIES = ("time", "status", "rank", "value", "event", "labels")
"""Arguments of a method's own function that an endpoint fills: one value per category."""


class AnalysedEndpoint(Protocol):
    """What an analysis needs of an endpoint."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def better(self) -> Any: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def time(self) -> NDArray[np.float64]: ...
    @property
    def status(self) -> NDArray[np.int64]: ...
    @property
    def rank(self) -> NDArray[np.int64]: ...
    @property
    def value(self) -> NDArray[np.float64]: ...


def apply_method(
    name: str, table: NDArray[np.float64], endpoint: AnalysedEndpoint, options: Mapping[str, Any], level: float
) -> AnalysisResult:
    """The result of method `name` on one table (2, S, K).

    The method's own function is called where its arguments are known, for its intervals; else its `evaluate`, with a
    Wald interval. Raises InputError where the method does not apply to the endpoint or does not know an option.
    """
    method = get_method(name)
    method.check(endpoint)
    settings = method.settings(options)
    function = None if (table < 0.0).any() else getattr(import_module(MODULES[name]), name, None)
    arguments = None if function is None else _arguments(function, endpoint, settings)
    if function is not None and arguments is not None:
        positional, keywords = arguments
        result: AnalysisResult = function(table, *positional, **keywords, level=level)
        return result
    out = np.empty((1, 3))
    tables = np.ascontiguousarray(table[np.newaxis])
    method.evaluate(tables, endpoint, settings, out)
    return summarise(
        name,
        method.estimand,
        out[0],
        float(table.sum()),
        level=level,
        log_ratio=method.scale == "log_ratio",
        freedom=math.inf if method.freedom is None else float(method.freedom(tables, endpoint, settings)[0]),
        bounds=method.bounds,
    )


def method_options(
    methods: Iterable[str], given: Iterable[str] | Mapping[str, Any], shared: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Options of each method from `given`, and from `shared` where a method has them.

    `given` are texts `method.key=value` or `key=value`, or values by `method.key` or `key`.

    A key without a method goes to every chosen method that has it. Raises InputError for a text without a place.
    """
    chosen = {name: get_method(name) for name in methods}
    found: dict[str, dict[str, Any]] = {name: {} for name in chosen}
    for path, value in given.items() if isinstance(given, Mapping) else map(_option, given):
        method, _, key = path.rpartition(".")
        if method and method not in chosen:
            known = tuple(chosen) if method in METHOD_NAMES else METHOD_NAMES
            raise InputError("no such method among those asked for", where="‹options›", allowed=known, got=method)
        for name in _takers(chosen, method or None, key, "‹options›"):
            default = chosen[name].options[key][0]
            typed = isinstance(given, Mapping)
            found[name][key] = value if typed else _value(value.strip(), default, f"‹options={name}.{key}›")
    for key, value in shared.items():
        if value is not None:
            for name in _takers(chosen, None, key, f"‹{key}›"):
                found[name].setdefault(key, value)
    for name, options in found.items():
        chosen[name].settings(options)
    return found


def _option(text: str) -> tuple[str, str]:
    path, equals, value = text.partition("=")
    if not equals or not path.rpartition(".")[2].strip():
        raise InputError(
            "an option is METHOD.KEY=VALUE", where="‹options›", allowed="such as cox.ties=breslow", got=text
        )
    return path.strip(), value


def _takers(chosen: Mapping[str, Method], method: str | None, key: str, where: str) -> list[str]:
    takers = [name for name in chosen if key in chosen[name].options and method in (None, name)]
    if not takers:
        asked = [method] if method is not None else list(chosen)
        known = sorted({option for name in asked for option in chosen[name].options})
        raise InputError("unknown option", where=f"{where}, {', '.join(asked)}", allowed=known, got=key)
    return takers


def _arguments(
    function: Callable[..., Any], endpoint: AnalysedEndpoint, settings: Mapping[str, Any]
) -> tuple[list[Any], dict[str, Any]] | None:
    """Arguments after the table and before the level; None where the function asks for something else."""
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].name != "table":
        return None
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for parameter in parameters[1:]:
        if parameter.kind is parameter.KEYWORD_ONLY:
            if parameter.name in settings:
                keywords[parameter.name] = settings[parameter.name]
            elif parameter.name != "level" and parameter.default is parameter.empty:
                return None
        elif parameter.name in OF_CATEGORIES:
            positional.append(event_of(endpoint) if parameter.name == "event" else getattr(endpoint, parameter.name))
        else:
            return None
    if set(settings) - set(keywords) or "level" not in {parameter.name for parameter in parameters}:
        return None
    return positional, keywords


def _value(text: str, default: Any, where: str) -> Any:
    """The text as a value of the kind of the option's default, a list where it is written as one in TOML.

    A number where it reads as one and there is no default.
    """
    if isinstance(default, bool):
        if text.casefold() not in ("true", "false"):
            raise InputError("must be true or false", where=where, got=text)
        return text.casefold() == "true"
    if text.startswith("["):
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError):
            raise InputError("not a list", where=where, allowed="such as [[0, 0], [0, 1]]", got=text) from None
    if isinstance(default, str):
        return text
    try:
        number = float(text)
    except ValueError:
        if default is None:
            return text
        if isinstance(default, int | float):
            raise InputError("must be a number", where=where, got=text) from None
        raise InputError("must be a list", where=where, allowed="such as [[0, 0], [0, 1]]", got=text) from None
    return int(number) if math.isfinite(number) and number == int(number) else number


def as_record(result: Any) -> dict[str, Any]:
    """Every field of a result, or of a coefficient, by name, in plain values."""
    return asdict(result)
