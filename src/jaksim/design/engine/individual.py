"""The path engine for patients who each have characteristics of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats, Integers
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import DAYS_AT_ONCE, Engine, split
from jaksim.design.engine.kinds_of_patients import covariates_of
from jaksim.design.individual.plan_of import Individuals, plan_of
from jaksim.errors import InputError
from jaksim.simulate.individual.plan import individual_rows, individual_states, individual_tables, sites_of
from jaksim.trial.adjustment import has_value, value_of


@dataclass(frozen=True, eq=False)
class PatientRows:
    """Patients of a block of replicates one by one: those of replicate b are rows starts[b] .. starts[b + 1] - 1.

    They have an arm int8 and a stratum int16 (n,), in the order of the cells, the category int32 (E, n) of each
    endpoint and covariates (n, P), the characteristics first, then what their kind of patient has, by `names`. A
    `weight` (n,) is None where all count alike.
    """

    starts: NDArray[np.int64]
    arm: NDArray[np.int8]
    stratum: NDArray[np.int16]
    category: NDArray[np.int32]
    covariates: Floats
    names: tuple[str, ...]
    weight: Floats | None = None


class IndividualEngine(Engine):
    """Draws what every patient brings along, and simulates her under intensities of her own."""

    name = "path"

    def __init__(self, cells: Cells, seed: int) -> None:
        super().__init__(cells, seed)
        for endpoint in cells.trial.endpoints:
            if endpoint.transitions is not None:
                raise InputError(
                    "all daily scores together are not counted for patients who each have characteristics of their own",
                    where=f"endpoint {endpoint.name!r}",
                    allowed="‹engine=law›",
                )
        self.individuals = plan_of(cells)

    @property
    def width(self) -> int:
        return sum(endpoint.n_categories for endpoint in self.cells.trial.endpoints)

    def block(self, most: int) -> int:
        trial = self.cells.trial
        return max(1, min(super().block(most), DAYS_AT_ONCE // (trial.population.patients * trial.horizon)))

    def tables(self, first_replicate: int, n: int) -> list[Floats]:
        sizes, plan = self.sizes(first_replicate, n), self.individuals.plan
        widths = plan.n_categories.tolist()
        flat = np.empty(sizes.size * sum(widths))
        individual_tables(plan, sizes, self.seed, first_replicate, flat)
        return split(flat, len(sizes), len(self.cells), widths)

    def counted(self, patients: PatientRows) -> list[Floats]:
        """The tables of patients that were drawn."""
        n, cells = len(patients.starts) - 1, len(self.cells)
        of_replicate = np.repeat(np.arange(n), np.diff(patients.starts))
        cell = patients.arm.astype(np.int64) * self.cells.n_strata + patients.stratum
        found = []
        for endpoint, category in zip(self.cells.trial.endpoints, patients.category, strict=True):
            place = (of_replicate * cells + cell) * endpoint.n_categories + category
            counts = np.bincount(place, minlength=n * cells * endpoint.n_categories)
            found.append(counts.astype(np.float64).reshape(n, cells, endpoint.n_categories))
        return found

    def patients(self, first_replicate: int, n: int) -> PatientRows:
        """The patients of `n` replicates, whom `tables` counts."""
        sizes, found = self.sizes(first_replicate, n), self.individuals
        category, process, values = individual_rows(found.plan, sizes, self.seed, first_replicate)
        cells = np.repeat(np.tile(np.arange(len(self.cells)), n), sizes.ravel())
        more, columns = _of_kinds(found, process, covariates_of(self.cells.trial))
        return PatientRows(
            starts=np.concatenate([[0], np.cumsum(sizes.sum(axis=1))]).astype(np.int64),
            arm=(cells // self.cells.n_strata).astype(np.int8),
            stratum=(cells % self.cells.n_strata).astype(np.int16),
            category=category,
            covariates=np.concatenate([values, columns], axis=1) if more else values,
            names=(*found.names, *more),
        )

    def follow(self, replicate: int) -> tuple[Integers, NDArray[np.int8], dict[str, Floats]]:
        """Cells (n,) and daily states (n, H + 1) of the patients of one replicate, and what they bring along, by
        name."""
        sizes, found = self.sizes(replicate, 1)[0], self.individuals
        states, process, values = individual_states(found.plan, sizes, self.seed, replicate)
        more, columns = _of_kinds(found, process)
        named = dict(zip((*found.names, *more), (*values.T, *columns.T), strict=True))
        law = self.cells.trial.population.characteristics
        if law is not None and law.shared:
            sites = sites_of(found.plan, law.shared[0].shared, sizes, self.seed, replicate)
            named["site"] = sites + 1.0
        return np.repeat(np.arange(len(self.cells)), sizes), states, named


def _of_kinds(found: Individuals, process: Integers, asked: Sequence[str] = ()) -> tuple[tuple[str, ...], Floats]:
    """Names and values (n, P) of the covariates that kinds of patients have, and of what else is asked for and not
    drawn; NaN where one has none."""
    others = (name for name in asked if name not in found.names)
    names = tuple(dict.fromkeys((*(name for kind in found.kinds for name in kind.covariates), *others)))
    table = np.array(
        [[value_of(kind, name) if has_value(kind, name) else np.nan for name in names] for kind in found.kinds]
    )
    return names, table.reshape(len(found.kinds), -1)[process]
