"""Reading one table of a scenario against the catalogue of keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jaksim.errors import InputError, located
from jaksim.key import Key
from jaksim.scenario.keys import CATALOGUE

__all__ = ["elements", "join", "located", "read_keys", "read_section"]


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
            values[name] = key.spelled(table[name])
            key.check(values[name], place)
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
