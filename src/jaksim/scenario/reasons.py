"""The key `assumption` of any table of a scenario: why its values are assumed, printed beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from jaksim.key import ASSUMPTION
from jaksim.scenario.keys import CATALOGUE, PRINTED_BY_PART
from jaksim.scenario.section import elements, join
from jaksim.trial.assumption import Assumption

_OPEN: Final = ("endpoint", "adaptation")
"""Tables whose keys depend on their kind, with all tables in them."""
_BY_NAME: Final = "disease.treatments"
"""A table that holds others by a name of the user's."""
_NO_VALUES: Final = frozenset(("name", "source", "assumption", "description", "label"))
_WINDOW: Final = "disease.window"
_POPULATION: Final = "population"


def taken_out(document: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Assumption, ...]]:
    """A scenario without the reasons that no part of it prints by itself, and a line for each of these.

    InputError for one that is no text.
    """
    lines: list[Assumption] = []
    return _table(document, "", "", "", lines), tuple(lines)


def beside(lines: Iterable[Assumption], reasons: Iterable[Assumption]) -> tuple[Assumption, ...]:
    """The lines with each reason behind the last one that is about the same, else at the end."""
    found = list(lines)
    for reason in reasons:
        places = [place for place, line in enumerate(found) if line.about == reason.about]
        found.insert(places[-1] + 1 if places else len(found), reason)
    return tuple(found)


def _table(table: Mapping[str, Any], section: str, where: str, about: str, lines: list[Assumption]) -> dict[str, Any]:
    """The table as it is read further; `section` is its entry of the catalogue, `about` what it is about."""
    found = dict(table)
    if ASSUMPTION.name in found and where != _BY_NAME and _takes(section):
        reason = found.pop(ASSUMPTION.name)
        ASSUMPTION.check(reason, join(where, ASSUMPTION.name))
        if reason:
            lines.append(Assumption(about, _statement(table, section), published=False, note=reason))
    for name, value in found.items():
        place = join(where, name)
        if isinstance(value, Mapping):
            if where == _BY_NAME:
                inner, told = _BY_NAME, name
            else:
                inner, told = _WINDOW if name == "window" else join(section, name), about or name.replace("_", "-")
            found[name] = _table(value, inner, place, told, lines)
        elif isinstance(value, list) and value and all(isinstance(entry, Mapping) for entry in value):
            inner = join(section, name)
            found[name] = [
                _table(entry, inner, at, _about(entry, inner, about), lines) for at, entry in elements(value, place)
            ]
    return found


def _takes(section: str) -> bool:
    """Whether the reasons of a table are printed here."""
    if section.split(".")[0] in _OPEN:
        return True
    return bool(section) and section in CATALOGUE and section not in PRINTED_BY_PART


def _about(entry: Mapping[str, Any], section: str, above: str) -> str:
    if section.startswith(_BY_NAME):
        return above
    if section.startswith(_POPULATION):
        return _POPULATION
    word = section.rpartition(".")[2].replace("_", " ")
    name = entry.get("name")
    return f"{word} {name}" if isinstance(name, str) and name else word


def _statement(table: Mapping[str, Any], section: str) -> str:
    """The values of the table in words, which the reason is for."""
    named = table.get("name") if section.startswith(_POPULATION) else None
    values = [f"{key.replace('_', ' ')} {_value(value)}" for key, value in _values(table)]
    return ", ".join([*([str(named)] if named else []), *values]) or "as in the file"


def _values(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        plain = not isinstance(value, Mapping) and not (
            isinstance(value, list) and any(isinstance(entry, Mapping) for entry in value)
        )
        if key not in _NO_VALUES and plain:
            yield key, value


def _value(value: Any) -> str:
    if isinstance(value, list):
        return " and ".join(map(_value, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
