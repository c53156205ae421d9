"""How a data set is to be read, and where in it an endpoint lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.patient_data.coding.event_codes import Codes
from jaksim.patient_data.daily.daily_data import MissingValues
from jaksim.patient_data.daily.daily_names import BASELINE, DailyNames
from jaksim.patient_data.reading.columns import Columns
from jaksim.scale import OrdinalScale


@dataclass(frozen=True)
class Question:
    """How a data set is to be read: the names of its columns, the arms compared, what to do about missing values.

    `endpoint` names an endpoint among the columns (NAME_time and NAME_status, NAME_score, NAME_event or NAME_days, as
    `jaksim simulate` writes them), or gives one to be read from daily scores: built, or as the keys of a scenario file
    with `scale`. Without an endpoint the columns `time` and `status`, `score`, `event` and `days` are taken as far as
    they are there. `stratum` is used where there is such a column, unless `stratified` is False. `planned_reference`
    is the reference unless another arm is asked for. `first_day` is the study day of randomisation, by which daily
    scores and the days of an endpoint given by its keys are numbered; see `day_of_randomisation`. `better` says what
    is good for the patient. `strata` are the strata analysed, all when empty.

    `chosen_by` are the columns by which rows were chosen.

    `entry` is the column of the times from which patients were observed, `frequency` that of the number of patients a
    row stands for, `weight` that of what it counts in models that can weigh;
    `ignore` are columns that change nothing of what a row means, see `check_rows`. `codes` are those of
    events, and `competing` tells that the question is about competing events; see `statuses`.
    `time_unit` is that of times to an event, see `unit_of_time`; with a `start_date` the times are dates, counted from
    those in this column, and `date_order` tells what is first in 03/04/2021, see `counted_in_days`. `day` and
    `baseline` are columns of daily scores beside `patient` and `score`. `label` names the only endpoint of the columns.
    """

    arm: str = "arm"
    time: str = "time"
    status: str = "status"
    score: str = "score"
    event: str = "event"
    days: str = "days"
    stratum: str | None = None
    stratified: bool = True
    patient: str = "patient"
    first_day: int | None = None
    endpoint: str | Mapping[str, Any] | Endpoint | None = None
    scale: OrdinalScale | None = None
    reference: str | None = None
    active: str | None = None
    planned_reference: str | None = None
    strata: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    cluster: str | None = None
    entry: str | None = None
    frequency: str | None = None
    weight: str | None = None
    ignore: tuple[str, ...] = ()
    chosen_by: tuple[str, ...] = ()
    codes: Codes = field(default_factory=dict)
    competing: bool = False
    time_unit: str | None = None
    start_date: str | None = None
    date_order: str | None = None
    day: str = "day"
    baseline: str = BASELINE
    label: str | None = None
    better: str | None = None
    missing: MissingValues = "error"

    def in_letters_of(self, columns: Columns) -> Question:
        """The question with names of columns that it leaves as they are by default in the letters of the data, as
        SAS has them in capitals; where two columns differ by letters alone, neither is taken."""
        found: dict[str, Any] = {}
        for role in ("arm", "time", "status", "score", "event", "days", "patient", "day", "baseline"):
            default = getattr(Question, role)
            like = [name for name in columns.names if name.casefold() == default]
            if getattr(self, role) == default and default not in columns and len(like) == 1:
                found[role] = like[0]
        return replace(self, **found)

    @property
    def daily(self) -> bool:
        """Whether an endpoint is to be read from daily scores."""
        return isinstance(self.endpoint, Mapping | Endpoint)

    def check_days(self) -> None:
        """InputError where a column of study days is named and no daily scores are read."""
        if self.day != Question.day and not self.daily:
            raise InputError(
                "names the study days of daily scores",
                where="‹day›",
                allowed="‹endpoint=KEY=VALUE› with ‹scale›; ‹option=day=14› compares curves on a day",
                got=self.day,
            )

    @property
    def daily_names(self) -> DailyNames:
        """Columns of daily scores in a row for each patient and day."""
        return DailyNames(self.patient, self.day, self.score, self.baseline)

    def stratum_column(self, columns: Columns) -> str | None:
        """The column of strata, None for an analysis without; InputError when the one asked for is not there."""
        if not self.stratified:
            return None
        if self.stratum is None:
            return "stratum" if "stratum" in columns else None
        columns.require(self.stratum, "the stratum")
        return self.stratum

    def about_patients(self, columns: Columns) -> list[str]:
        """Columns that describe a patient, without the endpoint."""
        if self.arm not in columns:
            raise InputError(
                "no column for the arm", where=f"‹arm›, {columns.where}", allowed=columns.names, got=self.arm
            )
        for name in self.covariates:
            columns.require(name, "a covariate")
        if self.cluster is not None:
            columns.require(self.cluster, "the cluster")
        for name in self.ignore:
            columns.require(name, "‹ignore›")
        if self.entry is not None:
            columns.require(self.entry, "the time of entry")
        if self.frequency is not None:
            columns.require(self.frequency, "the number of patients")
        if self.start_date is not None:
            columns.require(self.start_date, "the date of the start")
        if self.weight is not None:
            columns.require(self.weight, "the weight")
        more = (self.stratum_column(columns), self.cluster, self.frequency, self.weight, *self.covariates)
        return [self.arm, *(name for name in more if name is not None)]


@dataclass(frozen=True)
class Source:
    """Where an endpoint lies in a data set: its kind and its columns, or the endpoint made from daily scores."""

    name: str
    kind: str
    columns: tuple[str, ...]
    built: Endpoint | None = None
    of_jaksim: bool = False
    """Whether the columns are named as `jaksim simulate` names them."""
