"""Dates of text as days, and times to an event as the days from one date to another."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import Columns, first_of

ORDERS: Final = ("dmy", "mdy")
_MONTHS: Final = "janfebmaraprmayjunjulaugsepoctnovdec"
_CLOCK: Final = r"(?:[T: ]\s*(?P<h>\d{1,2}):(?P<min>\d{2})(?::(?P<s>\d{2}(?:\.\d+)?))?\s*(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})" + _CLOCK)
_DIGITS: Final = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})")
_MONTH_NAMED: Final = re.compile(r"(?P<d>\d{1,2})[- ]?(?P<m>[a-z]{3,9})\.?[- ,]?(?P<y>\d{4})" + _CLOCK, re.IGNORECASE)
_MONTH_FIRST: Final = re.compile(r"(?P<m>[a-z]{3,9})\.? (?P<d>\d{1,2}),? (?P<y>\d{4})" + _CLOCK, re.IGNORECASE)
_YEAR_LAST: Final = re.compile(r"(?P<a>\d{1,2})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<y>\d{4})" + _CLOCK)
_FORMS: Final = (_YEAR_FIRST, _MONTH_NAMED, _MONTH_FIRST, _YEAR_LAST)
_ALLOWED: Final = "whole dates such as 2021-03-31, 31MAR2021 or 31/03/2021; ‹map=COLUMN:OLD=NEW› gives one for another"


def look_like_dates(words: NDArray[Any], *, digits: bool = False) -> bool:
    """Whether most of the words are dates, also such as 20210331 if `digits` may be."""
    forms = (*_FORMS, _DIGITS) if digits else _FORMS
    levels = [str(word) for word in np.unique(words) if word]
    return bool(levels) and 2 * sum(any(form.fullmatch(word) for form in forms) for word in levels) > len(levels)


def counted_in_days(columns: Columns, names: Iterable[str], start: str | None, order: str | None) -> Columns:
    """The columns with those of the names that hold dates as days since the date in `start`, where that is named.

    Dates that may be day or month first are refused without `order`, unless one of them tells. InputError, with the
    row, for what is no date and for a date before the start.
    """
    names = tuple(names)
    if order is not None and order not in ORDERS:
        raise InputError("unknown order of dates", where="‹date_order›", allowed=ORDERS, got=order)
    dates = [
        name
        for name in names
        if (start is not None or not columns.is_numeric(name))
        and look_like_dates(columns.words(name), digits=start is not None)
    ]
    if start is None:
        for name in dates:
            raise InputError(
                "the column holds dates",
                where=columns.at(name),
                allowed="‹start_date=COLUMN›, the dates from which they are counted; or times since randomisation",
                got=str(columns.words(name)[0]),
            )
        return columns
    if names[0] not in dates and columns.is_numeric(names[0]):
        raise InputError(
            "the times are numbers, not dates",
            where=f"‹start_date›, {columns.at(names[0])}",
            allowed="dates in both columns; a number of days is a time as it is",
            got=start,
        )
    dates = dates or [names[0]]
    order = order or _order(columns, (*dates, start))
    origin, clock = _days(columns, start, order)
    values = dict(columns.values)
    for name in dates:
        day, has_clock = _days(columns, name, order)
        after = day - origin if clock and has_clock else np.floor(day) - np.floor(origin)
        early = after < 0.0
        if early.any():
            at = first_of(early)
            raise InputError(
                f"row {columns.row(at)} is before its start, {columns.words(start)[at]}",
                where=columns.at(name),
                got=str(columns.words(name)[at]),
                allowed=f"dates from that in '{start}' on",
            )
        values[name] = after
    return replace(columns, values=values, _known={})


def _order(columns: Columns, names: Iterable[str]) -> str | None:
    """Which of day and month is first in dates such as 03/04/2021; None where no date is written so."""
    found = {(int(one["a"]), int(one["b"]), one["mark"]): (name, one[0]) for name, one in _year_last(columns, names)}
    if not found:
        return None
    day_first = [where for (a, b, _), where in found.items() if a > 12]
    month_first = [where for (a, b, _), where in found.items() if b > 12]
    if day_first and month_first:
        (one, first), (other, second) = day_first[0], month_first[0]
        raise InputError(
            f"some dates have the day first ('{one}': {first}), others the month ('{other}': {second})",
            where=columns.where,
            allowed="one order",
        )
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if all(mark == "." for _, _, mark in found):
        return "dmy"
    name, text = next(iter(found.values()))
    raise InputError(
        "day and month cannot be told apart",
        where=columns.at(name),
        allowed="‹date_order=dmy› or ‹date_order=mdy›",
        got=text,
    )


def _year_last(columns: Columns, names: Iterable[str]) -> Iterator[tuple[str, re.Match[str]]]:
    for name in names:
        for word in np.unique(columns.words(name)):
            if one := _YEAR_LAST.fullmatch(str(word)):
                yield name, one


def _days(columns: Columns, name: str, order: str | None) -> tuple[Floats, bool]:
    """Days of the column since the first of the calendar, and whether they have a time of day."""
    levels, which = np.unique(columns.words(name), return_inverse=True)
    found = [_day(str(level), order) for level in levels]
    days = np.array([day for day, _ in found])[which]
    if np.isnan(days).any():
        at = first_of(np.isnan(days))
        raise InputError(
            f"row {columns.row(at)} is not a date",
            where=columns.at(name),
            allowed=_ALLOWED,
            got=str(columns.words(name)[at]),
        )
    return days, any(clock for _, clock in found)


def _day(word: str, order: str | None) -> tuple[float, bool]:
    for form in (*_FORMS, _DIGITS):
        if one := form.fullmatch(word):
            break
    else:
        return np.nan, False
    parts = one.groupdict()
    if "a" in parts:
        day, month = (parts["a"], parts["b"]) if order == "dmy" else (parts["b"], parts["a"])
    else:
        day, month = parts["d"], parts["m"]
    at = _MONTHS.find(month[:3].casefold())
    number = int(month) if month.isdigit() else at // 3 + 1 if at % 3 == 0 else 0
    try:
        whole = datetime.date(int(parts["y"]), number, int(day)).toordinal()
    except ValueError:
        return np.nan, False
    if parts.get("h") is None:
        return float(whole), False
    return whole + (int(parts["h"]) * 60 + int(parts["min"])) / 1440 + float(parts["s"] or 0) / 86400, True
