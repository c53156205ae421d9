"""Daily scores among the columns of a data set: a column for each day, or a row for each patient and day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.patient_data.columns import Columns, finite, first_row

BASELINE = "baseline_score"
LONG = ("day", "score")
_DAY = re.compile(r"(?:score[_ ]?)?(?:day[_ ]?|d)(\d+)", re.IGNORECASE)


def day_columns(names: Iterable[str], first_day: int = 0) -> dict[int, str]:
    """Column of each day since randomisation, by the names score_day_7, day_7, day7 or d7.

    The numbers are study days, `first_day` that of randomisation; `baseline_score` is the score on it.
    """
    found = {int(match[1]) - first_day: name for name in names if (match := _DAY.fullmatch(name))}
    if found and BASELINE in names:
        found.setdefault(0, BASELINE)
    return found


def day_of_randomisation(names: Iterable[str], given: int | None) -> int:
    """The study day of randomisation: as given, else 1 where the baseline is followed by day 2, else 0."""
    if given is not None:
        return given
    found = set(day_columns(names)) - {0}
    return 1 if BASELINE in names and found and min(found) == 2 else 0


def has_daily_scores(columns: Columns, patient: str) -> bool:
    """Whether the data set holds daily scores, in either form."""
    return bool(day_columns(columns.names)) or all(name in columns for name in (patient, *LONG))


def is_long(columns: Columns, patient: str) -> bool:
    """Whether the daily scores have a row for each patient and day."""
    return not day_columns(columns.names) and all(name in columns for name in (patient, *LONG))


def last_day(columns: Columns, patient: str, first_day: int) -> int:
    """The last day since randomisation of which the data set has a score; InputError if there is none after it."""
    if is_long(columns, patient):
        days = finite(columns, "day")
        last = int(days.max()) - first_day
        if BASELINE not in columns and not (days == first_day).any():
            raise InputError(
                f"no score on study day {first_day}, that of randomisation: the days are {days.min():g} to "
                f"{days.max():g}",
                where=columns.at("day"),
                allowed=f"‹day_of_randomisation={days.min():g}› if the first is the day of randomisation",
            )
    else:
        last = max(day_columns(columns.names, first_day))
    if last < 1:
        raise InputError("no score after the day of randomisation", where=columns.where, got=last + first_day)
    return last


def wide_scores(columns: Columns, horizon: int, first_day: int) -> NDArray[np.float64]:
    """Scores (n, horizon + 1) of a data set with a column for each day, NaN where missing.

    InputError when it has no column for day 0; a later day without a column is missing for everybody.
    """
    by_day = day_columns(columns.names, first_day)
    if 0 not in by_day:
        raise InputError(
            f"no column for the score on study day {first_day}, that of randomisation",
            where=columns.where,
            allowed=(
                f"{BASELINE} or score_day_{first_day}; ‹day_of_randomisation={min(by_day) + first_day}› if the first "
                "is the day of randomisation"
            ),
        )
    if horizon > max(by_day):
        needed, last = horizon + first_day, max(by_day) + first_day
        raise InputError(f"the endpoint needs scores to day {needed}, the data end on day {last}", where=columns.where)
    nothing = np.full(len(columns), np.nan)
    return np.column_stack([columns.numbers(by_day[day]) if day in by_day else nothing for day in range(horizon + 1)])


def long_scores(columns: Columns, patient: str, first_day: int) -> tuple[NDArray[Any], Floats, Floats]:
    """Patient, day since randomisation and score of each row of a data set with a row for each patient and day.

    A column `baseline_score` gives the score on the day of randomisation where no row does. InputError where both do
    and differ.
    """
    words, day, score = columns.words(patient), columns.numbers("day") - first_day, columns.numbers("score")
    if BASELINE not in columns:
        return words, day, score
    baseline, here = columns.numbers(BASELINE), day == 0
    differs = here & np.isfinite(score) & np.isfinite(baseline) & (score != baseline)
    if differs.any():
        row = first_row(differs)
        raise InputError(
            f"row {row} has another score on the day of randomisation",
            where=columns.at(BASELINE),
            got=baseline[row - 1].item(),
            allowed=f"{score[row - 1]:g} as in 'score', or ‹day_of_randomisation›",
        )
    first = first_rows(columns, patient, [BASELINE])
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
        raise InputError(f"row {first_row(words == '')} names no patient", where=columns.at(patient))
    _, first, which = np.unique(words, return_index=True, return_inverse=True)
    for name in constant:
        values = columns.words(name)
        changed = values != values[first][which]
        if changed.any():
            who = words[changed][0]
            raise InputError(f"patient {who} has two different values", where=columns.at(name))
    return np.sort(first)
