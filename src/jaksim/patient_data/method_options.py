"""Options of several methods together, as text or as values."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from jaksim.analysis.method import Method
from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.errors import InputError
from jaksim.key import Key


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
            typed = isinstance(given, Mapping)
            place = f"‹options={name}.{key}›"
            found[name][key] = value if typed else _value(value.strip(), chosen[name].keys[key], place)
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
    takers = [name for name in chosen if key in chosen[name].keys and method in (None, name)]
    if not takers:
        asked = [method] if method is not None else list(chosen)
        known = sorted({option for name in asked for option in chosen[name].keys})
        raise InputError("unknown option", where=f"{where}, {', '.join(asked)}", allowed=known, got=key)
    return takers


def _value(text: str, key: Key, where: str) -> Any:
    """The text as a value of the kind that the key holds."""
    if key.kind == "true or false":
        if text.casefold() not in ("true", "false"):
            raise InputError("must be true or false", where=where, got=text)
        return text.casefold() == "true"
    if key.kind.startswith("list"):
        return _list(text, where)
    if key.kind.endswith("list") and text.startswith("["):
        return _list(text, where)
    if key.kind not in ("number", "whole number"):
        return text
    try:
        number = float(text)
    except ValueError:
        raise InputError("must be a number", where=where, got=text) from None
    return int(number) if math.isfinite(number) and number == int(number) else number


def _list(text: str, where: str) -> Any:
    """A list as TOML writes it."""
    try:
        if text.startswith("["):
            return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, RecursionError):
        pass
    raise InputError("not a list", where=where, allowed="such as [[0, 0], [0, 1]]", got=text)
