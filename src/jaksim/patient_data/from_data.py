"""From the columns of a data set to the table of counts (arm, stratum, category) that every analysis reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import KINDS
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.patient_data.arms import ArmChoice, choose_arms
from jaksim.patient_data.coding.code_words import words_said
from jaksim.patient_data.coding.dates import counted_in_days
from jaksim.patient_data.coding.event_codes import events, statuses
from jaksim.patient_data.coding.time_unit import DAYS, unit_of_time
from jaksim.patient_data.counts import Counts
from jaksim.patient_data.daily.daily_columns import (
    day_of_randomisation,
    first_rows,
    has_daily_scores,
    is_long,
    last_day,
)
from jaksim.patient_data.daily.daily_data import MISSING, Changed, MissingValues, daily_categories
from jaksim.patient_data.data_endpoint import BETTER, DataEndpoint, time_endpoint, value_endpoint
from jaksim.patient_data.question import Question, Source
from jaksim.patient_data.reading.columns import Columns, factor, finite, first_of, take
from jaksim.patient_data.rows.frequencies import frequencies
from jaksim.patient_data.rows.late_entry import at_risk_from_entry
from jaksim.patient_data.rows.row_meaning import check_rows

STUDY_DAYS = ("day", "follow_up")
COLUMNS = {kind.column: kind.name for kind in KINDS.values() if kind.column is not None}
"""Kind of endpoint by the ending of its column; a time has a column of statuses beside it."""


@dataclass(frozen=True, eq=False)
class TrialData:
    """The patients of two arms and one endpoint.

    `arm` is 0 or 1, `stratum` and `category` positions in `strata` and in the endpoint's categories, (n,) each; of a
    longitudinal endpoint `category` (n, H) is the transition of each day, -1 where a score is missing.

    `entry` (n,) holds the times from which they were observed, None for observation from time 0;
    `repeated` is the column of patients where patients have several rows,
    `time_unit` that of times to an event if it is known. `doubts` say what may not be as it was read.
    `states` (n, days) are those of patients with daily scores, from the day of randomisation on, -1 where unknown.
    `weight` is the column of what each patient counts in models that can weigh; counts and curves are without.
    `columns` keep the rows of these patients for covariates. `dropped` patients had a missing value and
    were left out, `changed` tells what else became of missing values.
    """

    arms: ArmChoice
    endpoint: DataEndpoint | Endpoint
    strata: tuple[str, ...]
    arm: Integers
    stratum: Integers
    category: Integers
    columns: Columns
    dropped: int
    changed: Changed
    entry: Floats | None = None
    repeated: str | None = None
    time_unit: str | None = None
    doubts: tuple[str, ...] = ()
    states: Integers | None = None
    weight: str | None = None

    def __len__(self) -> int:
        return len(self.arm)

    @cached_property
    def counts(self) -> Counts:
        """The patients counted by arm, stratum and category."""
        return Counts(self.endpoint, self.arm, self.stratum, self.category, len(self.strata), self.columns.where)

    @cached_property
    def at_risk(self) -> Counts:
        """The same counts, but such that patients are at risk from their entry on."""
        if self.entry is None or not isinstance(self.endpoint, DataEndpoint):
            return self.counts
        return at_risk_from_entry(self.counts, self.endpoint, self.entry)


def find_sources(columns: Columns, question: Question) -> tuple[Source, ...]:
    """The endpoints that a data set offers to a question; InputError, saying which columns are needed, for none."""
    given = question.endpoint
    if isinstance(given, Endpoint):
        if has_daily_scores(columns, question.daily_names):
            return (Source(given.name, given.kind, (), given),)
        given = given.name
    if isinstance(given, Mapping):
        return (_source_of_keys(columns, question, given),)
    prefix = "" if given is None else "_".join(given.replace("-", " ").split()) + "_"
    if given is None:
        _check_named(columns, question)
    found = list(_among(columns, question, prefix, given))
    if found:
        return tuple(found)
    if given is not None:
        known = sorted({name.removesuffix("_time") for name in columns.names if name.endswith("_time")})
        known += [
            name.removesuffix(f"_{end}")
            for end in ("score", "event", "days")
            for name in columns.names
            if name.endswith(f"_{end}") and name != "baseline_score"
        ]
        raise InputError("no columns of this endpoint", where=columns.where, allowed=known or columns.names, got=given)
    raise InputError(
        "no endpoint found",
        where=columns.where,
        allowed=(
            f"columns {question.time} and {question.status}, {question.score}, {question.event} or {question.days}; "
            f"daily scores with an endpoint and its scale; the columns are {', '.join(columns.names)}"
        ),
    )


def read_trial(columns: Columns, question: Question, source: Source) -> TrialData:
    """The table of one endpoint. Raises InputError for what cannot be read, naming column and row."""
    if question.missing not in MISSING:
        raise InputError("unknown value", where="missing", allowed=MISSING, got=question.missing)
    about = question.about_patients(columns)
    start = [] if question.start_date is None else [question.start_date]
    long = source.built is not None and is_long(columns, question.daily_names)
    entry = _entry_column(question, source)
    needed = [*about, *source.columns, *([] if entry is None else [entry]), *start]
    read = [question.patient, *needed]
    used = {*needed, *(question.daily_names.of_row if long else [])}
    times = source.built is None and KINDS[source.kind].timed
    # Strata that are used, whatever their column, are known; those that are set aside are not asked for.
    unknown_strata = question.stratified and question.stratum_column(columns) is None
    repeated = check_rows(
        columns, used, ignored=question.ignore, patient=question.patient, times=times, strata=unknown_strata
    )
    patients = take(columns, first_rows(columns, question.patient, about), read) if long else columns
    keep = _complete(patients, needed, question.missing)
    stands_for = frequencies(patients, question.frequency, keep)
    dropped = int(stands_for[~keep].sum())
    keep &= stands_for > 0
    names = [name for name in factor(patients, question.arm)[1] if name]
    arms = choose_arms(
        names,
        reference=question.reference,
        active=question.active,
        planned=question.planned_reference,
        where=patients.at(question.arm),
    )
    words = patients.words(question.arm)
    keep &= (words == arms.reference) | (words == arms.active)
    keep &= _in_strata(patients, question)
    endpoint: DataEndpoint | Endpoint
    changed = Changed(question.missing)
    states: Integers | None = None
    if source.built is not None:
        asked = int(stands_for[keep].sum())
        first_day = day_of_randomisation(columns.names, question.first_day)
        endpoint, category, changed, states = daily_categories(
            columns,
            keep,
            source.built,
            names=question.daily_names,
            first_day=first_day,
            missing=question.missing,
            stands_for=stands_for,
        )
        keep = np.asarray((category.reshape(len(category), -1) >= 0).any(axis=1))
        dropped += asked - int(stands_for[keep].sum())
        category, states = category[keep], states[keep]
    kept = patients if keep.all() else take(patients, keep, read)
    _both_arms(kept, question.arm, arms)
    if source.built is None and times:
        counted = [source.columns[0], *([] if entry is None else [entry])]
        kept = counted_in_days(kept, counted, question.start_date, question.date_order)
    if source.built is None:
        endpoint, category = _categories(kept, question, source)
    late = None if entry is None else _entries(kept, entry, source.columns[0])
    active = (kept.words(question.arm) == arms.active).astype(np.int64)
    name = question.stratum_column(columns)
    stratum, strata = (np.zeros(len(active), dtype=np.int64), ("all",)) if name is None else factor(kept, name)
    if question.frequency is not None:
        every = np.repeat(np.arange(len(active)), stands_for[keep])
        active, stratum, category, kept = active[every], stratum[every], category[every], take(kept, every, read)
        late = None if late is None else late[every]
        states = None if states is None else states[every]
    return TrialData(
        arms,
        endpoint,
        strata,
        active,
        stratum,
        category,
        kept,
        dropped,
        changed,
        late,
        None if long else repeated,
        _unit(kept, question, source),
        tuple(_doubts(kept, question, source)),
        states,
        question.weight,
    )


def _unit(patients: Columns, question: Question, source: Source) -> str | None:
    """The unit of times to an event; daily scores count days."""
    if not KINDS[source.kind].timed:
        return None
    if source.built is not None:
        if question.time_unit not in (None, DAYS):
            raise InputError("daily scores count days", where="‹time_unit›", allowed=DAYS, got=question.time_unit)
        return DAYS
    if question.start_date is not None:
        if question.time_unit not in (None, DAYS):
            raise InputError("dates are counted in days", where="‹time_unit›", allowed=DAYS, got=question.time_unit)
        return DAYS
    time = source.columns[0]
    return unit_of_time(time, patients.at(time), patients.numbers(time), question.time_unit, of_jaksim=source.of_jaksim)


def _doubts(patients: Columns, question: Question, source: Source) -> Iterator[str]:
    """How words were read, and whether times that are days because a scenario has days may be something else."""
    code = source.columns[-1] if source.columns and KINDS[source.kind].has_event else None
    if code is not None and not question.codes and not patients.is_numeric(code):
        said = words_said(patients.words(code), code)
        if said is not None:
            yield said
    if not KINDS[source.kind].timed or not source.of_jaksim or question.time_unit is not None:
        return
    times = patients.numbers(source.columns[0])
    broken = int((times != np.floor(times)).sum())
    if broken:
        yield f"{broken:,} time(s) in '{source.columns[0]}' are not whole and are read as days: no unit is told."
    horizon = question.endpoint.horizon if isinstance(question.endpoint, Endpoint) else None
    if horizon is not None and times.max() > horizon:
        yield f"Times in '{source.columns[0]}' run to {times.max():g}, the endpoint of the scenario to day {horizon}."


def _entry_column(question: Question, source: Source) -> str | None:
    """The column of times of entry, if there is one; InputError for an endpoint that has no use for it."""
    if question.entry is not None and (source.built is not None or not KINDS[source.kind].timed):
        raise InputError(
            f"'{source.name}' is not a time to an event in a column of its own", where="‹entry›", got=question.entry
        )
    return question.entry


def _entries(patients: Columns, entry: str, time: str) -> Floats | None:
    """Times of entry, None when all are 0; InputError for one that is not before the patient's time."""
    entries = finite(patients, entry, lowest=0.0)
    late = entries >= patients.numbers(time)
    if late.any():
        at = first_of(late)
        raise InputError(
            f"row {patients.row(at)} enters at or after its time, {patients.numbers(time)[at]:g}",
            where=patients.at(entry),
            allowed=f"times before those in '{time}'",
            got=entries[at].item(),
        )
    return entries if entries.any() else None


def _among(columns: Columns, question: Question, prefix: str, name: str | None) -> Iterable[Source]:
    """Endpoints in columns of their own: with a prefix as `jaksim simulate` names them, else as the question does."""
    chosen = {key: getattr(question, key) if not prefix else prefix + key for key in ("time", "status", *COLUMNS)}
    if chosen["time"] in columns and chosen["status"] in columns:
        two = (chosen["time"], chosen["status"])
        yield Source(name or question.label or chosen["time"], "time_to_event", two, of_jaksim=bool(prefix))
    for key in ("score", "event", "days"):
        if chosen[key] in columns:
            yield Source(name or question.label or chosen[key], COLUMNS[key], (chosen[key],), of_jaksim=bool(prefix))


def _check_named(columns: Columns, question: Question) -> None:
    """InputError for a column of the endpoint that was named and is not there."""
    for role in ("time", "status", *COLUMNS):
        name = getattr(question, role)
        if name != role and name not in columns:
            raise InputError("no such column", where=f"‹{role}›, {columns.where}", allowed=columns.names, got=name)


def _source_of_keys(columns: Columns, question: Question, keys: Mapping[str, Any]) -> Source:
    if question.scale is None:
        raise InputError(
            "an endpoint on daily scores needs their scale", where="endpoint", allowed="‹scale=NAME› or FILE"
        )
    names = question.daily_names
    if not has_daily_scores(columns, names):
        raise InputError(
            "no daily scores found",
            where=columns.where,
            allowed=(
                f"columns baseline_score, score_day_1, score_day_2 ... or {names.patient}, {names.day} and "
                f"{names.score}, which ‹patient›, ‹day› and ‹score› name otherwise"
            ),
        )
    first_day = day_of_randomisation(columns.names, question.first_day)
    spec = {"name": str(keys.get("kind", "endpoint")).replace("_", " "), **keys}
    last = last_day(columns, names, first_day)
    for key in STUDY_DAYS:
        if isinstance(spec.get(key), int):
            spec[key] -= first_day
            if not 0 <= spec[key] <= last:
                raise InputError(
                    "day outside the daily scores",
                    where=f"endpoint, {key}",
                    allowed=f"study days {first_day} to {last + first_day}",
                    got=keys[key],
                )
    built = build_endpoint(spec, question.scale, last)
    return Source(built.name, built.kind, (), built)


def _complete(columns: Columns, names: Iterable[str], missing: MissingValues) -> NDArray[np.bool_]:
    keep = np.ones(len(columns), dtype=bool)
    for name in names:
        absent = columns.missing(name)
        if absent.any() and missing != "drop":
            raise InputError(
                f"{int(absent.sum())} missing value(s), the first in row {columns.row(first_of(absent))}",
                where=columns.at(name),
                allowed="‹missing=drop› leaves these patients out",
            )
        keep &= ~absent
    if not keep.any():
        raise InputError("no patient without a missing value is left", where=columns.where)
    return keep


def _both_arms(columns: Columns, name: str, arms: ArmChoice) -> None:
    words = columns.words(name)
    for arm in (arms.reference, arms.active):
        if not (words == arm).any():
            raise InputError("no patient of this arm is left", where=columns.at(name), got=arm)


def _in_strata(columns: Columns, question: Question) -> NDArray[np.bool_]:
    """Whether each patient is in one of the strata asked for."""
    name = question.stratum_column(columns)
    if not question.strata:
        return np.ones(len(columns), dtype=bool)
    if name is None:
        raise InputError(
            "there is no column of strata", where=columns.where, allowed=f"strata {', '.join(question.strata)}"
        )
    words = columns.words(name)
    for stratum in question.strata:
        if not (words == stratum).any():
            raise InputError(
                "no patient of this stratum", where=columns.at(name), allowed=factor(columns, name)[1], got=stratum
            )
    return np.isin(words, question.strata)


def _categories(patients: Columns, question: Question, source: Source) -> tuple[DataEndpoint, Integers]:
    better = _better(question, source.kind)
    if KINDS[source.kind].timed:
        time, status = source.columns
        at = finite(patients, time, lowest=0.0)
        code = statuses(patients, status, question.codes, competing=question.competing, of_jaksim=source.of_jaksim)
        return time_endpoint(source.name, at, code, better)
    (column,) = source.columns
    if KINDS[source.kind].has_event:
        values = events(patients, column, question.codes).astype(np.float64)
    else:
        values = finite(patients, column)
    if source.kind == "ordinal" and question.scale is not None:
        scale = question.scale
        unknown = ~np.isin(values, scale.scores)
        if unknown.any():
            wrong = first_of(unknown)
            raise InputError(
                f"row {patients.row(wrong)} is not a score",
                where=patients.at(column),
                allowed=scale.scores,
                got=values[wrong].item(),
            )
        better = better or ("lower" if scale.higher_is_worse else "higher")
    return value_endpoint(source.name, source.kind, values, better)


def _better(question: Question, kind: str) -> str | None:
    """What the question says is good for the patient, where the kind of endpoint knows the word."""
    if question.better is None or question.better in BETTER[kind]:
        return question.better
    words = sorted({word for kinds in BETTER.values() for word in kinds})
    if question.better not in words:
        raise InputError("unknown value", where="better", allowed=words, got=question.better)
    return None
