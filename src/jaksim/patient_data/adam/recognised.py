"""Data sets in the form of CDISC ADaM, recognised by their columns: times to an event (ADTTE), and scores (ADQS)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np

from jaksim.errors import InputError
from jaksim.patient_data.coding.time_unit import unit_named
from jaksim.patient_data.daily.daily_columns import day_columns
from jaksim.patient_data.question import Question
from jaksim.patient_data.reading.columns import Columns

VALUE, CENSORED, PARAMETER, WORDS, UNIT = "AVAL", "CNSR", "PARAMCD", "PARAM", "AVALU"
ARMS: Final = ("TRTP", "TRT01P", "TRTA", "TRT01A", "ARM", "ACTARM")
"""Columns of the treatment: planned before actual, of the record before that of the patient."""
PATIENTS: Final = ("USUBJID", "SUBJID")
DAYS: Final = ("ADY", "AVISITN")
FLAGS: Final = re.compile(
    r"(ITT|MITT|FAS|SAF|PPROT|PPS?|RAND|ENRL|COMPL|EFF|EVAL|ANL\d\d|RESP|PK)(FL|FN)", re.IGNORECASE
)
YES: Final = ("Y", "1")
DERIVED: Final = "DTYPE"


def recognised(columns: Columns, question: Question) -> tuple[Question, tuple[str, ...]]:
    """The question with the columns of ADaM where it leaves them as they are by default, and what was taken in words.

    Data are taken for ADaM where they have AVAL and one of PARAMCD, PARAM and CNSR, and none of the columns that the
    question names for the endpoint. InputError, with the option that chooses, for several parameters, for a population
    flag that is not the same in all rows, and for derived rows among others.
    """
    known = {name.upper(): name for name in columns.names}
    own = {getattr(question, name) for name in ("time", "status", "score", "event", "days")}
    if (
        VALUE not in known
        or not known.keys() & {PARAMETER, WORDS, CENSORED}
        or (own - {known[VALUE], known.get(CENSORED)}) & set(columns.names)
        or day_columns(columns.names)
    ):
        return question, ()
    _check_one_parameter(columns, known)
    _check_population(columns, known, question)
    found: dict[str, Any] = {}
    said = []

    def take(role: str, names: tuple[str, ...], words: str) -> None:
        name = next((known[one] for one in names if one in known), None)
        if name is not None and getattr(question, role) == _default(role) and _default(role) not in columns:
            found[role] = name
            said.append(f"{words} {name}")

    take("arm", ARMS, "arms in")
    take("patient", PATIENTS, "patients in")
    if CENSORED in known:
        take("time", (VALUE,), "times in")
        take("status", (CENSORED,), "censoring in")
        if found.get("status") and not question.codes:
            found["codes"], words = _codes(columns, known[CENSORED], question)
            said.append(words)
        unit = _unit(columns, known)
        if question.time_unit not in (None, unit) and unit is not None:
            raise InputError("the data say the unit", where="‹time_unit›", allowed=[unit], got=question.time_unit)
        found["time_unit"] = question.time_unit or unit
    else:
        take("score", (VALUE,), "scores in")
        if question.daily:
            take("day", DAYS, "days in")
            take("baseline", ("BASE",), "scores at baseline in")
        if found.get("day") == known.get("ADY") and question.first_day is None:
            found["first_day"] = 1
            said.append("day 1 that of randomisation")
    found["label"] = _label(columns, known)
    parts = ", ".join(said)
    note = (f"Read as ADaM: {parts}.",) if parts else ()
    return replace(question, **found), (*note, *_both_treatments(columns, known, found.get("arm")))


def _default(role: str) -> Any:
    return next(field.default for field in fields(Question) if field.name == role)


def _levels(columns: Columns, name: str) -> list[str]:
    return sorted(set(columns.words(name).tolist()) - {""})


def _check_one_parameter(columns: Columns, known: Mapping[str, str]) -> None:
    name = known.get(PARAMETER) or known.get(WORDS)
    if name is None or len(levels := _levels(columns, name)) < 2:
        return
    raise InputError(
        f"the rows are of {len(levels)} parameters: {', '.join(levels)}",
        where=columns.at(name),
        allowed=f"‹where={name}={levels[0]}›, or another of them",
    )


def _check_population(columns: Columns, known: Mapping[str, str], question: Question) -> None:
    """InputError for flags of populations that part the rows, unless rows were chosen by one, and for derived rows."""
    flags = [name for key, name in known.items() if FLAGS.fullmatch(key) and name not in question.ignore]
    varying = [name for name in flags if len(set(columns.words(name).tolist())) > 1]
    settled = any(FLAGS.fullmatch(name) for name in question.chosen_by)
    if varying and not settled:
        yes = next((word for word in YES if (columns.words(varying[0]) == word).any()), YES[0])
        raise InputError(
            f"{', '.join(varying)}: some rows are in the population, others are not",
            where=columns.where,
            allowed=f"‹where={varying[0]}={yes}›, or ‹ignore={varying[0]}› for all rows",
        )
    name = known.get(DERIVED)
    if name is None or name in question.ignore or name in question.chosen_by:
        return
    derived = _levels(columns, name)
    if derived and (columns.words(name) == "").any():
        raise InputError(
            f"some rows are derived from others: {', '.join(derived)}",
            where=columns.at(name),
            allowed=f"‹where={name}!={derived[0]}›, or ‹ignore={name}› for all rows",
        )


def _codes(columns: Columns, name: str, question: Question) -> tuple[dict[str, tuple[str, ...]], str]:
    """CNSR: 0 for the event, each other whole number for a reason to be censored."""
    levels = _levels(columns, name)
    if not columns.is_numeric(name) or (np.nan_to_num(columns.numbers(name)) % 1 != 0).any():
        raise InputError(
            "must be 0 for the event and whole numbers for reasons to be censored",
            where=columns.at(name),
            allowed="‹codes=event=CODE,censored=CODE›",
            got=", ".join(levels[:5]),
        )
    others = tuple(level for level in levels if float(level) != 0)
    if question.competing and len(others) > 1:
        raise InputError(
            f"rows are censored for {len(others)} reasons ({', '.join(others)}): does one of them compete?",
            where=columns.at(name),
            allowed="‹codes=event=0,censored=1,competing=2›, as it is meant",
        )
    codes = {"event": ("0",), **({"censored": others} if others else {})}
    return codes, f"0 the event and {' or '.join(others) or '1'} censored"


def _unit(columns: Columns, known: Mapping[str, str]) -> str | None:
    """The unit in AVALU, else in the brackets of PARAM."""
    for key, inside in ((UNIT, r"(.*)"), (WORDS, r".*\((.*)\)\s*")):
        if key not in known:
            continue
        levels = _levels(columns, known[key])
        units = {unit_named(found[1]) for level in levels if (found := re.fullmatch(inside, level))} - {None}
        if len(units) > 1:
            raise InputError(
                f"the times are in {' and '.join(sorted(map(str, units)))}",
                where=columns.at(known[key]),
                allowed="one unit",
            )
        if units:
            return units.pop()
    return None


def _label(columns: Columns, known: Mapping[str, str]) -> str | None:
    for key in (WORDS, PARAMETER):
        if key in known and len(levels := _levels(columns, known[key])) == 1:
            return levels[0]
    return None


def _both_treatments(columns: Columns, known: Mapping[str, str], arm: str | None) -> tuple[str, ...]:
    """A remark where patients were treated otherwise than planned."""
    pairs = {"TRTP": "TRTA", "TRT01P": "TRT01A", "ARM": "ACTARM"}
    other = known.get(pairs.get((arm or "").upper(), ""))
    if arm is None or other is None:
        return ()
    differ = int((columns.words(arm) != columns.words(other)).sum())
    if not differ:
        return ()
    return (
        f"Rows with another actual treatment, {other}, than the planned one, {arm}, which is analysed: {differ:,}.",
    )
