"""Reading the log of a running trial: one row for each event, from a file, a data frame or a mapping of columns."""

from __future__ import annotations

import os

from jaksim.checks import known
from jaksim.operations.running.log import RunningLog
from jaksim.operations.running.log_courses import GAPS, randomised_so_far
from jaksim.operations.running.log_patients import check_order, patients_of, screened_so_far
from jaksim.operations.running.log_rows import Row, fault, rows_of
from jaksim.operations.running.log_sites import as_planned, places_of, sites_so_far
from jaksim.patient_data.reading.columns import Columns
from jaksim.patient_data.reading.data_file import given_columns, read_columns
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations


def columns_of(data: object) -> Columns:
    """The columns of a log: a path, a data frame, or a mapping of columns."""
    return read_columns(data, "event") if isinstance(data, str | os.PathLike) else given_columns(data, "event")


def read_log(data: Columns, trial: Trial, operations: Operations, on: int, gaps: str = "error") -> RunningLog:
    """What a log tells of a trial by the end of day `on`.

    Raises `InputError` with the rows at fault for whatever cannot be: unknown sites, days after `on`, duplicates,
    patients randomised before they were screened or at a site not activated, gaps in daily scores unless `gaps` is
    "model", scores off the scale.
    """
    known(gaps, GAPS, "way to treat gaps", "‹gaps›")
    recruitment = operations.recruitment
    rows = as_planned(rows_of(data, on, recruitment.start), recruitment)
    places = places_of(rows, recruitment, data.where)
    sites = sites_so_far(rows, places, recruitment, data.where)
    patients = patients_of(rows)
    check_order(patients, sites, places, operations.screening, data.where)
    return RunningLog(
        on,
        sites,
        screened_so_far(patients, places, operations.screening, data.where),
        randomised_so_far(patients, places, trial, on, gaps, data.where),
        _analyses(rows, trial, data.where),
    )


def _analyses(rows: list[Row], trial: Trial, where: str) -> tuple[int, ...]:
    """Days of the data cuts of the interim analyses made."""
    found = sorted((row for row in rows if row.event == "analysis"), key=lambda row: row.day)
    planned = 0 if trial.monitoring is None else len(trial.monitoring.interims)
    allowed = f"{planned} interim analyses before the last, as planned" if planned else "none, as planned"
    fault("more interim analyses than the plan has", found[planned:], where, allowed)
    return tuple(row.day for row in found)
