"""What a run of the benchmarks has measured, read from the JSON file of pytest-benchmark."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any


class Missing(Exception):
    """The run has left out a case."""


@dataclass(frozen=True)
class Case:
    """One case: its function and parameters, the seconds of each round for so many units, and what else was noted."""

    function: str
    parameters: dict[str, Any]
    seconds: tuple[float, ...]
    units: float
    noted: dict[str, Any]

    @property
    def cost(self) -> float:
        """Seconds of a unit."""
        return median(self.seconds) / self.units

    @property
    def rate(self) -> float:
        """Units a second."""
        return 1.0 / self.cost

    @property
    def processor_rate(self) -> float:
        """Units a second that the processors would have done had they done nothing else."""
        return self.noted["width"] * self.units / median(self.noted["processor"])

    @property
    def speed_up(self) -> tuple[float, float]:
        """How much faster than one thread, by the clock and by processor time, each round against its own."""
        width, noted = self.noted["width"], self.noted
        clock = [width * one / all_of_them for one, all_of_them in zip(noted["one_clock"], self.seconds, strict=True)]
        pairs = zip(noted["one_processor"], noted["processor"], strict=True)
        return median(clock), median(width * width * one / all_of_them for one, all_of_them in pairs)

    @property
    def own_cost(self) -> float:
        """Seconds of a unit of jaksim's own work."""
        return median(self.noted["own_seconds"]) / self.noted["own_units"]

    @property
    def ratio(self) -> float:
        """How often jaksim does a unit while the other does one, each round by itself."""
        scale = self.noted["own_units"] / self.units
        return median(scale * theirs / own for theirs, own in zip(self.seconds, self.noted["own_seconds"], strict=True))


@dataclass(frozen=True)
class Results:
    """All cases of a run and the machine it was made on."""

    machine: dict[str, Any]
    cases: tuple[Case, ...]

    def all(self, function: str, **parameters: Any) -> Iterator[Case]:
        """The cases of a function with these parameters; Missing if there are none."""
        wanted = parameters.items()
        found = [one for one in self.cases if one.function == function and wanted <= one.parameters.items()]
        if not found:
            raise Missing(f"{function} {parameters or ''}")
        yield from found

    def one(self, function: str, **parameters: Any) -> Case:
        """The only case of a function with these parameters."""
        return next(self.all(function, **parameters))


def read_results(path: Path) -> Results:
    document = json.loads(path.read_text())
    return Results(document["machine_info"], tuple(_case(entry) for entry in document["benchmarks"]))


def _case(entry: dict[str, Any]) -> Case:
    noted = entry["extra_info"]
    return Case(
        function=entry["name"].partition("[")[0],
        parameters=entry["params"] or {},
        seconds=tuple(entry["stats"]["data"]),
        units=noted["units"],
        noted=noted,
    )
