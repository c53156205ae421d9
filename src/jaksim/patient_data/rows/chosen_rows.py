"""The rows of a data set that are analysed: those that meet conditions on columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.arrays import Booleans
from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns, number_of, take

_CONDITION: Final = re.compile(r"\s*(.+?)\s*(!=|>=|<=|==|=|>|<)\s*(.*?)\s*\Z", re.DOTALL)
_ORDERED: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    ">=": np.greater_equal,
    "<=": np.less_equal,
    ">": np.greater,
    "<": np.less,
}
_FORM: Final = "COLUMN=VALUE, or with !=, >, >=, < or <="


@dataclass(frozen=True)
class Condition:
    """A condition on a column; rows without a value do not meet it, save that they differ from any value."""

    column: str
    relation: str
    value: str

    def __str__(self) -> str:
        return f"{self.column}{self.relation}{self.value}"

    def met_by(self, columns: Columns) -> Booleans:
        """Whether each row meets it; InputError for an unknown column, a value that is nowhere, and unlike things."""
        name, value = self.column, self.value
        columns.require(name, "‹where›")
        if self.relation in _ORDERED:
            bound = number_of(value)
            if not np.isfinite(bound):
                raise InputError(f"{self.relation} needs a number", where=f"‹where›, column '{name}'", got=value)
            return np.asarray(_ORDERED[self.relation](columns.numbers(name), bound))
        words = columns.words(name)
        same = np.asarray(words == value)
        number = number_of(value)
        if np.isfinite(number) and columns.is_numeric(name):
            same |= columns.numbers(name) == number
        if not same.any():
            levels = sorted(set(words.tolist()) - {""})
            raise InputError("no row has this value", where=f"‹where›, {columns.at(name)}", allowed=levels, got=value)
        return same if self.relation == "=" else ~same


def conditions_of(given: str | Sequence[str] | Mapping[str, Any]) -> tuple[Condition, ...]:
    """Conditions from texts such as "PARAMCD=OS" or "ADY>=1", or from a mapping of columns to values."""
    if isinstance(given, Mapping):
        return tuple(Condition(str(name), "=", _text(value)) for name, value in given.items())
    found = []
    for text in [given] if isinstance(given, str) else given:
        parts = _CONDITION.match(text)
        if parts is None or not parts[3]:
            raise InputError("no condition on a column", where="‹where›", allowed=_FORM, got=text)
        found.append(Condition(parts[1], "=" if parts[2] == "==" else parts[2], parts[3]))
    return tuple(found)


def chosen_rows(columns: Columns, conditions: Sequence[Condition]) -> tuple[Columns, str | None]:
    """The rows that meet every condition, and a sentence about them; InputError where none does."""
    if not conditions:
        return columns, None
    keep = np.ones(len(columns), dtype=bool)
    for condition in conditions:
        keep &= condition.met_by(columns)
    words = " and ".join(f"{one.column} {one.relation} {one.value}" for one in conditions)
    if not keep.any():
        raise InputError("no row meets all conditions", where="‹where›", got=words)
    note = f"Rows kept: {int(keep.sum()):,} of {len(columns):,}, those with {words}."
    return take(columns, keep, columns.names), note


def _text(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)
