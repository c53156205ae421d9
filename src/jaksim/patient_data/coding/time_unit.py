"""The unit in which the times of a data set are counted: told, or in the name of their column, else unknown."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError

DAYS: Final = "days"
LENGTH: Final = {
    "minutes": 1.0 / 1440.0,
    "hours": 1.0 / 24.0,
    DAYS: 1.0,
    "weeks": 7.0,
    "months": 365.25 / 12.0,
    "years": 365.25,
}
"""Days in each unit."""
LONGEST_IN_YEARS: Final = 120.0
_NAMES: Final = {
    "minutes": "minutes minute mins min",
    "hours": "hours hour hrs hr",
    DAYS: "days day",
    "weeks": "weeks week wks wk",
    "months": "months month mths mth mos mo",
    "years": "years year yrs yr",
}
_OF_WORD: Final = {word: unit for unit, words in _NAMES.items() for word in words.split()}
_DATES: Final = (19_000_101, 21_001_231)
_SERIAL: Final = (32_874, 58_804)
"""1990 to 2060 as days since 1900; where every patient has a time in here, none was followed for less than 90 years."""


def unit_named(text: str) -> str | None:
    """The unit that a word or sentence names, None for none or several."""
    named = {_OF_WORD[word] for word in re.findall(r"[a-z]+", text.casefold()) if word in _OF_WORD}
    return named.pop() if len(named) == 1 else None


def unit_of_time(column: str, where: str, times: Floats, given: str | None, *, of_jaksim: bool) -> str | None:
    """The unit `given`, else that of the column's name, else days where jaksim itself names the column so, else None.

    InputError for a unit that contradicts the name, for follow-up longer than a life in it, and for dates.
    """
    if given is not None and given not in LENGTH:
        raise InputError("unknown unit of time", where="‹time_unit›", allowed=LENGTH, got=given)
    named = {_OF_WORD[word] for word in re.findall(r"[a-z]+", column.casefold()) if word in _OF_WORD}
    if given is not None and named and given not in named:
        raise InputError(
            f"the column is named after {' and '.join(sorted(named))}",
            where=f"‹time_unit›, {where}",
            allowed=sorted(named),
            got=given,
        )
    unit = given or (min(named) if len(named) == 1 else None) or (DAYS if of_jaksim else None)
    if unit is not None and times.max() * LENGTH[unit] > LONGEST_IN_YEARS * LENGTH["years"]:
        raise InputError(
            f"a follow-up of {times.max():,g} {unit} is longer than a life", where=where, allowed="‹time_unit=UNIT›"
        )
    dates = _dates(times)
    if dates.any() and (unit != "minutes" or dates.all()):
        raise InputError(
            "the times look like dates", where=where, allowed="times since randomisation", got=int(times[dates][0])
        )
    if (
        unit is None
        and times.size
        and ((times == np.floor(times)) & (times >= _SERIAL[0]) & (times <= _SERIAL[1])).all()
    ):
        raise InputError(
            "the times look like dates of a spreadsheet, days since 1900",
            where=where,
            allowed="times since randomisation; ‹time_unit=UNIT› if they are",
            got=int(times[0]),
        )
    return unit


def _dates(times: Floats) -> Booleans:
    """Which times are a day as YYYYMMDD."""
    month, day = times // 100 % 100, times % 100
    whole = (times == np.floor(times)) & (times >= _DATES[0]) & (times <= _DATES[1])
    found: Booleans = whole & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    return found
