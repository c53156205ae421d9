"""The path door for patients with characteristics of their own."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim import rng
from jaksim.arrays import Floats, Integers
from jaksim.rng import Purpose
from jaksim.simulate.alias_table import quantise
from jaksim.simulate.arguments import checked_output, checked_sizes, key_words
from jaksim.simulate.individual.curves import Brought, lay_out_people
from jaksim.simulate.individual.group_tables import GroupedProcess, lay_out_groups
from jaksim.simulate.paths import check_automata, check_components
from jaksim.simulate.reached import states_reached

if TYPE_CHECKING:
    from jaksim.kernel.individual.drawing import Plan
    from jaksim.simulate.process_tables import PathAutomaton

PURPOSES = (Purpose.PATH, Purpose.PATIENT_TYPE, Purpose.CHARACTERISTIC, Purpose.SITE_FRAILTY)


@dataclass(frozen=True, eq=False)
class Kind:
    """Patients of one kind in a cell: their share of it and where they start, in which of the processes: one for each
    value of the characteristic that days are counted from, or only one."""

    share: float
    start: int
    processes: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class IndividualPlan:
    """Everything that patients are drawn from, laid out for the kernel.

    n_categories (E,) int64 is the number of categories of each endpoint.
    """

    kernel: Plan
    horizon: int
    n_cells: int
    n_states: int
    n_categories: NDArray[np.int64]


def compile_individuals(
    processes: Sequence[GroupedProcess],
    cells: Sequence[Sequence[Kind]],
    coefficients: Sequence[Floats],
    automata: Sequence[PathAutomaton],
    horizon: int,
    brought: Brought,
    *,
    n_strata: int,
    onset: int = -1,
    onset_values: Sequence[int] = (),
) -> IndividualPlan:
    """Prepare the simulation of cells of patients over `horizon` days.

    coefficients (G, T) of each cell are those of the terms that patients bring along in the logarithms of the factors
    of its groups of moves. Where characteristic `onset` is onset_values[v], a patient walks in process v of her kind.
    """
    from jaksim.kernel.individual.drawing import Plan
    from jaksim.simulate.process_tables import lay_out_automata

    kinds = [kind for cell in cells for kind in cell]
    n_states = processes[0].by_group.shape[-1]
    check_components(processes, [0] * len(processes))
    check_automata(automata, processes, horizon)
    ends = np.cumsum([0, *map(len, cells)], dtype=np.int64)
    weights = [
        quantise([kind.share for kind in cell], where=f"component weights of cell {c}") for c, cell in enumerate(cells)
    ]
    nodes = [kind.processes[0] * n_states + kind.start for kind in kinds]
    laid_out, groups = lay_out_groups(processes, nodes, ends, weights, coefficients)
    places = np.zeros(max(onset_values, default=0) + 1, dtype=np.uint64)
    for number, value in enumerate(onset_values):
        places[value] = number * n_states
    for kind in kinds:
        assert all(after == before + 1 for before, after in itertools.pairwise(kind.processes))
    return IndividualPlan(
        kernel=Plan(
            processes=laid_out,
            memories=lay_out_automata(automata, states_reached(processes), laid_out.state, int(laid_out.n_pieces)),
            groups=groups,
            people=lay_out_people(brought),
            purposes=np.array(PURPOSES, dtype=np.uint64),
            n_strata=n_strata,
            onset=onset,
            onset_node=places,
        ),
        horizon=horizon,
        n_cells=len(cells),
        n_states=n_states,
        n_categories=np.array([size for a in automata for size in a.part_sizes], dtype=np.int64),
    )


def individual_tables(
    plan: IndividualPlan, sizes: ArrayLike, seed: int, first_replicate: int, out: NDArray[np.float64]
) -> None:
    """Count categories into `out`, as `jaksim.simulate.paths.path_tables`.

    A patient depends on (seed, replicate, cell, number within the cell) alone.
    """
    patients = _checked(plan, sizes, first_replicate)
    table_start = checked_output(out, patients.shape, plan.n_categories)
    low, high = key_words(seed)

    from jaksim.kernel.individual.drawing import draw_individual_tables

    draw_individual_tables(plan.kernel, patients, int(first_replicate), low, high, table_start, plan.n_categories, out)


def individual_rows(
    plan: IndividualPlan, sizes: ArrayLike, seed: int, first_replicate: int
) -> tuple[NDArray[np.int32], NDArray[np.int64], Floats]:
    """The patients whom `individual_tables` counts, those of a replicate after the other and in the order of the cells:
    categories (E, n), the first process (n,) of the kind that each is of, and characteristics (n, P).
    """
    patients = _checked(plan, sizes, first_replicate)
    low, high = key_words(seed)
    n = int(patients.sum())
    first_row = np.cumsum(np.concatenate([[0], patients.ravel()[:-1]]), dtype=np.int64).reshape(patients.shape)
    category = np.empty((len(plan.n_categories), n), dtype=np.int32)
    node = np.empty(n, dtype=np.int64)
    value = np.empty((n, len(plan.kernel.people.latent)))

    from jaksim.kernel.individual.drawing import draw_individual_rows

    first_category = np.cumsum([0, *plan.n_categories[:-1]], dtype=np.int64)
    draw_individual_rows(
        plan.kernel, patients, int(first_replicate), low, high, first_category, first_row, node, category, value
    )
    return category, node // plan.n_states, value


def individual_states(
    plan: IndividualPlan, sizes: ArrayLike, seed: int, replicate: int
) -> tuple[NDArray[np.int8], NDArray[np.int64], Floats]:
    """Daily state indices (n, horizon + 1) of the patients of one replicate, baseline first, and their processes and
    characteristics as of `individual_rows`, whose patients they are; sizes (C,)."""
    patients = _checked(plan, np.asarray(sizes)[None], replicate)
    low, high = key_words(seed)
    n = int(patients.sum())
    node, value = np.empty(n, dtype=np.int64), np.empty((n, len(plan.kernel.people.latent)))
    states = np.empty((n, plan.horizon + 1), dtype=np.int8)

    from jaksim.kernel.individual.drawing import draw_individual_states

    draw_individual_states(plan.kernel, patients, int(replicate), low, high, node, value, states)
    return states, node // plan.n_states, value


def sites_of(plan: IndividualPlan, n_sites: int, sizes: ArrayLike, seed: int, replicate: int) -> Integers:
    """The site (n,), from 0, of the patients of one replicate, in the order of the cells; sizes (C,)."""
    patients = _checked(plan, np.asarray(sizes)[None], replicate)[0]
    cell = np.repeat(np.arange(plan.n_cells), patients)
    number = np.arange(len(cell)) - np.repeat(np.cumsum(patients) - patients, patients)
    words = rng.addressed(seed, Purpose.SITE_FRAILTY, replicate, cell, number)[:, 0].astype(np.uint64)
    return (words * np.uint64(n_sites) >> np.uint64(32)).astype(np.int64)


def _checked(plan: IndividualPlan, sizes: ArrayLike, first_replicate: int) -> NDArray[np.int64]:
    patients = checked_sizes(sizes, plan.n_cells)
    rng.check_address(replicate=first_replicate, cell=plan.n_cells - 1)
    rng.check_address(replicate=first_replicate + max(len(patients) - 1, 0))
    return patients
