"""What the codes of events mean: 0 and 1, 2 for a competing event, words for yes and no, or codes that are told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Integers
from jaksim.errors import InputError
from jaksim.patient_data.coding.code_words import OF_TRUTH, check_one_event, code_of, coded_words, listed
from jaksim.patient_data.reading.columns import Columns, first_of, number_of

STATUS_CODES = {0: "censored", 1: "event", 2: "competing event"}
EVENT_CODES = {0: "no event", 1: "event"}
MEANINGS = {"censored": 0, "none": 0, "event": 1, "competing": 2}
"""Words for what a code means, in `codes`; "none" is no event."""
COMPETING = 2
MOST_LEVELS = 12
OPTION = "‹event_code=CODE›, ‹codes=event=CODE,censored=CODE›"

Codes = Mapping[str, tuple[str, ...]]
"""Codes by what they mean, a key of `MEANINGS`."""
_OF_CENSORING = re.compile(
    r"cnsr|cens(?!us)|alive|surviv|living|lost$|lost[\W_]*to|ltfu|lfu$|drop(ped)?[\W_]*out|withdr"
    r"|(^|[\W_])(not?|non)[\W_]*(dead|death|died|event|relapse|progression)|(event|relapse|progression|disease)[\W_]*free$",
    re.IGNORECASE,
)


def given_codes(given: str | Mapping[str, Any] | None, event: object = None) -> Codes:
    """Codes by meaning from text "event=2,censored=1" or a mapping; InputError for an unknown meaning or a code twice.

    A mapping may have a list of codes for a meaning; in text the meaning is repeated. `event` is the code of the event
    given alone.
    """
    if event is not None:
        if given:
            raise InputError("the codes are given too", where="‹event_code›", allowed="‹event_code› or ‹codes›")
        return {"event": (_code(event),)}
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
        word = _code(code)
        if any(word in codes for codes in found.values()):
            raise InputError("this code has a meaning already", where="‹codes›", got=word)
        found[meaning] = (*found.get(meaning, ()), word)
    if "event" not in found:
        raise InputError("no code for the event", where="‹codes›", allowed="event=CODE and the other codes")
    return found


def _code(given: object) -> str:
    return f"{given:.15g}" if isinstance(given, float) else str(given).strip()


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
    words = columns.words(name)
    values = columns.numbers(name) if columns.is_numeric(name) else _as_most(words)
    wrong = ~np.isin(values, list(allowed))
    if wrong.any():
        at = first_of(wrong)
        raise InputError(
            f"row {columns.row(at)} has an unknown code",
            where=columns.at(name),
            allowed=f"{listed(allowed)}; or {OPTION}",
            got=str(words[at]),
        )
    if not columns.is_numeric(name):
        check_one_event(words, columns.at(name))
    return values.astype(np.int64)


def _as_most(words: NDArray[Any]) -> NDArray[np.float64]:
    """Words for yes and no as 1 and 0, or numbers where most words are numbers; NaN for a word of the other sort.

    So a single word among numbers, or a single number among words, is the one that is wrong. Of as many the first
    decides.
    """
    levels, which = np.unique(words, return_inverse=True)
    numbers = np.array([number_of(str(level)) for level in levels])
    is_number = ~np.isnan(numbers)[which]
    codes = coded_words(words)
    votes = int(is_number.sum()) - int((~np.isnan(codes)).sum())
    return numbers[which] if votes > 0 or (votes == 0 and is_number[0]) else codes


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
    if set(given) == {"event"} and (found < 0).any():
        _others_without(columns, name, found, allowed)
    if (found < 0).any():
        at = first_of(found < 0)
        raise InputError(
            f"row {columns.row(at)} has a code without a meaning",
            where=columns.at(name),
            allowed="every code of the column in ‹codes›",
            got=str(columns.words(name)[at]),
        )
    return found


def _others_without(columns: Columns, name: str, found: Integers, allowed: Mapping[int, str]) -> None:
    """Fill in that rows with another code than that of the event have none; InputError where one may compete."""
    words = columns.words(name)
    others = sorted(set(words[found < 0].tolist()))
    if len(others) == len(set(words.tolist())):
        raise InputError("no row has the code of the event", where=columns.at(name), allowed=others[:MOST_LEVELS])
    if COMPETING in allowed and len(others) > 1:
        raise InputError(
            f"{len(others)} codes beside that of the event: {', '.join(others[:MOST_LEVELS])}",
            where=columns.at(name),
            allowed="‹codes=event=CODE,censored=CODE,competing=CODE›, a word repeated for each of its codes",
        )
    found[found < 0] = MEANINGS["none"]


def _has(columns: Columns, name: str, code: str) -> Booleans:
    """Whether each row has the code, numbers and words for yes and no being equal however they are written."""
    words = columns.words(name)
    same = np.asarray(np.char.lower(words) == code.lower())
    number = number_of(code)
    if np.isnan(number) and code.casefold() in OF_TRUTH:
        number = code_of(code)
    if np.isnan(number):
        return same
    values = columns.numbers(name) if columns.is_numeric(name) else _truths(words)
    return np.asarray(same | (values == number))


def _truths(words: NDArray[Any]) -> NDArray[np.float64]:
    """Words for yes and no as 1 and 0, NaN for other words."""
    levels, which = np.unique(words, return_inverse=True)
    return np.array([code_of(str(level)) if str(level).casefold() in OF_TRUTH else np.nan for level in levels])[which]
