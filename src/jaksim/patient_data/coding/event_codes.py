"""What the codes of events mean: 0 and 1, 2 for a competing event, words for yes and no, or codes that are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Integers
from jaksim.errors import InputError
from jaksim.patient_data.reading.columns import BOOLEANS, Columns, first_row, number_of

STATUS_CODES = {0: "censored", 1: "event", 2: "competing event"}
EVENT_CODES = {0: "no event", 1: "event"}
MEANINGS = {"censored": 0, "none": 0, "event": 1, "competing": 2}
"""Words for what a code means, in `codes`; "none" is no event."""
COMPETING = 2
OPTION = "‹codes=event=CODE,censored=CODE›"

Codes = Mapping[str, tuple[str, ...]]
"""Codes by what they mean, a key of `MEANINGS`."""
_OF_CENSORING = re.compile(
    r"cnsr|cens(?!us)|alive|surviv|living|lost$|lost[\W_]*to|ltfu|lfu$|drop(ped)?[\W_]*out|withdr"
    r"|(^|[\W_])(not?|non)[\W_]*(dead|death|died|event|relapse|progression)|(event|relapse|progression|disease)[\W_]*free$",
    re.IGNORECASE,
)


def given_codes(given: str | Mapping[str, Any] | None) -> Codes:
    """Codes by meaning from text "event=2,censored=1" or a mapping; InputError for an unknown meaning or a code twice.

    A mapping may have a list of codes for a meaning; in text the meaning is repeated.
    """
    if not given:
        return {}
    pairs: list[tuple[str, Any]] = []
    if isinstance(given, str):
        for part in given.split(","):
            meaning, equals, code = part.partition("=")
            if not equals or not code.strip():
                raise InputError("a code is MEANING=CODE", where="‹codes›", allowed="event=2,censored=1", got=part)
            pairs.append((meaning.strip(), code))
    else:
        for meaning, codes in given.items():
            several = isinstance(codes, Sequence) and not isinstance(codes, str)
            pairs += [(meaning, code) for code in (codes if several else [codes])]
    found: dict[str, tuple[str, ...]] = {}
    for meaning, code in pairs:
        if meaning not in MEANINGS:
            raise InputError("unknown meaning of a code", where="‹codes›", allowed=MEANINGS, got=meaning)
        word = str(code).strip()
        if any(word in codes for codes in found.values()):
            raise InputError("this code has a meaning already", where="‹codes›", got=word)
        found[meaning] = (*found.get(meaning, ()), word)
    if "event" not in found:
        raise InputError("no code for the event", where="‹codes›", allowed="event=CODE and the other codes")
    return found


def statuses(columns: Columns, name: str, given: Codes, *, competing: bool, of_jaksim: bool) -> Integers:
    """Status of each row, 0 censored, 1 event, 2 competing event; InputError with the row for any other code.

    Without `given` codes a status of 2 needs `competing`, a question about competing events, and the column must not be
    named after censoring. A column named as `jaksim simulate` does, `of_jaksim`, has jaksim's codes.
    """
    if given:
        return _by_given(columns, name, given, STATUS_CODES)
    competing |= of_jaksim
    if _OF_CENSORING.search(name) and not of_jaksim:
        raise InputError(
            "by its name the column tells who was censored, not who had the event",
            where=columns.at(name),
            allowed="‹codes=event=0,censored=1›, or event=1,censored=0 where 1 is the event all the same",
        )
    found = coded(columns, name, STATUS_CODES)
    if COMPETING in found and not competing:
        seen = set(np.unique(found).tolist())
        rows = int((found == COMPETING).sum())
        if seen == {1, 2}:
            what = "statuses are 1 and 2: censored and event, or event and competing event?"
        else:
            what = f"{rows} row(s) have status 2: a competing event (censored at its time here), or the event itself?"
        raise InputError(
            what,
            where=columns.at(name),
            allowed="‹codes=censored=1,event=2›, or ‹codes=censored=0,event=1,competing=2›, as it is meant",
        )
    return found


def events(columns: Columns, name: str, given: Codes) -> Integers:
    """1 for a row with the event, 0 for one without; InputError with the row for any other code."""
    return _by_given(columns, name, given, EVENT_CODES) if given else coded(columns, name, EVENT_CODES)


def coded(columns: Columns, name: str, allowed: Mapping[int, str]) -> Integers:
    """The column as whole-number codes, words for yes and no being 1 and 0; InputError with the row for any other."""
    meaning = ", ".join(f"{code} {words}" for code, words in allowed.items())
    words = columns.words(name)
    values = columns.numbers(name) if columns.is_numeric(name) else _as_most(words)
    wrong = ~np.isin(values, list(allowed))
    if wrong.any():
        row = first_row(wrong)
        raise InputError(
            f"row {row} has an unknown code",
            where=columns.at(name),
            allowed=f"{meaning}; or {OPTION}",
            got=str(words[row - 1]),
        )
    return values.astype(np.int64)


def _as_most(words: NDArray[Any]) -> NDArray[np.float64]:
    """Words for yes and no as 1 and 0, or numbers where most words are numbers; NaN for a word of the other sort.

    So a single word among numbers, or a single number among words, is the one that is wrong. Of as many the first
    decides.
    """
    levels, which = np.unique(words, return_inverse=True)
    numbers = np.array([number_of(str(level)) for level in levels])
    is_number = ~np.isnan(numbers)[which]
    known = ~np.isnan(_booleans(words))
    votes = int(is_number.sum()) - int(known.sum())
    return numbers[which] if votes > 0 or (votes == 0 and is_number[0]) else _booleans(words)


def _booleans(words: NDArray[Any]) -> NDArray[np.float64]:
    levels, which = np.unique(words, return_inverse=True)
    return np.array([BOOLEANS.get(str(level).casefold(), np.nan) for level in levels])[which]


def _by_given(columns: Columns, name: str, given: Codes, allowed: Mapping[int, str]) -> Integers:
    found = np.full(len(columns), -1, dtype=np.int64)
    for meaning, codes in given.items():
        if MEANINGS[meaning] not in allowed:
            raise InputError(
                "a binary event is neither censored nor competing",
                where=f"‹codes›, {columns.at(name)}",
                allowed="event, none",
                got=meaning,
            )
        for code in codes:
            found[_has(columns, name, code)] = MEANINGS[meaning]
    if (found < 0).any():
        row = first_row(found < 0)
        raise InputError(
            f"row {row} has a code without a meaning",
            where=columns.at(name),
            allowed="every code of the column in ‹codes›",
            got=str(columns.words(name)[row - 1]),
        )
    return found


def _has(columns: Columns, name: str, code: str) -> Booleans:
    """Whether each row has the code, numbers and words for yes and no being equal however they are written."""
    words = columns.words(name)
    same = np.asarray(words == code)
    truth = BOOLEANS.get(code.casefold())
    try:
        number = float(code) if truth is None else float(truth)
    except ValueError:
        return same
    values = columns.numbers(name) if columns.is_numeric(name) else _booleans(words)
    return np.asarray(same | (values == number))
