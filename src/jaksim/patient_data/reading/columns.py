"""The columns of a data set as numbers, whole numbers or names, with messages that say which row is wrong."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.errors import InputError
from jaksim.escapes import without_line_ends
from jaksim.spreadsheet import rearmed

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", ".", "<na>", "nat"})
LONGEST = max(map(len, MISSING_WORDS))
LARGEST = 1e15
"""The largest number of a column: whole numbers beyond it lose digits, and squares of much larger ones overflow."""
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_WITH_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")
MOST_WORDS = 12


@dataclass(eq=False)
class Columns:
    """Columns of one length by name, arrays or tuples of text, converted when asked for; `where` names their origin.

    `content_hash` is the SHA-256 of the file they come from, or of names and values that were given. `decimal` is the
    mark of decimals in text where it is told. `numbers_of_rows` are those, from 1, that rows had where they come from,
    if some have been left out.
    """

    values: Mapping[str, Any]
    where: str
    content_hash: str | None = None
    decimal: str | None = None
    numbers_of_rows: Integers | None = None
    _known: dict[str, Any] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.values)

    def row(self, position: int) -> int:
        """The number, from 1, that the row at a position has where the data come from."""
        return position + 1 if self.numbers_of_rows is None else int(self.numbers_of_rows[position])

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
        """The column as text without outer spaces, "" where missing; whole numbers are written without a point.

        A line end is written as its escape, such as \\n, for names stand in lines of a report.
        """
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
            with_comma = _without_decimal_commas(filled, self.at(name), self.decimal)
        words = filled if with_comma is None else with_comma
        wrong = [row for row, word in enumerate(words) if not _is_number(word)]
        if not wrong:
            found: Floats = words.astype(np.float64)
            return found
        # A word that is no number in any spelling is at fault before one with a decimal comma.
        at = next((row for row in wrong if not _DECIMAL_COMMA.fullmatch(words[row])), wrong[0])
        raise InputError(
            f"row {self.row(at)} is not a number",
            where=self.at(name),
            got=str(filled[at]),
            allowed=_instead(filled, at, name),
        )

    def _words(self, name: str) -> NDArray[Any]:
        values = self.values[name]
        kind = _kind(values)
        if kind in "biu":
            return np.asarray(values).astype(np.int64).astype(str)
        texts: Iterable[str] = values
        if kind == "f":
            texts = (f"{value:.15g}" for value in values.tolist())
        elif not isinstance(values, tuple):
            texts = (self._text(name, position, value) for position, value in enumerate(values))
        stripped = [text.strip() for text in texts]
        together = "".join(stripped)  # faster than to look at each
        if "'" in together or "\n" in together or "\r" in together:
            stripped = [rearmed(without_line_ends(text)) for text in stripped]
        return np.array(
            ["" if len(text) <= LONGEST and text.casefold() in MISSING_WORDS else text for text in stripped]
        )

    def _text(self, name: str, position: int, value: Any) -> str:
        if not isinstance(value, bytes):
            return "" if value is None else str(value)
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            raise InputError(
                f"row {self.row(position)} is not text", where=self.at(name), allowed="text in UTF-8", got=repr(value)
            ) from None

    def at(self, name: str) -> str:
        """Where a message places the column."""
        return f"{self.where}, column '{name}'"


def take(columns: Columns, rows: Booleans | Integers, names: Iterable[str]) -> Columns:
    """The rows that are kept, or numbered, of the named columns."""
    chosen = [name for name in dict.fromkeys(names) if name in columns]
    numbers = columns.numbers_of_rows
    return Columns(
        {name: np.asarray(columns.values[name])[rows] for name in chosen},
        columns.where,
        columns.content_hash,
        columns.decimal,
        (np.arange(1, len(columns) + 1) if numbers is None else numbers)[rows],
    )


def first_of(wrong: Booleans) -> int:
    """Position of the first row that is wrong."""
    return int(np.flatnonzero(wrong)[0])


def finite(columns: Columns, name: str, *, lowest: float | None = None) -> Floats:
    """The column as finite numbers, none below `lowest`; InputError with the row."""
    values = columns.numbers(name)
    known = np.abs(values) <= LARGEST
    wrong = ~known if lowest is None else ~(known & (values >= lowest))
    if wrong.any():
        at = first_of(wrong)
        allowed = f"finite numbers up to {LARGEST:g}" if lowest is None else f"numbers from {lowest:g} to {LARGEST:g}"
        raise InputError(
            f"row {columns.row(at)} is out of range", where=columns.at(name), allowed=allowed, got=values[at].item()
        )
    return values


def factor(columns: Columns, name: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number of each row's level and the names of the levels, numbers in order of size, words in that of letters."""
    levels, which = np.unique(columns.words(name), return_inverse=True)
    try:
        order = np.argsort(levels.astype(np.float64), kind="stable")
    except ValueError:
        order = np.arange(len(levels))
    place = np.argsort(order)
    return place[which].astype(np.int64), tuple(str(level) for level in levels[order])


def _without_decimal_commas(words: NDArray[Any], where: str, decimal: str | None) -> NDArray[Any] | None:
    """Numbers with a point in place of the decimal comma; None unless every word with a comma is such a number.

    InputError where the comma may as well part thousands and the `decimal` mark is not told.
    """
    if decimal == "point":
        parted = all("," not in word or _WITH_THOUSANDS.fullmatch(word) for word in map(str, words))
        return np.char.replace(words, ",", "") if parted else None
    with_comma = [str(word) for word in words if "," in word]
    if not with_comma or not all(map(_DECIMAL_COMMA.fullmatch, with_comma)) or any("." in word for word in words):
        return None
    if decimal is None and all(map(_THOUSANDS.fullmatch, with_comma)):
        raise InputError(
            "a comma in a number may be decimal or part thousands",
            where=where,
            allowed="‹decimal=comma›, or ‹decimal=point› where it parts thousands",
            got=with_comma[0],
        )
    return np.char.replace(words, ",", ".")


def _instead(words: NDArray[Any], at: int, name: str) -> str:
    """What helps where a column holds the word at a position instead of a number."""
    if at == 0 and len(words) > 1 and words[0][:1].isalpha() and all(_is_number(word) for word in words[1:]):
        return "numbers; ‹labels› where the first row holds labels"
    levels = sorted({str(word) for word in words if not _is_number(word)})
    if len(levels) > MOST_WORDS:
        return "numbers"
    return f"numbers; ‹map={name}:{levels[0]}=NUMBER›, for each of {', '.join(levels)}"


def _kind(values: Any) -> str:
    """The kind of an array's type as numpy names it, "O" for a column of text from a file."""
    return str(getattr(getattr(values, "dtype", None), "kind", "O"))


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def number_of(word: str) -> float:
    """The word as a number, NaN where it is none."""
    return float(word) if _is_number(word) else math.nan
