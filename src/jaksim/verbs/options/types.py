"""Whether the value of an option is of the type that its field says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from numbers import Real
from types import NoneType, UnionType
from typing import Any, Final, Union, get_args, get_origin

from jaksim.checks import is_whole, number
from jaksim.errors import InputError


def check_value(value: Any, hint: Any, where: str, low: float | None = None) -> None:
    """Refuse a value that no part of the hint allows, or that is below `low`; a hint of another kind allows all."""
    parts = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    kinds = {get_origin(part) or part: part for part in parts if part is not NoneType}
    if (value is None and NoneType in parts) or not kinds.keys() <= _TESTS.keys():
        return
    met = [part for kind, part in kinds.items() if _TESTS[kind][1](value)]
    if not met:
        raise InputError(f"must be {' or '.join(_TESTS[kind][0] for kind in kinds)}", where=where, got=value)
    if float in met:
        try:
            number(value, where)
        except InputError as error:
            error.allowed = None if low is None else f"a finite number of {low:g} or more"
            raise
    if low is not None and _is_number(value) and value < low:
        raise InputError("is too small", where=where, allowed=f"{low:g} or more", got=value)
    if Sequence[str] in met:
        for item in value:
            check_value(item, str, where)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, Iterable) and hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)


_TESTS: Final[dict[Any, tuple[str, Callable[[Any], bool]]]] = {
    int: ("a whole number", is_whole),
    float: ("a number", _is_number),
    bool: ("True or False", lambda value: type(value).__name__ in ("bool", "bool_")),
    str: ("text", lambda value: isinstance(value, str)),
    Sequence: ("a list", _is_list),
    Mapping: ("a mapping", lambda value: isinstance(value, Mapping)),
    Callable: ("a function", callable),
}
"""By type, what a message calls it and whether a value is of it; numpy's types count."""
