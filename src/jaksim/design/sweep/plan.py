"""What a sweep is: its design, which never changes, and how far its replicates go, which may grow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from jaksim.budget import check_memory
from jaksim.design.sums.precision import check_replicates
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST

FORMAT: Final = 2
# A task is so many replicates of a point at most; also how often a long point can be given up and taken up again.
BLOCK: Final = 5_000
# The same for trials that are conducted event by event, which take a hundred times as long.
EVENTS_BLOCK: Final = 50
# Few enough files that a directory stays quick to read, few enough tasks in one that little is lost in a crash.
SHARDS: Final = 1_000
MOST_TASKS: Final = 64
_TASK_BYTES: Final = 1_000

Value = Any


@dataclass(frozen=True, kw_only=True)
class SweepDesign:
    """All that decides about the results apart from the number of replicates.

    `document` is the scenario as a table, with the changes that all points share. `path` is the scenario as it was
    given, `place` where its file lies for this process, which the files that it names are looked for beside; None for
    one that comes with jaksim.
    `files` gives the hashes of parameter sets and of the scale. `points` hold one value for each of `keys`. All points
    with operations go through one `door`.
    """

    version: str
    path: str
    document: Mapping[str, Any]
    files: Mapping[str, str]
    keys: tuple[str, ...]
    points: tuple[tuple[Value, ...], ...]
    seed: int
    engine: str
    null: bool
    variance_reduction: str = "none"
    door: str = FAST
    place: str | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of everything but the place of the scenario file."""
        # The usual door leaves no mark, so that a sweep of a trial without operations is what it was before them.
        left = ("path", "place", "door") if self.door == FAST else ("path", "place")
        content = {key: value for key, value in asdict(self).items() if key not in left}
        return hashlib.sha256(json.dumps([FORMAT, content], sort_keys=True, default=str).encode()).hexdigest()

    def values(self, point: int) -> dict[str, Value]:
        """What is varied at a point, by key."""
        return dict(zip(self.keys, self.points[point], strict=True))


@dataclass(frozen=True)
class Task:
    """Replicates `first` to `first + replicates - 1` of one point, whose varied values are `values`."""

    point: int
    values: Mapping[str, Value]
    first: int
    replicates: int


@dataclass(frozen=True)
class Shard:
    """Tasks whose sums are kept in one file: number `number` of a stage."""

    stage: int
    number: int
    tasks: tuple[Task, ...]

    @property
    def name(self) -> str:
        """Beginning of the name of the file."""
        return f"{self.stage}-{self.number:06d}"

    @property
    def replicates(self) -> int:
        """Replicates of all tasks."""
        return sum(task.replicates for task in self.tasks)


@dataclass(frozen=True)
class SweepPlan:
    """A design with its stages: replicates of every point at the end of each; all but the first were grown."""

    design: SweepDesign
    stages: tuple[int, ...]

    def __post_init__(self) -> None:
        tasks = sum(self._tasks(first, last)[0] for first, last in pairwise((0, *self.stages)))
        check_memory(
            _TASK_BYTES * tasks,
            f"{len(self.design.points):,} points of {self.replicates:,} replicates each, in parts",
            where="sweep",
            instead="fewer points or replicates",
        )

    @property
    def replicates(self) -> int:
        """Replicates of every point."""
        return self.stages[-1]

    def grown(self, replicates: int) -> SweepPlan:
        """The plan with so many replicates more."""
        check_replicates(replicates)
        check_replicates(self.replicates + replicates)
        return replace(self, stages=(*self.stages, self.replicates + replicates))

    def joined(self, other: SweepPlan, where: str) -> SweepPlan:
        """The longer of two plans of one sweep; InputError, which speaks of `where`, when neither goes on the other."""
        refuse_changed(self.design, other.design, where)
        shorter, longer = sorted((self, other), key=lambda plan: len(plan.stages))
        if longer.stages[: len(shorter.stages)] != shorter.stages:
            raise InputError(
                f"the sweep was grown by other steps, to {self.stages} and to {other.stages} replicates",
                where=where,
                allowed="sweeps that were begun and grown with the same numbers of replicates",
            )
        return longer

    def shards(self) -> Iterator[Shard]:
        """All shards, in order of stage and point; the same whatever was computed before and where."""
        first = 0
        for stage, last in enumerate(self.stages):
            yield from self._stage(stage, first, last)
            first = last

    @property
    def n_shards(self) -> int:
        """Number of shards."""
        total, first = 0, 0
        for last in self.stages:
            tasks, per_shard = self._tasks(first, last)
            total += -(-tasks // per_shard)
            first = last
        return total

    @property
    def block(self) -> int:
        """Replicates of a task."""
        return EVENTS_BLOCK if self.design.door == EVENTS else BLOCK

    def _tasks(self, first: int, last: int) -> tuple[int, int]:
        tasks = len(self.design.points) * -(-(last - first) // self.block)
        return tasks, min(MOST_TASKS, -(-tasks // SHARDS))

    def _stage(self, stage: int, first: int, last: int) -> Iterator[Shard]:
        tasks, per_shard = self._tasks(first, last)
        block = self.block
        blocks = -(-(last - first) // block)
        for number, start in enumerate(range(0, tasks, per_shard)):
            members = []
            for task in range(start, min(start + per_shard, tasks)):
                point, begin = task // blocks, first + task % blocks * block
                members.append(Task(point, self.design.values(point), begin, min(block, last - begin)))
            yield Shard(stage, number, tuple(members))


def differences(old: SweepDesign, new: SweepDesign) -> list[str]:
    """What changed between two designs, one line for each value."""
    before, after = (_flat(_content(design)) for design in (old, new))
    changed = [key for key in before | after if before.get(key, _NONE) != after.get(key, _NONE)]
    return [f"{key}: {_shown(before.get(key, _NONE))} -> {_shown(after.get(key, _NONE))}" for key in changed]


def refuse_changed(old: SweepDesign, new: SweepDesign, where: str) -> None:
    """InputError that says what changed, unless the designs are the same."""
    if old.fingerprint == new.fingerprint:
        return
    lines = differences(old, new)
    shown = "; ".join(lines[:5]) + (f"; and {len(lines) - 5} more" if len(lines) > 5 else "")
    raise InputError(
        f"the sweep there has another design: {shown}",
        where=where,
        allowed="the same scenario, points, seed, engine and version, or another directory",
    )


_NONE: Final = object()


def _content(design: SweepDesign) -> dict[str, Any]:
    content = {
        "version": design.version,
        "seed": design.seed,
        "engine": design.engine,
        "null": design.null,
        "variance reduction": design.variance_reduction,
        "door": design.door,
        "keys": ", ".join(design.keys),
        "points": len(design.points),
        "scenario": dict(design.document),
        "hash": dict(design.files),
    }
    points = {f"point {number}": design.values(number) for number in range(len(design.points))}
    return {**content, **points}


def _flat(table: Any, where: str = "") -> dict[str, Any]:
    if isinstance(table, Mapping) and table:
        items = [(str(key), value) for key, value in table.items()]
    elif isinstance(table, list) and any(isinstance(item, Mapping) for item in table):
        items = [
            (str(entry.get("name", n)) if isinstance(entry, Mapping) else str(n), entry)
            for n, entry in enumerate(table)
        ]
    else:
        return {where: table}
    found: dict[str, Any] = {}
    for key, value in items:
        found.update(_flat(value, f"{where}.{key}" if where else key))
    return found


def _shown(value: Any) -> str:
    if value is _NONE:
        return "nothing"
    text = str(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
