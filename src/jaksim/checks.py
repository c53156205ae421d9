"""Checks of single values that a user may give with the wrong type."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral
from os import fspath
from typing import Any

from jaksim.errors import InputError


def is_text(value: object) -> bool:
    """Whether the value is text with something written in it."""
    return isinstance(value, str) and bool(value.strip())


def is_whole(value: object) -> bool:
    """Whether the value is a whole number; true and false are not."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def number(value: object, where: str, *, infinite: bool = False) -> float:
    """The value as a float; InputError unless it is a number, and finite where `infinite` does not allow otherwise."""
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise InputError("must be a number", where=where, got=value) from None
    if math.isnan(found) or (math.isinf(found) and not infinite):
        raise InputError("must be a finite number", where=where, got=found)
    return found


def not_negative(value: object, where: str) -> float:
    """The value as a float; InputError unless it is finite and at least 0."""
    found = number(value, where)
    if found < 0:
        raise InputError("cannot be negative", where=where, got=value)
    return found


def whole(value: object, where: str) -> int:
    """The value as an int; InputError unless it is a whole number."""
    if not is_whole(value):
        raise InputError("must be a whole number", where=where, got=value)
    return int(value)  # type: ignore[call-overload, no-any-return]


def text(value: object, where: str) -> str:
    """The value, which must be text with something written in it."""
    if not is_text(value):
        raise InputError("must be text", where=where, got=value)
    return str(value)


def named(value: object, where: str, or_value: str | None = None) -> str:
    """The value as a path or a name; InputError for anything else, which says what the value may be besides."""
    allowed = "a path or a name" if or_value is None else f"a path, a name or {or_value}"
    try:
        found = fspath(value)  # type: ignore[call-overload]
    except TypeError:
        found = None
    if not isinstance(found, str):  # bytes are paths to Python alone
        raise InputError("must be a file or what has a name", where=where, allowed=allowed, got=value)
    if not found:
        raise InputError("is empty", where=where, allowed=allowed, got=value)
    return found


def table(value: object, where: str) -> Mapping[str, Any]:
    """The value, which must be a table of keys."""
    if not isinstance(value, Mapping):
        raise InputError("must be a table", where=where, got=value)
    return value


def items(value: object, where: str) -> Sequence[Any]:
    """The value, which must be a list."""
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise InputError("must be a list", where=where, got=value)
    return value


def known(name: str, allowed: Iterable[str], what: str, where: str) -> None:
    """InputError unless the name is one of those allowed; `what` is the kind of thing that it names."""
    names = list(allowed)
    if name not in names:
        raise InputError(f"unknown {what}", where=where, allowed=names, got=name)


def distinct(names: Iterable[str], where: str) -> None:
    """InputError where a name stands twice."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InputError("a name is used twice", where=where, allowed="different names", got=name)
        seen.add(name)
