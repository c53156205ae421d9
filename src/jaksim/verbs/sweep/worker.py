"""Computing tasks of a sweep, in whatever thread, process or machine."""

from __future__ import annotations

import hashlib
import warnings
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock
from typing import Any, Final

from jaksim.design.engine.drawn import Drawn
from jaksim.design.prepared import Prepared
from jaksim.design.sweep.part import Row
from jaksim.design.sweep.plan import SweepDesign, Task
from jaksim.design.sweep.point import part_of
from jaksim.errors import InputError
from jaksim.operations.doors import FAST
from jaksim.scenario.document import set_key
from jaksim.scenario.readings import Readings
from jaksim.scenario.registered import check_registered
from jaksim.scenario.scenario import Scenario, scenario_of
from jaksim.version import __version__

# Blocks of one point are computed one after the other, so a few points for each thread are enough.
KEPT: Final = 8
# Between the hashes of several parameter sets of one name, which points of one sweep may have.
SEVERAL: Final = ", "


@dataclass(frozen=True, eq=False)
class Instructions:
    """What a worker has to know of a sweep: its design without the points."""

    version: str
    path: str
    document: Mapping[str, Any]
    seed: int
    engine: str
    null: bool
    variance_reduction: str = "none"
    files: Mapping[str, str] = field(default_factory=dict)
    door: str = FAST
    place: str | None = None

    @classmethod
    def of(cls, design: SweepDesign) -> Instructions:
        return cls(
            version=design.version,
            path=design.path,
            document=design.document,
            seed=design.seed,
            engine=design.engine,
            null=design.null,
            variance_reduction=design.variance_reduction,
            files=design.files,
            door=design.door,
            place=design.place,
        )

    def scenario(self, values: Mapping[str, Any], readings: Readings | None = None) -> Scenario:
        """The scenario at a point; InputError names the point."""
        document = deepcopy(dict(self.document))
        with self.naming(values):
            for key, value in values.items():
                set_key(document, key, value)
            return scenario_of(document, self.place or self.path, readings=readings)

    def scenario_as_begun(self, values: Mapping[str, Any], readings: Readings | None = None) -> Scenario:
        """The scenario at a point; InputError where what it is made of is not what the sweep was begun with."""
        found = self.scenario(values, readings)
        with self.naming(values):
            for name, value in hashes_of(found).items():
                if value not in self.files.get(name, "").split(SEVERAL):
                    raise InputError(
                        f"the {name} is another one here", allowed="what the sweep was begun with, or another directory"
                    )
        return found

    @contextmanager
    def naming(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Let an InputError say at which point it arose."""
        try:
            yield
        except InputError as error:
            point = ", ".join(f"{key}={value}" for key, value in values.items())
            raise error.at(f"{self.path} with {point}" if point else self.path) from None


@dataclass(eq=False)
class _Slot:
    lock: Lock = field(default_factory=Lock)
    point: Prepared | None = None


class Worker:
    """Computes tasks; any number of threads may ask, and a point is made ready once."""

    def __init__(self, instructions: Instructions) -> None:
        if instructions.version != __version__:
            raise InputError(
                "the worker has another version of jaksim",
                where="worker",
                allowed=instructions.version,
                got=__version__,
            )
        check_registered(instructions.files, "worker")
        self.instructions = instructions
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._lock = Lock()
        self._readings = Readings()
        self._last: Prepared | None = None
        self._drawn = Drawn(tables=instructions.variance_reduction != "none")

    def __call__(self, task: Task) -> list[Row]:
        """The rows of a task."""
        return part_of(self._prepared(task), task).rows()

    def _prepared(self, task: Task) -> Prepared:
        with self._lock:
            slot = self._slots.setdefault(task.point, _Slot())
            self._slots.move_to_end(task.point)
            while len(self._slots) > KEPT:
                self._slots.popitem(last=False)
        with slot.lock:
            if slot.point is None:
                slot.point = self._last = self._prepare(task)
            return slot.point

    def _prepare(self, task: Task) -> Prepared:
        given = self.instructions
        trial = given.scenario_as_begun(task.values, self._readings).trial
        with given.naming(task.values):
            return Prepared(
                trial.under_null() if given.null else trial,
                given.seed,
                given.engine,
                variance_reduction=given.variance_reduction,
                like=self._last,
                door=given.door,
                drawn=self._drawn,
            ).ready()


def hashes_of(scenario: Scenario) -> dict[str, str]:
    """Hashes of the parameter sets and the scale that a scenario is made of, by what they are and their name."""
    scale = scenario.trial.scale
    return {
        **{f"parameter set {name}": value for name, value in scenario.parameter_sets.items()},
        f"scale {scale.name}": hashlib.sha256(repr(scale).encode()).hexdigest()[:16],
    }


@lru_cache(maxsize=2)
def worker_of(instructions: bytes) -> Worker:
    """The worker of this process for instructions as they were sent."""
    import pickle

    return Worker(pickle.loads(instructions))


def compute(instructions: bytes, tasks: Sequence[Task]) -> list[list[Row]]:
    """The rows of each task, on a machine that was sent the instructions."""
    worker = worker_of(instructions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of numpy, which users cannot mend
        return [worker(task) for task in tasks]
