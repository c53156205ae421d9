"""The columns of a data set as numbers, whole numbers or names, with messages that say which row is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", ".", "<na>", "nat"})
LONGEST = max(map(len, MISSING_WORDS))


@dataclass(eq=False)
class Columns:
    """Columns of one length by name, arrays or tuples of text, converted when asked for; `where` names their origin."""

    values: Mapping[str, Any]
    where: str
    _known: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.values)

    def require(self, name: str, purpose: str) -> None:
        """InputError with the nearest spelling when there is no such column."""
        if name not in self.values:
            raise InputError(f"no column for {purpose}", where=self.where, allowed=self.names, got=name)

    def numbers(self, name: str) -> Floats:
        """The column as numbers, NaN where missing; InputError, with the row, for anything else."""
        key = f"numbers {name}"
        if key not in self._known:
            self._known[key] = self._numbers(name)
        found: Floats = self._known[key]
        return found

    def words(self, name: str) -> NDArray[Any]:
        """The column as text without outer spaces, "" where missing; whole numbers are written without a point."""
        key = f"words {name}"
        if key not in self._known:
            self._known[key] = self._words(name)
        found: NDArray[Any] = self._known[key]
        return found

    def missing(self, name: str) -> Booleans:
        """Whether each row of the column is missing."""
        values = self.values[name]
        return np.isnan(values) if _kind(values) == "f" else np.asarray(self.words(name) == "")

    def is_numeric(self, name: str) -> bool:
        """Whether every value of the column that is not missing is a number."""
        try:
            self.numbers(name)
        except InputError:
            return False
        return True

    def _numbers(self, name: str) -> Floats:
        values = self.values[name]
        if _kind(values) in "biuf":
            return np.asarray(values, dtype=np.float64)
        words = self.words(name)
        filled = np.where(words == "", "nan", words)
        try:
            return filled.astype(np.float64)
        except ValueError:
            row, word = next((row, word) for row, word in enumerate(filled, 1) if not _is_number(word))
        raise InputError(f"row {row} is not a number", where=self.at(name), got=str(word), allowed="numbers")

    def _words(self, name: str) -> NDArray[Any]:
        values = self.values[name]
        kind = _kind(values)
        if kind in "biu":
            return np.asarray(values).astype(np.int64).astype(str)
        texts: Iterable[str] = values
        if kind == "f":
            texts = (f"{value:.15g}" for value in values.tolist())
        elif not isinstance(values, tuple):
            texts = ("" if value is None else str(value) for value in values)
        stripped = [text.strip() for text in texts]
        return np.array(["" if len(one) <= LONGEST and one.casefold() in MISSING_WORDS else one for one in stripped])

    def at(self, name: str) -> str:
        """Where a message places the column."""
        return f"{self.where}, column '{name}'"


def take(columns: Columns, keep: Booleans) -> Columns:
    """The rows that are kept."""
    return Columns({name: np.asarray(values)[keep] for name, values in columns.values.items()}, columns.where)


def first_row(wrong: Booleans) -> int:
    """Number, from 1, of the first row that is wrong."""
    return int(np.flatnonzero(wrong)[0]) + 1


def finite(columns: Columns, name: str, *, lowest: float | None = None) -> Floats:
    """The column as finite numbers, none below `lowest`; InputError with the row."""
    values = columns.numbers(name)
    wrong = ~np.isfinite(values) if lowest is None else ~(np.isfinite(values) & (values >= lowest))
    if wrong.any():
        row = first_row(wrong)
        allowed = "finite numbers" if lowest is None else f"numbers of at least {lowest:g}"
        raise InputError(
            f"row {row} is out of range", where=columns.at(name), allowed=allowed, got=values[row - 1].item()
        )
    return values


def codes(columns: Columns, name: str, allowed: Mapping[int, str]) -> NDArray[np.int64]:
    """The column as whole-number codes; InputError, with the row and what the codes mean, for any other."""
    meaning = ", ".join(f"{code} {words}" for code, words in allowed.items())
    words = columns.words(name)
    values = columns.numbers(name) if columns.is_numeric(name) else np.full(len(words), np.nan)
    wrong = ~np.isin(values, list(allowed))
    if wrong.any():
        row = first_row(wrong)
        raise InputError(
            f"row {row} has an unknown code", where=columns.at(name), allowed=meaning, got=str(words[row - 1])
        )
    return values.astype(np.int64)


def factor(columns: Columns, name: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number of each row's level and the names of the levels, numbers in order of size, words in that of letters."""
    levels, which = np.unique(columns.words(name), return_inverse=True)
    try:
        order = np.argsort(levels.astype(np.float64), kind="stable")
    except ValueError:
        order = np.arange(len(levels))
    place = np.argsort(order)
    return place[which].astype(np.int64), tuple(str(level) for level in levels[order])


def _kind(values: Any) -> str:
    """The kind of an array's type as numpy names it, "O" for a column of text from a file."""
    return str(getattr(getattr(values, "dtype", None), "kind", "O"))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
