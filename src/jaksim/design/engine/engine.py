"""Where replicates come from: tables of counts, drawn from exact laws or from simulated patients."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from copy import copy
from typing import Final, NamedTuple

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.budget import check_memory
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.coarsening import coarsenings
from jaksim.design.engine.entry import enrolled_sizes
from jaksim.design.engine.kinds_of_patients import adjusted_endpoints
from jaksim.design.engine.reading_together import read_together
from jaksim.endpoint.automaton import Automaton
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.simulate import (
    compile_chains,
    compile_laws,
    compile_paths,
    draw_sizes,
    draw_tables,
    draw_transitions,
    move_tables,
    path_tables,
    path_transitions,
)
from jaksim.simulate.reached import states_reached

ENGINES: Final = ("auto", "law", "path")
# Beyond this the joint law takes longer to set up than the replicates it saves.
MOST_MEMORIES: Final = 60_000
# Of a block of replicates: bytes of its tables, and days of patients simulated one by one.
BYTES_AT_ONCE: Final = 2**28
DAYS_AT_ONCE: Final = 2**30
# Blocks that threads hold at the same time, at the least.
_HELD: Final = 4


class Beside(NamedTuple):
    """Counts of a block of replicates, as they were drawn, and the sizes (B, C) of its cells."""

    sizes: Integers
    counts: Floats


class Engine(ABC):
    """Draws the replicates of one trial; a replicate has the same tables whichever block it is drawn in."""

    name: str

    def __init__(self, cells: Cells, seed: int) -> None:
        self.cells = cells
        self.seed = seed
        self.origin = object()  # that of all engines made from this one, which draw from the same laws

    @property
    def draws(self) -> Hashable:
        """All that its tables depend on beside the replicate: equal for engines that draw the same ones."""
        trial = self.cells.trial
        return self.origin, self.cells.allocation, repr(trial.population), repr(trial.randomisation)

    def of(self, cells: Cells) -> Engine:
        """The same engine for cells that have the laws of its own, with other numbers of patients."""
        other = copy(self)
        other.cells = cells
        return other

    @abstractmethod
    def tables(self, first_replicate: int, n: int) -> list[Floats]:
        """Counts of `n` replicates, one array (n, C, K) per endpoint."""

    def tables_beside(self, first_replicate: int, n: int, beside: Beside | None) -> tuple[list[Floats], Beside | None]:
        """The tables, made from those of the same replicates that an engine of this origin drew before where that is
        quicker; and what they leave for others."""
        return self.tables(first_replicate, n), None

    @property
    @abstractmethod
    def width(self) -> int:
        """Numbers of all tables that a cell of a replicate has."""

    def block(self, most: int) -> int:
        """Replicates, `most` or fewer, whose tables take little memory; InputError where those of one do not fit."""
        # The tables, and the part of them that an analysis reads.
        size = 16 * len(self.cells) * self.width
        check_memory(
            _HELD * size,
            f"the tables of a replicate ({len(self.cells):,} cells of arm and stratum, {self.width:,} categories)",
            instead="fewer strata, days or endpoints",
        )
        return max(1, min(most, BYTES_AT_ONCE // max(size, 1)))

    def sizes(self, first_replicate: int, n: int) -> Integers:
        """Numbers of patients (n, C) in the cells."""
        trial = self.cells.trial
        if not trial.randomisation.blocks_within_strata(trial.population):
            return enrolled_sizes(self.cells, self.seed, first_replicate, n)
        return draw_sizes(
            trial.population.patients,
            np.array(trial.population.weights),
            self.cells.allocation,
            trial.randomisation.block_size,
            trial.population.stratum_sizes,
            self.seed,
            first_replicate,
            n,
        )


class LawEngine(Engine):
    """Draws each patient's joint category from the exact law of the cell; the patient's path is never made."""

    name = "law"

    def __init__(self, cells: Cells, seed: int, automaton: Automaton) -> None:
        super().__init__(cells, seed)
        adjusting = adjusted_endpoints(cells.trial)
        joint = cells.joint_law_by_kind(automaton) if adjusting else cells.joint_law(automaton)
        self._sizes = joint.sizes
        self._coarse = coarsenings(joint.parts, joint.sizes)
        self._drawn = [number for number in range(len(joint.sizes)) if number not in self._coarse]
        self._laws = compile_laws(list(joint.laws))
        self._parts = joint.parts[self._drawn]
        self._widths = np.array(joint.sizes, dtype=np.int64)[self._drawn]

    @property
    def width(self) -> int:
        return sum(self._sizes)

    def tables(self, first_replicate: int, n: int) -> list[Floats]:
        """Those of the endpoints and, behind them, of the endpoints of analyses that adjust, by kind of patient."""
        return self.tables_beside(first_replicate, n, None)[0]

    def tables_beside(self, first_replicate: int, n: int, beside: Beside | None) -> tuple[list[Floats], Beside | None]:
        sizes, flat = self.sizes(first_replicate, n), None
        laws = self._laws, self._parts, self._widths
        if beside is not None:
            flat = beside.counts.copy()
            if not move_tables(*laws, beside.sizes, sizes, self.seed, first_replicate, flat):
                flat = None
        if flat is None:
            flat = np.empty(n * len(self.cells) * int(self._widths.sum()))
            draw_tables(*laws, sizes, self.seed, first_replicate, flat)
        return self._laid_out(flat, n), Beside(sizes, flat)

    def _laid_out(self, flat: Floats, n: int) -> list[Floats]:
        drawn = dict(zip(self._drawn, split(flat, n, len(self.cells), self._widths.tolist()), strict=True))
        return [
            drawn[number] if number in drawn else self._coarse[number].apply(drawn[self._coarse[number].fine])
            for number in range(len(self._sizes))
        ]


class TransitionEngine(Engine):
    """Draws the transitions of each day from those of the day before, for trials whose endpoints count transitions.

    Given how many patients of a group are in each state, the next day's are multinomial, so that a replicate costs the
    same for any number of patients.
    """

    name = "law"

    def __init__(self, cells: Cells, seed: int) -> None:
        super().__init__(cells, seed)
        self._chains = compile_chains(
            cells.transitions,
            [group.start_index for group in cells.groups],
            cells.cell_of_group,
            [group.share for group in cells.groups],
            cells.seen_as,
        )

    @property
    def width(self) -> int:
        return max(_counted(endpoint) for endpoint in self.cells.trial.endpoints)

    def tables(self, first_replicate: int, n: int) -> list[Floats]:
        counts = draw_transitions(self._chains, self.sizes(first_replicate, n), self.seed, first_replicate)
        return [counts.reshape(n, len(self.cells), -1)] * len(self.cells.trial.endpoints)


class PathEngine(Engine):
    """Simulates every patient in continuous time and reads the endpoints off the daily scores."""

    name = "path"

    def __init__(self, cells: Cells, seed: int) -> None:
        super().__init__(cells, seed)
        tables = [group.intensities for group in cells.groups]
        self.plan = compile_paths(
            tables,
            [group.start_index for group in cells.groups],
            cells.trial.horizon,
            read_together([endpoint.automaton for endpoint in cells.trial.endpoints], states_reached(tables)),
            cells=cells.cell_of_group,
            weights=[group.share for group in cells.groups],
        )
        self._counting = [endpoint.transitions is not None for endpoint in cells.trial.endpoints]

    @property
    def width(self) -> int:
        return sum(_counted(endpoint) for endpoint in self.cells.trial.endpoints)

    def block(self, most: int) -> int:
        trial = self.cells.trial
        return max(1, min(super().block(most), DAYS_AT_ONCE // (trial.population.patients * trial.horizon)))

    def tables(self, first_replicate: int, n: int) -> list[Floats]:
        sizes = self.sizes(first_replicate, n)
        if not any(self._counting):
            return self._read(sizes, first_replicate)
        counts = path_transitions(self.plan, self.cells.seen_as, sizes, self.seed, first_replicate)
        transitions = counts.reshape(n, len(self.cells), -1)
        if all(self._counting):
            return [transitions] * len(self._counting)
        read = self._read(sizes, first_replicate)
        return [transitions if counting else table for counting, table in zip(self._counting, read, strict=True)]

    def _read(self, sizes: Integers, first_replicate: int) -> list[Floats]:
        widths = self.plan.n_categories.tolist()
        flat = np.empty(sizes.size * sum(widths))
        path_tables(self.plan, sizes, self.seed, first_replicate, flat)
        return split(flat, len(sizes), len(self.cells), widths)


def _counted(endpoint: Endpoint) -> int:
    return endpoint.n_categories if endpoint.transitions is None else endpoint.transitions.n_categories


def split(flat: Floats, n: int, n_cells: int, widths: Sequence[int]) -> list[Floats]:
    """The tables (n, C, K) of the endpoints, which lie one after the other."""
    ends = np.cumsum([n * n_cells * width for width in widths])
    parts = np.split(flat, ends[:-1])
    return [part.reshape(n, n_cells, width) for part, width in zip(parts, widths, strict=True)]


def check_adjustable(cells: Cells, why: str) -> None:
    """InputError for analyses that adjust where patients are not told apart."""
    for plan in cells.trial.analyses:
        if plan.adjustment is not None:
            raise InputError(
                f"{why}, and an analysis that adjusts tells patients of a cell apart",
                where=f"analysis {plan.name!r}",
                allowed="the law engine, with few endpoints, or analyses without covariates",
            )
