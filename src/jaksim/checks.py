"""Checks of single values that a user may give with the wrong type."""

from __future__ import annotations

import math
from numbers import Integral

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
