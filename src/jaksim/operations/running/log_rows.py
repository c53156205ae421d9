"""The rows of a log of a trial, one event each, with the faults that a row can have by itself."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.arrays import Booleans
from jaksim.errors import InputError, nearest
from jaksim.patient_data.reading.columns import Columns

EVENTS: Final = ("activated", "closed", "screened", "failed", "randomised", "score", "died", "analysis")
"""What a row can tell."""
COLUMNS: Final = ("event", "day", "date", "site", "country", "patient", "arm", "stratum", "score", "reason")
"""What a row can have."""
OF_SITES: Final = ("activated", "closed")
OF_PATIENTS: Final = ("screened", "failed", "randomised", "score", "died")
_WHOLE_DAYS: Final = "whole numbers, the first day of the trial being day 0; dates go into a column 'date'"
_DATES: Final = "dates by year-month-day, such as 2021-03-31"
_SHOWN: Final = 5
"""How many of the rows with a fault a message lists."""
_SPELLINGS: Final = {"randomized": "randomised", "opened": "activated"}
_USED_BY: Final[dict[str, tuple[str, ...]]] = {
    "arm": ("randomised",),
    "stratum": ("randomised",),
    "score": ("randomised", "score"),
    "reason": ("failed",),
}
_NEEDED: Final[tuple[tuple[tuple[str, ...], str], ...]] = (
    ((*OF_SITES, "screened"), "site"),
    (OF_PATIENTS, "patient"),
    (("score",), "score"),
)


@dataclass(frozen=True)
class Row:
    """One event: its row in the log from 1, what happened on which day of the trial, and to whom."""

    number: int
    event: str
    day: int
    site: str = ""
    country: str = ""
    patient: str = ""
    arm: str = ""
    stratum: str = ""
    score: str = ""
    reason: str = ""

    def __str__(self) -> str:
        who = f", patient {self.patient}" if self.patient else ""
        where = f", site {self.site}" if self.site else ""
        return f"row {self.number}: {self.event} on day {self.day}{who}{where}"


def fault(
    what: str, rows: Iterable[Row | str], where: str, allowed: str | Sequence[str], got: str | None = None
) -> None:
    """InputError that lists the first rows; nothing without rows."""
    lines = listed(rows)
    if lines:
        raise InputError(what, where=where, allowed=allowed, got=got, details=lines)


def listed(rows: Iterable[Row | str]) -> list[str]:
    """A line for each row, the first few of many."""
    lines = [str(row) for row in rows]
    more = len(lines) - _SHOWN
    return lines if more <= 0 else [*lines[:_SHOWN], f"and {more} more"]


def rows_of(columns: Columns, on: int, start: datetime.date | None) -> list[Row]:
    """The rows of a log that was closed at the end of day `on`, in its order.

    Raises `InputError` for columns that are missing or unknown, events that there are not, days that cannot be read or
    are not between day 0 and `on`, and values in a row that has no use for them.
    """
    for name in columns.names:
        if name not in COLUMNS:
            raise InputError("a column that a log does not have", where=columns.where, allowed=COLUMNS, got=name)
    columns.require("event", "what happened")
    events = [_SPELLINGS.get(word.casefold(), word.casefold()) for word in columns.words("event").tolist()]
    for number, event in enumerate(events, 1):
        if event not in EVENTS:
            where, got = columns.at("event"), columns.words("event")[number - 1]
            raise InputError(f"row {number} is no event", where=where, allowed=EVENTS, got=str(got))
    days = _days(columns, start)
    words = {name: columns.words(name).tolist() for name in COLUMNS[3:] if name in columns}
    rows = [
        Row(i + 1, events[i], days[i], **{name: str(column[i]) for name, column in words.items()})
        for i in range(len(events))
    ]
    _check(rows, columns, on)
    return rows


def _check(rows: list[Row], columns: Columns, on: int) -> None:
    where = columns.where
    fault("events after the day of the forecast", (r for r in rows if r.day > on), where, f"days up to ‹on›, day {on}")
    fault("events before the first day of the trial", (r for r in rows if r.day < 0), where, "day 0 or later")
    for kinds, field in _NEEDED:
        lacking = [r for r in rows if r.event in kinds and not getattr(r, field)]
        allowed = f"a {field} in every row of {in_words(kinds)}"
        if lacking and field not in columns:
            raise InputError(f"no column '{field}'", where=where, allowed=allowed)
        fault(f"rows without a {field}", lacking, where, allowed)
    for field, kinds in _USED_BY.items():
        useless = (r for r in rows if getattr(r, field) and r.event not in kinds)
        a = "an" if field == "arm" else "a"
        fault(f"rows with {a} {field} that means nothing there", useless, where, f"in rows of {in_words(kinds)}")
    of_nobody = (r for r in rows if r.patient and r.event not in OF_PATIENTS)
    fault("rows with a patient that means nothing there", of_nobody, where, f"in rows of {in_words(OF_PATIENTS)}")


def in_words(words: Sequence[str]) -> str:
    """The words as a sentence lists them."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _days(columns: Columns, start: datetime.date | None) -> list[int]:
    """The day of each row, by its day or its date, which have to agree where there are both."""
    if "day" not in columns and "date" not in columns:
        close = next((name for name in columns.names if nearest(name, ("day", "date"))), None)
        raise InputError("no column for the day", where=columns.where, allowed=("day", "date"), got=close)
    if "date" not in columns:
        return _by_day(columns)
    if "day" not in columns:
        return _by_date(columns, start)
    days = _by_day(columns)
    dates = _by_date(columns, start)
    differing = [
        f"row {i + 1}: day {a}, date of day {b}" for i, (a, b) in enumerate(zip(days, dates, strict=True)) if a != b
    ]
    fault("day and date do not agree", differing, columns.where, "one of the two, or dates of the same days")
    return days


def _by_day(columns: Columns) -> list[int]:
    try:
        found = columns.numbers("day")
    except InputError as error:
        error.allowed = _WHOLE_DAYS
        raise
    whole: Booleans = np.isfinite(found) & (np.floor(found) == found) & (np.abs(found) < 1e6)
    given = [_given(columns.values["day"][i]) for i in np.flatnonzero(~whole)]
    wrong = [f"row {i + 1}: {word or 'no day'}" for i, word in zip(np.flatnonzero(~whole), given, strict=True)]
    got = next(iter(given), "") or None
    fault("rows without a whole day", wrong, columns.at("day"), _WHOLE_DAYS, got)
    return [int(day) for day in found]


def _by_date(columns: Columns, start: datetime.date | None) -> list[int]:
    if start is None:
        raise InputError(
            "dates mean nothing without that of the first day", where=columns.at("date"),
            allowed="a column of days, or operations.start in the scenario",
        )  # fmt: skip
    words = columns.words("date").tolist()
    dates = [date_of(word) for word in words]
    wrong = [(f"row {i + 1}: {word}", word) for i, word in enumerate(words) if word and dates[i] is None]
    if wrong:
        fault("dates that cannot be read", (row for row, _ in wrong), columns.at("date"), _DATES, wrong[0][1])
    fault(
        "rows without a date",
        (f"row {i + 1}" for i, one in enumerate(dates) if one is None),
        columns.at("date"),
        _DATES,
    )
    return [(date - start).days for date in dates if date is not None]


def _given(value: Any) -> str:
    """A value as it was given, a missing one too."""
    return "" if value is None else str(value).strip()


def date_of(value: Any) -> datetime.date | None:
    """The date that a word stands for, a time of the day left aside; None for none."""
    word = str(value).strip()
    try:
        return datetime.date.fromisoformat(word[:10]) if len(word) == 10 or word[10:11] in ("T", " ") else None
    except ValueError:
        return None
