"""The scenario file as read: a table of tables, with changes from the command line applied."""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from os import PathLike
from typing import Any, Final

from jaksim.datafile import parse_value, read_toml
from jaksim.errors import InputError
from jaksim.escapes import without_line_ends
from jaksim.scenario.shipped import check_name, scenario_file

PROSE: Final = frozenset({"description", "source", "sources", "assumption", "note"})
"""Keys whose text may have several lines."""


def read_document(path: str | PathLike[str], changes: Iterable[str] = ()) -> dict[str, Any]:
    """The table in a TOML file, or in a scenario that comes with jaksim, after the `KEY=VALUE` changes.

    Raises `InputError` when the file is missing, unreadable, binary, empty or not TOML, and when a change has no
    place in it.
    """
    check_name(path)
    document: dict[str, Any] = _with_dates_as_text(read_toml(scenario_file(path)))
    for change in changes:
        apply_change(document, change)
    return document


def apply_change(document: dict[str, Any], change: str) -> None:
    """Set one key in place.

    The key is a dotted path, such as `population.patients`; a table in a list is chosen by its name or its position
    from 0, as in `arm.placebo.allocation` or `analysis.0.alpha`. The value is TOML; text needs no quotation marks.
    """
    path, equals, text = change.partition("=")
    path = path.strip()
    if not equals or not path:
        raise InputError(
            "a change is KEY=VALUE", where="‹changes›", allowed="such as population.patients=1000", got=change
        )
    set_key(document, path, value_of(text))


def set_key(document: dict[str, Any], path: str, value: Any) -> None:
    """Set the key at a dotted path, as in `apply_change`, to a value in place."""
    parts = path.split(".")
    table: Any = document
    for depth, part in enumerate(parts[:-1]):
        table = _descend(table, part, ".".join(parts[: depth + 1]))
    if isinstance(table, list):
        table[_position(table, parts[-1], path)] = value
    else:
        table[parts[-1]] = value


def with_names_in_one_line(table: Any, key: str = "") -> Any:
    """The same table with a line end inside a name, or any other text that is no prose, as its escape, such as \\n.

    Names stand in tables and lists of a report and must not begin a line of it.
    """
    if isinstance(table, str):
        return table if key in PROSE else without_line_ends(table)
    if isinstance(table, Mapping):
        return {with_names_in_one_line(name): with_names_in_one_line(value, name) for name, value in table.items()}
    if isinstance(table, list):
        return [with_names_in_one_line(value, key) for value in table]
    return table


def fingerprint(document: Mapping[str, Any], *parts: str) -> str:
    """SHA-256 of the content of a scenario and of whatever else it depends on; spacing, comments and key order do not
    matter."""
    content = json.dumps(document, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256("\0".join((content, *parts)).encode()).hexdigest()


def _descend(table: Any, part: str, path: str) -> Any:
    inner = table[_position(table, part, path)] if isinstance(table, list) else table.setdefault(part, {})
    if not isinstance(inner, dict | list):
        raise InputError("the key holds a value, not a table", where=f"‹changes={path}›", got=inner)
    return inner


def _position(items: list[Any], part: str, path: str) -> int:
    names = [
        str(item.get("name", position)) if isinstance(item, dict) else str(position)
        for position, item in enumerate(items)
    ]
    if part in names:
        return names.index(part)
    if part.isdecimal() and int(part) < len(items):
        return int(part)
    raise InputError("no such element", where=f"‹changes={path}›", allowed=names, got=part)


def value_of(text: str) -> Any:
    """The value that a text stands for: TOML, and else the text itself."""
    return _with_dates_as_text(parse_value(text, where="the value"))


def _with_dates_as_text(value: Any) -> Any:
    """The value with the dates in it as text, as a scenario means them."""
    if isinstance(value, dict):
        return {name: _with_dates_as_text(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_dates_as_text(inner) for inner in value]
    return value.isoformat() if type(value) is datetime.date else value
