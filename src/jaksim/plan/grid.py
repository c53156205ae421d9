"""Every combination of the values that options were given as lists."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product
from typing import Any, Final, TypeVar

from jaksim.checks import number, text
from jaksim.errors import InputError
from jaksim.plan.options import PlanOptions, varied_names

O = TypeVar("O", bound=PlanOptions)  # noqa: E741
MOST_DESIGNS: Final = 1000


def grid(options: O) -> tuple[tuple[str, ...], Iterator[O]]:
    """The names of the options that are lists, and the options of each combination, the last list varying fastest.

    InputError for an empty list, a value that stands in it twice, and more combinations than anyone would read.
    """
    values = {name: _values(getattr(options, name), name) for name in varied_names(options)}
    lists = tuple(name for name, found in values.items() if len(found) > 1)
    count = math.prod(len(values[name]) for name in lists)
    if count > MOST_DESIGNS:
        what = f"the lists make {count:,} combinations"
        places = ", ".join(f"‹{name}›" for name in lists)
        raise InputError(what, where=places, allowed=f"up to {MOST_DESIGNS:,}; `jaksim sweep` takes more")
    names = tuple(values)
    return lists, (replace(options, **dict(zip(names, each, strict=True))) for each in product(*values.values()))


def _values(given: Any, name: str) -> tuple[Any, ...]:
    where = f"‹{name}›"
    if given is None:
        return (None,)
    if isinstance(given, str) or not isinstance(given, Iterable):
        return (_value(given, where),)
    found = tuple(_value(item, where) for item in given)
    if not found:
        raise InputError("is an empty list", where=where)
    for item in found:
        if found.count(item) > 1:
            raise InputError("stands in the list twice", where=where, got=item)
    return found


def _value(given: Any, where: str) -> Any:
    return text(given, where) if isinstance(given, str) else number(given, where)
