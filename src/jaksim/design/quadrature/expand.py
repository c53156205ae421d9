"""A trial whose strata hold the nodes of a quadrature over what their patients bring along.

Laws of endpoints are then mixtures over the nodes. The number of nodes of each latent grows until a finer rule changes
no probability of any endpoint, in any arm and stratum, by more than the tolerance.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.design.engine.cells import Cells
from jaksim.design.quadrature.axes import axes_of, used_characteristics
from jaksim.design.quadrature.nodes import LEAST, Axis, axes_in_order, nodes_of
from jaksim.errors import InputError
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.model.disease import PatientType
from jaksim.trial import Trial
from jaksim.trial.characteristics.characteristics import ONSET, Characteristics
from jaksim.trial.population import Quadrature

TOLERANCE: Final = 5e-7
MOST_NODES: Final = 200_000
_ORDERS: Final = (3, 5, 8, 12, 17, 24, 34, 48)
_ORDERS_IN_STEPS: Final = (1, 2, *_ORDERS)
_FEW: Final = 3
_DEAR: Final = 8_000
"""Nodes, of all strata, whose laws take some seconds where patients are in one of eight states."""
_STATES: Final = 8
_LOST: Final = 1e-10  # chance, in a stratum, of the nodes that are left out

Orders = Mapping[int, int]


def expanded(trial: Trial) -> Trial:
    """The same trial with the nodes as the patients of its strata, and `population.quadrature` saying how exact that
    is; the trial itself where nothing depends on what its patients bring along.

    InputError where the joint law wants more nodes than can be worked with.
    """
    law = trial.population.characteristics
    if law is None or not used_characteristics(trial, law):
        return trial
    rules = _Rules(trial, law)
    ladders = {latent: rules.ladder(latent) for latent in rules.latents}
    orders = {latent: next(iter(changes)) for latent, changes in ladders.items()}
    for latent, changes in ladders.items():
        orders[latent] = next((order for order, change in changes.items() if change <= 0.2 * TOLERANCE), [*changes][-1])
    while rules.count(orders) > rules.most and (lower := _lowered(orders, ladders)) is not None:
        orders = lower
    found, error = rules.nodes(orders), sum(ladders[latent][order] for latent, order in orders.items())
    while rules.count(finer := {latent: rules.next(latent, order) for latent, order in orders.items()}) <= rules.most:
        better = rules.nodes(finer)
        error = _apart(_laws(found), _laws(better))
        if error <= TOLERANCE or finer == orders:
            break
        orders, found = finer, better
    stated = Quadrature(
        nodes=sum(len(stratum.patients) for stratum in found.population.strata),
        error=max(error, 1e-16),
        orders=tuple(sorted(orders.items())),
    )
    return replace(found, population=replace(found.population, quadrature=stated))


def _lowered(orders: Orders, ladders: Mapping[int, Mapping[int, float]]) -> dict[int, int] | None:
    """The orders with one less in the latent in which that does the least harm; None where all are the lowest."""
    lower = {
        latent: max(below)
        for latent, order in orders.items()
        if (below := [other for other in ladders[latent] if other < order])
    }
    if not lower:
        return None
    chosen = min(lower, key=lambda latent: ladders[latent][lower[latent]])
    return {**orders, chosen: lower[chosen]}


class _Rules:
    """Rules of different orders for the patients of a trial."""

    def __init__(self, trial: Trial, law: Characteristics) -> None:
        self.trial, self.law = trial, law
        self.used = tuple(used_characteristics(trial, law))
        self.axes = [axes_of(trial, law, number) for number in range(len(trial.population.strata))]
        self.latents = sorted({axis.latent for axes in self.axes for axis in axes})
        self._in_steps = {
            latent: all(axis.steps for axes in self.axes for axis in axes if axis.latent == latent)
            for latent in self.latents
        }

    @property
    def most(self) -> float:
        """The nodes, of all strata, whose laws can be waited for."""
        return float(_DEAR * (_STATES / max(_STATES, self.trial.states.size)) ** 1.5)

    def next(self, latent: int, order: int) -> int:
        """The next higher order of a latent; the same where nothing is gained by it."""
        if self._alone_in_steps(latent):
            return order
        return next((more for more in self._orders(latent) if more > order), order + 8)

    def _orders(self, latent: int) -> tuple[int, ...]:
        return _ORDERS_IN_STEPS if self._in_steps[latent] else _ORDERS

    def _alone_in_steps(self, latent: int) -> bool:
        others = (other for other in self.latents if other != latent)
        return self._in_steps[latent] and all(self.law.matrix[latent, other] == 0.0 for other in others)

    def ladder(self, latent: int) -> dict[int, float]:
        """Orders of one latent, the others having few nodes, and by how much the next finer one changes what is
        expected, up to one that hardly does."""
        if self._alone_in_steps(latent):
            return {1: 0.0}
        few = {other: 1 if self._in_steps[other] else _FEW for other in self.latents}
        found: dict[int, float] = {}
        before: tuple[int, list[Floats]] | None = None
        for order in self._orders(latent):
            now = _expected(self.nodes({**few, latent: order}))
            if before is not None:
                found[before[0]] = _apart(before[1], now)
                if found[before[0]] <= 0.2 * TOLERANCE or self._fewest({latent: order}) > self.most:
                    break
            before = order, now
        return found

    def _fewest(self, orders: Orders) -> int:
        """The nodes of a rule that has these orders, and the lowest of the others."""
        return self.count({**{latent: self._orders(latent)[0] for latent in self.latents}, **orders})

    def count(self, orders: Orders) -> int:
        """The most nodes that rules of these orders have, of all strata."""
        return sum(
            len(stratum.patients) * math.prod(len(axis.pieces) * orders[axis.latent] for axis in axes)
            for axes, stratum in zip(self.axes, self.trial.population.strata, strict=True)
        )

    def nodes(self, orders: Orders) -> Trial:
        """The trial with the nodes of these orders."""
        strata = []
        for number, stratum in enumerate(self.trial.population.strata):
            axes = [replace(axis, order=orders[axis.latent]) for axis in self.axes[number]]
            latents, weights = _product(axes, self.law, orders)
            n_nodes = len(weights) * len(stratum.patients)
            check_memory(
                4096 * n_nodes,
                f"{n_nodes:,} kinds of patients in stratum {stratum.name!r}",
                instead="fewer characteristics that matter",
            )
            if n_nodes > MOST_NODES:
                raise InputError(
                    f"the characteristics have {n_nodes:,} combinations in stratum {stratum.name!r}",
                    where="population.characteristic",
                    allowed=f"at most {MOST_NODES:,} that matter",
                )
            values = self.law.values(latents, number)
            kinds = [
                (share * weight, patient)
                for share, base in stratum.patients
                for weight, patient in zip(weights.tolist(), self._patients(base, values), strict=True)
            ]
            strata.append(replace(stratum, patients=_merged(kinds)))
        population = replace(self.trial.population, strata=tuple(strata), quadrature=Quadrature(0, 1.0))
        return replace(self.trial, population=population)

    def _patients(self, base: PatientType, values: Floats) -> Iterator[PatientType]:
        """Patients who are as `base`, with those of the characteristics (n, P) that matter."""
        columns = [self.law.names.index(name) for name in self.used]
        for row in values[:, columns].tolist():
            named = dict(zip(self.used, row, strict=True))
            onset = named.pop(ONSET, base.days_since_onset)
            yield PatientType(base.baseline_score, {**base.covariates, **named}, onset)


def _product(axes: list[Axis], law: Characteristics, within: Orders) -> tuple[Floats, Floats]:
    """Latents (n, d), 0 where one does not matter, and weights (n,) that sum to 1."""
    parts = [(group, nodes_of(group, law.matrix, within)) for group in axes_in_order(axes, law.matrix)]
    weights = np.ones(1)
    rows = np.zeros((1, law.n_latents))
    for group, (points, shares) in parts:
        weights = np.outer(weights, shares).ravel()
        rows = np.repeat(rows, len(shares), axis=0)
        rows[:, [axis.latent for axis in group]] = np.tile(points, (len(rows) // len(shares), 1))
        kept = weights > LEAST
        weights, rows = weights[kept], rows[kept]
    if not len(weights):
        raise InputError("nobody is eligible", where="population")
    weights = weights / weights.sum()
    order = np.argsort(weights, kind="stable")
    missed = np.zeros(len(weights), dtype=bool)
    missed[order] = np.cumsum(weights[order]) < _LOST
    weights, rows = weights[~missed], rows[~missed]
    return rows, weights / weights.sum()


def _merged(kinds: list[tuple[float, PatientType]]) -> tuple[tuple[float, PatientType], ...]:
    """The kinds with those of the same values joined, weights summing to one."""
    shares: dict[object, float] = {}
    patients: dict[object, PatientType] = {}
    for share, patient in kinds:
        shares[patient.key] = shares.get(patient.key, 0.0) + share
        patients.setdefault(patient.key, patient)
    total = sum(shares.values())
    return tuple((share / total, patients[key]) for key, share in shares.items())


def _laws(trial: Trial) -> list[Floats]:
    return list(Cells(trial).marginal_laws)


def _expected(trial: Trial) -> list[Floats]:
    """What rules are compared by: the laws of the endpoints, or where patients have more states than the scale, which
    makes those dear, how probably they are in each score by day on each of their regimens."""
    if trial.states.size == trial.scale.n_states:
        return _laws(trial)
    found = []
    for stratum, regimen in itertools.product(trial.population.strata, trial.regimens_given):
        patients = [patient for _, patient in stratum.patients]
        trial.disease.prepare(regimen, patients)
        tables = [trial.disease.intensities(regimen, patient) for patient in patients]
        starts = [trial.scale.index(patient.baseline_score) for _, patient in stratum.patients]
        matrices = stacked_transition_matrices(tables, trial.horizon)
        each = [state_occupation(one, start) for one, start in zip(matrices, starts, strict=True)]
        found.append(np.tensordot([share for share, _ in stratum.patients], np.array(each), 1))
    return found


def _apart(one: list[Floats], other: list[Floats]) -> float:
    return max((float(np.abs(a - b).max(initial=0.0)) for a, b in itertools.zip_longest(one, other)), default=0.0)
