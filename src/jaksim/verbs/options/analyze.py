"""What can be said to `analyze`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaksim.datafile import parse_value
from jaksim.errors import InputError
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, keyword, option, several


def _column(default: str | None, what: str, flag: str | None = None) -> Any:
    return option(default, f"Column of {what}.", flag=flag, metavar="COLUMN")


def read_endpoint(words: list[str] | None) -> Any:
    """What the words of a command line say of an endpoint: None, a name, or its keys."""
    given = words or []
    pairs = [word.partition("=") for word in given]
    if given and all(equals for _, equals, _ in pairs):
        return {key.strip(): parse_value(value, where=key.strip()) for key, _, value in pairs}
    if len(given) > 1:
        raise InputError("one endpoint is analysed at a time", allowed="a NAME, or KEY=VALUE pairs")
    return given[0] if given else None


def _not(unstratified: bool | None) -> bool:
    return not unstratified


@dataclass(frozen=True, kw_only=True)
class AnalyzeOptions(Options):
    """How trial data are read and by which methods they are analysed."""

    method: Any = keyword(None, "Name of the only method.")
    methods: Sequence[str] = option(
        (), "Method; may be given several times.", flag="--method", metavar="METHOD", holds=list[str] | None,
        read=several,
    )  # fmt: skip
    endpoint: Any = option(
        None,
        "Endpoint by name, among columns such as NAME_time and NAME_status or in the scenario; or, for daily scores, "
        "its keys as in a scenario, KEY=VALUE, several times.",
        metavar="NAME",
        holds=list[str] | None,
        read=read_endpoint,
    )
    scenario: Any = option(
        None,
        "Scenario: its planned analyses, or endpoints for the methods named.",
        metavar="FILE",
        holds=str | None,
    )
    scale: Any = option(None, "Ordinal scale of the scores, by name or as a file.", metavar="SCALE", holds=str | None)
    reference: str | None = option(
        None,
        "Reference arm; by default that of the scenario, the one with a name such as placebo, or the first.",
        metavar="ARM",
    )
    active: str | None = option(None, "Active arm; needed where there are three or more.", metavar="ARM")
    options: Mapping[str, Any] | Sequence[str] = option(
        (),
        "Option of a method; may be given several times.",
        flag="--option",
        metavar="METHOD.KEY=VALUE",
        holds=list[str] | None,
        read=several,
    )
    ties: str | None = option(None, "Tied times in Cox models: efron or breslow.")
    covariates: Sequence[str] = option(
        (),
        "Covariate to adjust for, where the method can.",
        flag="--covariate",
        metavar="COLUMN",
        holds=list[str] | None,
        read=several,
    )
    robust: bool = option(False, "Robust standard errors of Cox, proportional odds and Markov models.", flag="--robust")
    cluster: str | None = _column(None, "clusters for a robust standard error")
    entry: str | None = _column(None, "times from which patients were observed, if later than 0")
    frequency: str | None = _column(None, "numbers of patients that a row stands for")
    weight: str | None = _column(None, "weights, such as inverse probabilities, in Cox models with robust errors")
    ignore: Sequence[str] = option(
        (),
        "Column that changes nothing of what a row means.",
        metavar="COLUMN",
        holds=list[str] | None,
        read=several,
    )
    codes: Any = option(
        None,
        "Codes of events: event, censored (none), competing.",
        metavar="MEANING=CODE,...",
        holds=str | None,
    )
    event_code: Any = option(
        None, "Code of the event, where one other code is censored.", metavar="CODE", holds=str | None
    )
    map: Any = option(
        (),
        "Value of a column that is read as another; may be given several times.",
        metavar="COLUMN:OLD=NEW",
        holds=list[str] | None,
        read=several,
    )
    where: Any = option(
        (),
        "Rows to keep, also with !=, >, >=, <, <=; several times for conditions that must all be met.",
        metavar="COLUMN=VALUE",
        holds=list[str] | None,
        read=several,
    )
    start_date: str | None = _column(None, "dates of randomisation, where the times are dates")
    date_order: str | None = option(None, "Order in dates such as 03/04/2021: dmy or mdy.")
    decimal: str | None = option(None, "Mark of decimals in text: point or comma; by default as the numbers tell.")
    encoding: str | None = option(None, "Encoding of a text file; by default UTF-8.", metavar="NAME")
    labels: bool = option(False, "The line below the header holds labels.", flag="--labels")
    time_unit: str | None = option(
        None, "Unit of the times: minutes, hours, days, weeks, months or years.", also="--unit"
    )
    arm: str = _column("arm", "arms")
    time: str = _column("time", "times")
    status: str = _column("status", "statuses: 0 censored, 1 event, 2 competing")
    score: str = _column("score", "ordinal scores")
    event: str = _column("event", "events, 0 or 1")
    days: str = _column("days", "numbers of days")
    stratum: str | None = _column(None, "strata; 'stratum' if there is one")
    stratified: bool = option(True, "Leave strata out.", flag="--unstratified", holds=bool, read=_not)
    patient: str = _column("patient", "patients, for a row per patient and day")
    day: str = _column("day", "study days, for a row per patient and day")
    baseline: str = _column("baseline_score", "scores on the day of randomisation, for a row per patient and day")
    day_of_randomisation: int | None = option(
        None,
        "Study day of randomisation in daily scores; by default that of the scenario, else 0, or 1 where "
        "baseline_score is followed by score_day_2.",
    )
    better: str | None = option(None, "Good for the patient: lower or higher; event or no event. Scores: lower.")
    missing: str = option("error", "Missing values: error, drop the patient; daily scores: carry_forward, censor.")
    level: float = option(0.95, "Confidence level.")
    hypothesis: str = option("superiority", "superiority, non-inferiority or equivalence, of the margin.")
    margin: float | None = option(None, "Margin as a ratio, difference or probability; better says what is good.")
    seed: int | None = shared.seed(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.method is None:
            return
        if not isinstance(self.method, str):
            raise InputError("must be text", where="method", allowed="one name, or a list as methods", got=self.method)
        if self.methods:
            raise InputError("methods are named twice", where="method", allowed="method or methods", got=self.method)
