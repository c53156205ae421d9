"""Simulated patients as a table: one row per patient, written for other people's software."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jaksim.design.patients.simulated import SimulatedPatients
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.parquet_file import parquet_bytes
from jaksim.spreadsheet import disarmed
from jaksim.whole_file import check_place, explained, whole_file

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".parquet")


def patient_columns(patients: SimulatedPatients) -> dict[str, Any]:
    """The columns by name: patient, arm, stratum, baseline score, the endpoints, the score on each day.

    What patients bring along, by name, stands after the baseline score where each was drawn with her own; a frailty is
    the logarithm of the factor.

    A trial conducted in calendar time has `entry_day` too, the calendar day from 0, and `last_day_known`: the patient's
    last study day, counted as in `score_day_N`, that is in the data on the day of the analysis which ended the trial.
    One with operations has `site` and `screened_day`, the calendar day of the first screening, before these. One that
    was conducted event by event has, after them, `kits_used` and `doses_missed` (dispensings without a kit) where there
    is a supply, and for each ward `days_in_NAME`, days with a place in it, and `refused_NAME` (0 or 1), whether she
    was ever without a place when she needed one; these are of her whole follow-up, and left out as known.

    A time to event has `NAME_time` (days since randomisation) and `NAME_status` (0 censored, 1 event, 2 competing),
    an ordinal endpoint `NAME_score`, a binary one `NAME_event` (0 or 1), a number of days `NAME_days`; underscores
    take the place of spaces in names. `score_day_N` is the score at the end of study day N, counted as the scenario
    counts its days: with randomisation on day 1, day 15 is fourteen days later; it is None where the score is not seen.
    `withdrawal_day`, `treatment_stop_day`, `rescue_day` and `switch_day` (days since randomisation, None for never)
    stand where they can happen: the first day at whose end it has happened.
    """
    columns: dict[str, Any] = {
        "patient": np.arange(1, len(patients) + 1),
        "arm": np.array(patients.arm_names, dtype=object)[patients.arm],
        "stratum": np.array(patients.stratum_names, dtype=object)[patients.stratum],
        "baseline_score": patients.scores[:, 0],
    }
    columns.update(_brought_columns(patients, columns))
    operations = patients.trial.operations
    if patients.site is not None and patients.screened_day is not None and operations is not None:
        columns["site"] = np.array(operations.recruitment.site_names, dtype=object)[patients.site]
        columns["screened_day"] = patients.screened_day
    if patients.entry_day is not None and patients.days_known is not None:
        columns["entry_day"] = patients.entry_day
        columns["last_day_known"] = patients.days_known + patients.trial.day_of_randomisation
    columns.update(patients.supplied)
    for endpoint, categories in zip(patients.trial.endpoints, patients.categories, strict=True):
        if endpoint.transitions is None:  # the daily scores say it all otherwise
            columns.update(_endpoint_columns(endpoint, categories))
    events = patients.trial.states.events
    for name, happening in (("withdrawal_day", events.withdrawal), ("treatment_stop_day", events.treatment_stop)):
        if happening:
            days = getattr(patients, name)
            columns[name] = _or_missing(days, days > 0)
    for event, days in patients.changed.items():
        columns[f"{event}_day"] = _or_missing(days, days > 0)
    for day in range(1, patients.scores.shape[1]):
        name = f"score_day_{day + patients.trial.day_of_randomisation}"
        columns[name] = _or_missing(patients.scores[:, day], patients.seen[:, day])
    return columns


def to_pandas(columns: Mapping[str, Any]) -> pd.DataFrame:
    """The table as a data frame."""
    import pandas as pd

    gaps = {name for name, column in columns.items() if column.dtype == object and None in column}
    return pd.DataFrame(
        {name: pd.array(column, dtype="Int64") if name in gaps else column for name, column in columns.items()}
    )


def check_output(path: str | os.PathLike[str]) -> Path:
    """The path of a table to be written; InputError for another ending or a folder that does not exist."""
    target = Path(path)
    if target.suffix.lower() not in FORMATS:
        raise InputError("unknown kind of file", where=str(path), allowed=FORMATS, got=target.suffix)
    with explained(target):
        check_place(target)
    return target


def write_table(columns: Mapping[str, Any], path: str | os.PathLike[str], metadata: Mapping[str, str]) -> None:
    """Write CSV or Parquet, by the ending of the name; the file appears whole or not at all.

    `metadata` goes into the schema of a Parquet file; CSV has no place for it. Names in CSV that a spreadsheet would
    run get an apostrophe in front, which reading takes away.
    """
    target = check_output(path)
    with explained(target), whole_file(target) as file:
        if target.suffix.lower() == ".parquet":
            file.write(parquet_bytes(columns, metadata))
        else:
            _write_csv(columns, file)


def _brought_columns(patients: SimulatedPatients, others: Mapping[str, Any]) -> dict[str, Any]:
    """What patients bring along, whole numbers as such."""
    found = {}
    for name, values in patients.brought.items():
        column = "_".join(name.split())
        if column in others:
            raise InputError(
                "a characteristic has the name of another column", where=f"characteristic {name!r}", got=column
            )
        whole = np.isfinite(values).all() and (values == np.round(values)).all() and (np.abs(values) < 2**53).all()
        found[column] = values.astype(np.int64) if whole else values
    return found


def _endpoint_columns(endpoint: Endpoint, categories: Any) -> dict[str, Any]:
    name = "_".join(endpoint.name.replace("-", " ").split())
    return {f"{name}_{ending}": column for ending, column in kind_of(endpoint).columns(endpoint, categories).items()}


def _or_missing(values: NDArray[np.int64], known: NDArray[np.bool_]) -> NDArray[Any]:
    if known.all():
        return values
    column = values.astype(object)
    column[~known] = None
    return column


def _write_csv(columns: Mapping[str, Any], file: BinaryIO) -> None:
    import csv

    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(disarmed, columns))
    writer.writerows(zip(*(_cells(column) for column in columns.values()), strict=True))
    text.detach()


def _cells(column: NDArray[Any]) -> list[Any]:
    values: list[Any] = column.tolist()
    if column.dtype != object:
        return values
    names = {value: disarmed(value) for value in set(values) if isinstance(value, str)}
    return [names.get(value, value) for value in values]
