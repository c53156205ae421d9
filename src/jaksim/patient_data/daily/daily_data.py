"""The categories of patients whose daily scores are a data set, and what a missing day means for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.endpoint.daily import daily_states
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of
from jaksim.endpoint.transition_counts import TransitionCounts
from jaksim.errors import InputError
from jaksim.patient_data.daily.daily_columns import check_days, is_long, long_scores, wide_scores
from jaksim.patient_data.daily.daily_names import DailyNames
from jaksim.patient_data.data_endpoint import DataEndpoint, time_endpoint
from jaksim.patient_data.reading.columns import Columns

MissingValues = Literal["error", "drop", "carry_forward", "censor"]
MISSING = ("error", "drop", "carry_forward", "censor")
LEFT_OUT = -1


@dataclass(frozen=True)
class Changed:
    """What the rule for missing values changed: of how many patients, and how many scores (or days) of theirs."""

    rule: MissingValues
    patients: int = 0
    scores: int = 0

    def words(self) -> str | None:
        """One sentence, None for a rule that changes nothing or leaves patients out."""
        if self.rule == "carry_forward":
            return (
                f"{self.scores:,} missing score(s) of {self.patients:,} patient(s) were taken from the day before "
                "(carry_forward)."
            )
        if self.rule == "censor":
            return f"{self.patients:,} patient(s) were censored before their first missing score (censor)."
        if self.rule == "drop" and self.scores:
            return f"{self.scores:,} day(s) of {self.patients:,} patient(s) were left out (drop)."
        return None


def daily_categories(
    columns: Columns,
    keep: Booleans,
    endpoint: Endpoint,
    *,
    names: DailyNames,
    first_day: int,
    missing: MissingValues,
    stands_for: Integers,
) -> tuple[DataEndpoint | Endpoint, Integers, Changed, Integers]:
    """The endpoint, the category (n,) of each patient to `keep`, what was changed for want of scores, and the states
    (n, days) as they are analysed, -1 where there is no score.

    Patients are in order of first appearance, and `stands_for` tells how many each is; the category is -1 for those
    not kept.

    A missing score matters where the endpoint needs it. By `missing` it is an InputError that names patient and day
    ("error"), leaves the patient out ("drop"), is the last score before it ("carry_forward") or ends the follow-up of
    a time to event on the day before ("censor"). Of a longitudinal endpoint the category is (n, H), one for each day,
    and "drop" leaves out the days next to a missing score. A patient without a score at baseline can only be left out.
    """
    if missing == "censor" and not kind_of(endpoint).timed:
        raise InputError(
            f"only a time to event can be censored, '{endpoint.name}' is of kind '{endpoint.kind}'",
            where="‹missing=censor›",
            allowed="‹missing=drop› or carry_forward",
        )
    states = _states(columns, keep, endpoint, names=names, first_day=first_day, missing=missing)
    if endpoint.transitions is not None:
        last = endpoint.transitions.last_day
        filled = _carried_forward(states) if missing == "carry_forward" else states
        found = _transitions(columns, keep, filled, endpoint.transitions, names, first_day, missing)
        lacks = states[:, 1 : last + 1] < 0 if missing == "carry_forward" else found[:, :last] < 0
        partly = keep & lacks.any(axis=1) & (found >= 0).any(axis=1)
        return endpoint, found, _changed(missing, partly, lacks, stands_for), filled
    started = states[:, 0] >= 0
    found = np.full(len(states), LEFT_OUT, dtype=np.int64)
    needed = np.zeros(len(states), dtype=np.int64)
    found[started], needed[started] = endpoint.automaton.follow(states[started])
    lacking = keep & (needed <= endpoint.horizon)
    changed = Changed(missing)
    if missing == "carry_forward":
        filled = _carried_forward(states)
        found[lacking] = endpoint.automaton.follow(filled[lacking])[0] if lacking.any() else LEFT_OUT
        changed, lacking = _changed(missing, lacking, states < 0, stands_for), lacking & False
        states = filled
    if lacking.any() and missing == "error":
        raise _refusal(columns, lacking, needed, names, first_day)
    found[~keep | lacking] = LEFT_OUT
    if missing == "censor":
        changed = _changed(missing, lacking, np.zeros_like(states, dtype=bool), stands_for)
        if lacking.any():
            return *_censored(endpoint, states, found, needed, lacking), changed, states
    return endpoint, found, changed, states


def _changed(missing: MissingValues, patients: Booleans, scores: Booleans, stands_for: Integers) -> Changed:
    return Changed(
        missing,
        int(stands_for[patients].sum()),
        int((scores[patients].sum(axis=1) * stands_for[patients]).sum()),
    )


def _carried_forward(states: Integers) -> Integers:
    """The states with every one that is missing taken from the day before."""
    filled = states.copy()
    for day in range(1, filled.shape[1]):
        filled[:, day] = np.where(filled[:, day] < 0, filled[:, day - 1], filled[:, day])
    return filled


def _states(
    columns: Columns, keep: Booleans, endpoint: Endpoint, *, names: DailyNames, first_day: int, missing: MissingValues
) -> Integers:
    """State (n, horizon + 1) of each patient on each day, -1 where unknown and for patients that are not kept."""
    data: Any
    check_days(columns, names, first_day)
    if is_long(columns, names):
        words, day, score = long_scores(columns, names, first_day)
        first, which = np.unique(words, return_index=True, return_inverse=True)[1:]
        place = np.argsort(np.argsort(first))[which]
        _check_once(columns, words, day + first_day, names)
        started = np.isin(np.arange(len(first)), place[(day == 0) & np.isfinite(score)])
        chosen = keep & (started | (missing != "drop"))
        rows = chosen[place]
        data = {"patient": words[rows], "day": day[rows], "score": score[rows]}
    else:
        scores = wide_scores(columns, endpoint.horizon, first_day)
        chosen = keep & (np.isfinite(scores[:, 0]) | (missing != "drop"))
        data = scores[chosen]
    states = np.full((len(keep), endpoint.horizon + 1), -1, dtype=np.int64)
    if chosen.any():
        states[chosen] = daily_states(data, endpoint.scale, endpoint.horizon)
    return states


def _check_once(columns: Columns, words: NDArray[Any], day: Floats, names: DailyNames) -> None:
    """InputError where a patient has two scores on a study day."""
    of_patient = np.unique(words, return_inverse=True)[1]
    order = np.lexsort((day, of_patient))
    again = (np.diff(of_patient[order]) == 0) & (np.diff(day[order]) == 0)
    if again.any():
        at = order[1:][again][0]
        raise InputError(
            f"patient {words[at]} has two scores on day {day[at]:g}",
            where=columns.at(names.day),
            allowed="one of them, as ‹where=COLUMN=VALUE› keeps",
        )


def _transitions(
    columns: Columns,
    keep: Booleans,
    states: Integers,
    counts: TransitionCounts,
    names: DailyNames,
    first_day: int,
    missing: MissingValues,
) -> Integers:
    """Transition (n, H) of each patient and day; a score that may be missing leaves out the days next to it."""
    absent = states[:, : counts.last_day + 1] < 0
    lacking = keep & absent.any(axis=1)
    if lacking.any() and missing != "drop":
        raise _refusal(columns, lacking, absent.argmax(axis=1), names, first_day)
    return np.where(keep[:, None], counts.categories_of(states), LEFT_OUT)


def _refusal(columns: Columns, lacking: Booleans, needed: Integers, names: DailyNames, first_day: int) -> InputError:
    row = int(np.flatnonzero(lacking)[0])
    who = f"patient number {row + 1}"
    if names.patient in columns:
        words = columns.words(names.patient)
        who = f"patient {words[np.sort(np.unique(words, return_index=True)[1])[row]]}"
    return InputError(
        f"{int(lacking.sum())} patient(s) lack a score that the endpoint needs, the first is {who} on day "
        f"{needed[row] + first_day}",
        where=columns.where,
        allowed="‹missing=drop›, carry_forward or, for a time to event, censor",
    )


def _censored(
    endpoint: Endpoint, states: Integers, found: Integers, needed: Integers, lacking: Booleans
) -> tuple[DataEndpoint, Integers]:
    """Times and statuses with the follow-up of the patients who lack a score cut to the day before it."""
    if endpoint.cut is None:
        raise InputError(f"'{endpoint.name}' has a follow-up of its own", where="‹missing=censor›")
    time, status = endpoint.time[found], endpoint.status[found]
    for day in np.unique(needed[lacking]).tolist():
        here = lacking & (needed == day)
        cut = endpoint.cut(day - 1)
        at = cut.automaton.run(states[here])
        time[here], status[here] = cut.time[at], cut.status[at]
    used = lacking | (found >= 0)
    better = "event" if endpoint.better == "event" else "no event"
    data, category = time_endpoint(endpoint.name, time[used], status[used], better)
    words = f"{endpoint.definition} Censored on the day before the first missing score."
    every = np.full(len(found), LEFT_OUT, dtype=np.int64)
    every[used] = category
    return replace(data, event=endpoint.event, definition=words), every
