"""Several trials on common random numbers: what each does, and what differs between any two of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from string import ascii_uppercase
from typing import Any, Final

from jaksim.design.comparison import ComparedAnalysis, Difference, PairSums, compared_analyses, matched
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.engine.processes import spread
from jaksim.design.power import power_of, prepare
from jaksim.design.prepared import Prepared
from jaksim.design.settings import Settings
from jaksim.design.sums.result import PowerResult, analysis_row
from jaksim.design.sums.trial_sums import TrialSums
from jaksim.errors import InputError
from jaksim.result import Result
from jaksim.trial import Trial
from jaksim.trial.assumption import Assumption

LETTERS: Final = ascii_uppercase
"""Names of the designs in the order in which they are given."""


@dataclass(frozen=True)
class DesignDifference:
    """What differs between two designs by their letters, `second` less `first`, on pairs of replicates.

    `rows` says which rows of the table of analyses the `analyses` are.
    """

    first: str
    second: str
    rows: tuple[int, ...]
    analyses: tuple[ComparedAnalysis, ...]
    patients: Difference


@dataclass(frozen=True, repr=False)
class SideBySide(Result):
    """The answer of `compare` for three designs or more.

    `designs` are their operating characteristics, from the same replicates; `rows_of_analyses` tells, for each analysis
    that some design has, its position in each design, None where a design lacks it. `differences` are those of every
    two designs, the first ones those from design A.
    """

    designs: tuple[PowerResult, ...]
    rows_of_analyses: tuple[tuple[int | None, ...], ...]
    differences: tuple[DesignDifference, ...]
    replicates: int
    seed: int
    elapsed_seconds: float
    provenance: Mapping[str, Any] = field(default_factory=dict)
    assumptions: tuple[tuple[Assumption, ...], ...] = ()

    @property
    def letters(self) -> str:
        """The letters of the designs."""
        return LETTERS[: len(self.designs)]

    def headline(self) -> str:
        """How many designs, and the replicates."""
        return f"{len(self.designs)} designs side by side: {self.replicates} replicates"

    def rows(self) -> list[dict[str, Any]]:
        """One row per design and analysis."""
        return [
            {"design": letter, "scenario": design.scenario, "title": design.title, **analysis_row(analysis)}
            for letter, design in zip(self.letters, self.designs, strict=True)
            for analysis in design.analyses
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """The power of each analysis in each design."""
        found = []
        for places in self.rows_of_analyses:
            row: dict[str, Any] = {}
            for letter, design, place in zip(self.letters, self.designs, places, strict=True):
                if place is not None:
                    row.setdefault("analysis", design.analyses[place].name)
                    row[letter] = design.analyses[place].power
            found.append(row)
        return found

    def contents(self) -> dict[str, Any]:
        """Everything by name, the designs as `power` has them."""
        names = ("rows_of_analyses", "replicates", "seed", "elapsed_seconds", "assumptions")
        return {
            "letters": list(self.letters),
            "designs": [design.contents() for design in self.designs],
            "differences": [asdict(one) for one in self.differences],
            **{name: getattr(self, name) for name in names},
            "provenance": dict(self.provenance),
        }


def compare_designs(
    trials: Sequence[Trial], settings: Settings, *, advance: Callable[[int], None] | None = None
) -> SideBySide:
    """All trials with the same seed, replicate by replicate.

    Raises InputError where a trial shares no analysis with the first, and for settings that ask for a precision.
    """
    started = time.perf_counter()
    if settings.until_se is not None:
        raise InputError("a comparison has a number of replicates", where="‹until_se›", got=settings.until_se)
    if not 2 <= len(trials) <= len(LETTERS):
        raise InputError("wrong number of designs", where="compare", allowed=f"2 to {len(LETTERS)}", got=len(trials))
    rows = rows_of(trials)
    pairs = {
        (a, b): [(row[a], row[b]) for row in rows if row[a] is not None and row[b] is not None]
        for a, b in combinations(range(len(trials)), 2)
    }
    prepared = [prepare(trial, settings) for trial in trials]
    work = _Work(prepared, pairs)  # type: ignore[arg-type]
    length = min(one.length(settings.length) for one in prepared)
    workers = check_workers(settings.workers)
    interpreted = any(one.design.interpreted for one in prepared)
    sums = [one.empty() for one in prepared]
    between: dict[tuple[int, int], PairSums] = {}
    with spread(work, min(workers, -(-settings.replicates // length)), interpreted=interpreted) as spread_work:
        for part in run_blocks(spread_work, 0, settings.replicates, length, workers, advance):
            for mine, theirs in zip(sums, part.designs, strict=True):
                mine.add(theirs)
            for key, found in part.pairs.items():
                if key in between:
                    between[key].add(found)
                else:
                    between[key] = found
    n = settings.replicates
    return SideBySide(
        designs=tuple(power_of(one, total, settings) for one, total in zip(prepared, sums, strict=True)),
        rows_of_analyses=rows,
        differences=tuple(
            DesignDifference(
                LETTERS[a],
                LETTERS[b],
                tuple(number for number, row in enumerate(rows) if row[a] is not None and row[b] is not None),
                compared_analyses((trials[a], trials[b]), pairs[a, b], total, n),  # type: ignore[arg-type]
                total.patients.summary(),
            )
            for (a, b), total in between.items()
        ),
        replicates=n,
        seed=settings.seed,
        elapsed_seconds=time.perf_counter() - started,
    )


def rows_of(trials: Sequence[Trial]) -> tuple[tuple[int | None, ...], ...]:
    """The analyses of all trials with their position in each: those of the first in order, matched as `matched` does,
    then those that others have, by name."""
    first, *others = trials
    rows: list[list[int | None]] = [[place, *[None] * len(others)] for place in range(len(first.analyses))]
    names: dict[str, list[int | None]] = {}
    for number, trial in enumerate(others, start=1):
        placed = set()
        for mine, theirs in matched(first, trial):
            rows[mine][number] = theirs
            placed.add(theirs)
        for place, plan in enumerate(trial.analyses):
            if place in placed:
                continue
            if plan.name not in names:
                names[plan.name] = [None] * len(trials)
                rows.append(names[plan.name])
            names[plan.name][number] = place
    return tuple(tuple(row) for row in rows)


@dataclass(slots=True)
class _Part:
    designs: list[TrialSums]
    pairs: dict[tuple[int, int], PairSums]


@dataclass(frozen=True, eq=False)
class _Work:
    prepared: Sequence[Prepared]
    pairs: Mapping[tuple[int, int], Sequence[tuple[int, int]]]

    def __call__(self, first: int, n: int) -> _Part:
        blocks = [one.block(first, n) for one in self.prepared]
        return _Part(
            [one.sums_of(block) for one, block in zip(self.prepared, blocks, strict=True)],
            {(a, b): PairSums.of(blocks[a], blocks[b], pairs) for (a, b), pairs in self.pairs.items()},
        )
