"""The verb `simulate_log`: the log of a simulated trial that is running, as `forecast` reads it."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.design.patients.patient_table import write_table
from jaksim.design.running_log import HEADER, SimulatedLogs
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.operations.running.recruiter import check_day
from jaksim.result import Result
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.simulate_log import SimulateLogOptions
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.trial_day import day_of


@dataclass(frozen=True, repr=False)
class SimulatedLog(Result):
    """The log of one simulated trial up to the end of day `on`: a row for each event, columns as `forecast` reads."""

    scenario: str
    on: int
    replicate: int
    seed: int
    events: tuple[dict[str, str], ...]
    provenance: dict[str, Any]

    def headline(self) -> str:
        """Events and replicate."""
        return f"log of replicate {self.replicate}, seed {self.seed}, on day {self.on}: {len(self.events)} events"

    def rows(self) -> list[dict[str, str]]:
        """One row per event."""
        return [dict(row) for row in self.events]

    @property
    def counts(self) -> dict[str, int]:
        """How many events there are of each kind."""
        return dict(Counter(row["event"] for row in self.events))

    def short_rows(self) -> list[dict[str, Any]]:
        """How many events of each kind."""
        return [dict(self.counts)]

    def contents(self) -> dict[str, Any]:
        """What there is to know besides the events themselves."""
        return {
            "scenario": self.scenario,
            "on": self.on,
            "replicate": self.replicate,
            "seed": self.seed,
            "events": self.counts,
            "provenance": self.provenance,
        }

    def columns(self) -> dict[str, NDArray[Any]]:
        """The columns that hold something, days as numbers and all else as text."""
        held = [name for name in HEADER if any(row[name] for row in self.events)]
        found = {name: np.array([row[name] for row in self.events], dtype=object) for name in held}
        return {**found, "day": found["day"].astype(np.int64)} if "day" in found else found

    def write(self, path: str | PathLike[str]) -> None:
        """Write the log as CSV or Parquet, by the ending of the name."""
        write_table(self.columns(), path, {"jaksim": json.dumps(dict(self.provenance))})


@takes(SimulateLogOptions)
def simulate_log(scenario: AskedScenario, options: SimulateLogOptions) -> SimulatedLog:
    """The log of one simulated trial with `[operations]` as it stands at the end of the day `on`.

    Raises `InputError` for a trial that has ended by then, and for values out of range.
    """
    asked = scenario_of(scenario, options.changes)
    check_seed(options.seed)
    if not 0 <= options.replicate < 2**32:
        raise InputError(
            "the replicate is out of range", where="‹replicate›", allowed="0 to 2**32 - 1", got=options.replicate
        )
    if options.on is None:
        raise InputError("is missing: up to when the log goes", where="‹on›", allowed="a day of the trial, or a date")
    logs = SimulatedLogs(asked.trial, options.seed, options.arms, options.scores)
    recruitment = logs.operations.recruitment
    on = day_of(options.on, recruitment, "‹on›")
    check_day(on, recruitment)
    events = tuple(logs.rows(options.replicate, on))
    words = ["--log FILE", f"--on {options.on}", f"--replicate {options.replicate}", f"--seed {options.seed}"]
    words += ["--arms"] if options.arms else []
    words += [] if options.scores else ["--no-scores"]
    provenance = provenance_of(asked, command("simulate", asked, words))
    return about(SimulatedLog(asked.path, on, options.replicate, options.seed, events, provenance), asked)
