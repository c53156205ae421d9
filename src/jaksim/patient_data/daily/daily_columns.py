"""Daily scores among the columns of a data set: a column for each day, or a row for each patient and day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.patient_data.daily.daily_names import BASELINE, DailyNames
from jaksim.patient_data.reading.columns import Columns, finite, first_of

_DAY = re.compile(r"(?:score[_ ]?)?(?:day[_ ]?|d)(\d+)", re.IGNORECASE)


def day_columns(names: Iterable[str], first_day: int = 0) -> dict[int, str]:
    """Column of each day since randomisation, by the names score_day_7, day_7, day7 or d7.

    The numbers are study days, `first_day` that of randomisation; `baseline_score` is the score on it.
    """
    found: dict[int, str] = {}
    for name in names:
        if match := _DAY.fullmatch(name):
            day = int(match[1]) - first_day
            if day in found:
                raise InputError(f"two columns for day {match[1]}", allowed="one of them", got=f"{found[day]}, {name}")
            found[day] = name
    if found and BASELINE in names:
        found.setdefault(0, BASELINE)
    return found


def without_daily_scores(columns: Columns) -> Columns:
    """The data set without its columns of daily scores; the baseline stays."""
    daily = set(day_columns(columns.names).values()) - {BASELINE}
    values = {name: value for name, value in columns.values.items() if name not in daily}
    return Columns(values, columns.where, columns.content_hash)


def day_of_randomisation(names: Iterable[str], given: int | None) -> int:
    """The study day of randomisation: as given, else 1 where the baseline is followed by day 2, else 0."""
    if given is not None:
        return given
    found = set(day_columns(names)) - {0}
    return 1 if BASELINE in names and found and min(found) == 2 else 0


def has_daily_scores(columns: Columns, names: DailyNames) -> bool:
    """Whether the data set holds daily scores, in either form."""
    return bool(day_columns(columns.names)) or all(name in columns for name in names.of_row)


def is_long(columns: Columns, names: DailyNames) -> bool:
    """Whether the daily scores have a row for each patient and day."""
    return not day_columns(columns.names) and all(name in columns for name in names.of_row)


def last_day(columns: Columns, names: DailyNames, first_day: int) -> int:
    """The last day since randomisation of which the data set has a score; InputError if there is none after it."""
    check_days(columns, names, first_day)
    if is_long(columns, names):
        last = int(columns.numbers(names.day).max()) - first_day
    else:
        last = max(day_columns(columns.names, first_day))
    if last < 1:
        raise InputError("no score after the day of randomisation", where=columns.where, got=last + first_day)
    return last


def check_days(columns: Columns, names: DailyNames, first_day: int) -> None:
    """InputError, naming the option, where no score is of the day of randomisation, or one is of a day before it."""
    long = is_long(columns, names)
    if long:
        days, where = finite(columns, names.day), columns.at(names.day)
        first, last, known = days.min(), days.max(), bool((days == first_day).any())
    else:
        where = columns.where
        numbers = [int(match[1]) for name in columns.names if (match := _DAY.fullmatch(name))]
        first, last, known = min(numbers), max(numbers), first_day in numbers
    if first >= first_day and (known or (names.baseline if long else BASELINE) in columns):
        return
    what = "no score on" if first > first_day else "a score before"
    option = f"‹day_of_randomisation={first:.15g}› if the first of them is"
    if first < first_day and long:
        option += f"; ‹where={names.day}>={first_day}› leaves the days before it out"
    raise InputError(
        f"{what} study day {first_day}, that of randomisation: the days are {first:.15g} to {last:.15g}",
        where=where,
        allowed=option if first < first_day else f"{names.baseline if long else BASELINE}, or {option}",
    )


def wide_scores(columns: Columns, horizon: int, first_day: int) -> NDArray[np.float64]:
    """Scores (n, horizon + 1) of a data set with a column for each day, NaN where missing.

    A later day without a column is missing for everybody.
    """
    by_day = day_columns(columns.names, first_day)
    if BASELINE in columns and by_day[0] != BASELINE:
        _same_baseline(columns, columns.numbers(by_day[0]), by_day[0], BASELINE)
    if horizon > max(by_day):
        needed, last = horizon + first_day, max(by_day) + first_day
        raise InputError(f"the endpoint needs scores to day {needed}, the data end on day {last}", where=columns.where)
    nothing = np.full(len(columns), np.nan)
    return np.column_stack([columns.numbers(by_day[day]) if day in by_day else nothing for day in range(horizon + 1)])


def _same_baseline(columns: Columns, score: Floats, name: str, of_baseline: str) -> None:
    """InputError where a score (n,) of the day of randomisation, in column `name`, is not that `of_baseline`."""
    baseline = columns.numbers(of_baseline)
    differs = np.isfinite(score) & np.isfinite(baseline) & (score != baseline)
    if differs.any():
        at = first_of(differs)
        raise InputError(
            f"row {columns.row(at)} has another score on the day of randomisation",
            where=columns.at(of_baseline),
            got=baseline[at].item(),
            allowed=f"{score[at]:g} as in '{name}', or another ‹day_of_randomisation›",
        )


def long_scores(columns: Columns, names: DailyNames, first_day: int) -> tuple[NDArray[Any], Floats, Floats]:
    """Patient, day since randomisation and score of each row of a data set with a row for each patient and day.

    A column of the baseline gives the score on the day of randomisation where no row does. InputError where both do
    and differ.
    """
    words, day = columns.words(names.patient), columns.numbers(names.day) - first_day
    score = columns.numbers(names.score)
    if names.baseline not in columns:
        return words, day, score
    baseline, here = columns.numbers(names.baseline), day == 0
    _same_baseline(columns, np.where(here, score, np.nan), names.score, names.baseline)
    first = first_rows(columns, names.patient, [names.baseline])
    added = first[~np.isin(words[first], words[here])]
    return (
        np.concatenate([words, words[added]]),
        np.concatenate([day, np.zeros(len(added))]),
        np.concatenate([score, baseline[added]]),
    )


def first_rows(columns: Columns, patient: str, constant: Iterable[str]) -> NDArray[np.int64]:
    """Position of the first row of each patient, in order of appearance, in a data set with a row for each day.

    InputError when one of the `constant` columns changes within a patient.
    """
    words = columns.words(patient)
    if (words == "").any():
        raise InputError(f"row {columns.row(first_of(words == ''))} names no patient", where=columns.at(patient))
    _, first, which = np.unique(words, return_index=True, return_inverse=True)
    for name in constant:
        values = columns.words(name)
        changed = values != values[first][which]
        if changed.any():
            who = words[changed][0]
            raise InputError(f"patient {who} has two different values", where=columns.at(name))
    return np.sort(first)
