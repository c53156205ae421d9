"""Reading one table of a scenario against the catalogue of keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scenario.keys import CATALOGUE


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


def _list_of(check: Callable[[object], bool]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


KINDS: dict[str, Callable[[object], bool]] = {
    "text": _is_text,
    "number": _is_number,
    "whole number": _is_integer,
    "true or false": lambda value: isinstance(value, bool),
    "table": _is_table,
    "list of texts": _list_of(_is_text),
    "list of numbers": _list_of(_is_number),
    "list of whole numbers": _list_of(_is_integer),
    "list of tables": _list_of(_is_table),
    "text or table": lambda value: _is_text(value) or _is_table(value),
    "text or list of texts": lambda value: _is_text(value) or _list_of(_is_text)(value),
}


@contextmanager
def located(where: str) -> Iterator[None]:
    """Put the place in the scenario in front of any `InputError` raised inside."""
    try:
        yield
    except InputError as error:
        raise error.at(where) from None


def read_section(table: Mapping[str, Any], section: str, where: str) -> dict[str, Any]:
    """The values of one table, with defaults filled in.

    `section` names the entry of the catalogue and `where` the place in the file. Raises `InputError` for a key that
    the catalogue does not have, a value of the wrong kind or outside its bounds, and a required key that is missing.
    """
    return read_keys(table, CATALOGUE[section], where)


def read_keys(table: Mapping[str, Any], catalogue: Sequence[Key], where: str) -> dict[str, Any]:
    """The values of one table by the keys that it may hold, as `read_section`."""
    keys = {key.name: key for key in catalogue}
    for name in table:
        if name not in keys:
            raise InputError("unknown key", where=join(where, name), allowed=tuple(keys), got=name)
    values = {}
    for name, key in keys.items():
        place = join(where, name)
        if name in table:
            _check(table[name], key, place)
            values[name] = table[name]
        elif key.required:
            raise InputError(f"the key is missing: {key.description}", where=place, allowed=f"a {key.kind}")
        else:
            values[name] = key.default
    return values


def join(where: str, name: str) -> str:
    """The dotted path of a key inside a table."""
    return f"{where}.{name}" if where else name


def elements(tables: Sequence[Mapping[str, Any]], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The tables of a list with the dotted path of each: by name where it has one, else by position from 0."""
    for position, table in enumerate(tables):
        name = table.get("name")
        yield join(where, name if isinstance(name, str) and name else str(position)), table


def _check(value: object, key: Key, place: str) -> None:
    if not KINDS[key.kind](value):
        raise InputError("wrong kind of value", where=place, allowed=f"a {key.kind}", got=value)
    if key.allowed and value not in key.allowed:
        raise InputError("unknown word", where=place, allowed=key.allowed, got=value)
    if key.required and key.kind in ("text", "list of tables", "text or table") and not value:
        raise InputError("the value is empty", where=place, allowed=f"a {key.kind}")
    if isinstance(value, int | float) and not _inside(value, key):
        raise InputError("the value is out of range", where=place, allowed=_range(key), got=value)


def _inside(value: float, key: Key) -> bool:
    return (key.low is None or value >= key.low) and (key.high is None or value <= key.high)


def _range(key: Key) -> str:
    if key.high is None:
        return f"{key.low:g} or more"
    if key.low is None:
        return f"at most {key.high:g}"
    return f"{key.low:g} to {key.high:g}"
