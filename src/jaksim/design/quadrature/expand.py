"""A trial whose strata hold the nodes of a quadrature over what their patients bring along.

Laws of endpoints are then mixtures over the nodes. The number of nodes of each latent grows until a finer rule changes
no probability of any endpoint, in any arm and stratum, by more than the tolerance.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.design.engine.cells import Cells
from jaksim.design.quadrature.axes import axes_of, used_characteristics
from jaksim.design.quadrature.nodes import LEAST, Axis, axes_in_order, nodes_of
from jaksim.errors import InputError
from jaksim.model.disease import PatientType
from jaksim.trial import Trial
from jaksim.trial.characteristics.characteristics import Characteristics
from jaksim.trial.population import Quadrature

TOLERANCE: Final = 1e-7
_ORDERS: Final = (5, 8, 12, 17, 24, 34, 48)
MOST_NODES: Final = 200_000
_FEW: Final = 3

Orders = Mapping[int, int]


def expanded(trial: Trial) -> Trial:
    """The same trial with the nodes as the patients of its strata, and `population.quadrature` saying how exact that
    is; the trial itself where nothing depends on what its patients bring along.

    InputError where the joint law wants more nodes than can be worked with.
    """
    law = trial.population.characteristics
    if law is None or not used_characteristics(trial, law):
        return trial
    orders = {axis.latent: _ORDERS[0] for axis in _all_axes(trial, law)}
    changes = dict.fromkeys(orders, 0.0)
    for latent in orders:
        orders[latent], changes[latent] = _settled(trial, law, latent)
    found = _with_nodes(trial, law, orders, orders)
    finer = {latent: _next(order) for latent, order in orders.items()}
    error = _apart(_laws(found), _laws(_with_nodes(trial, law, finer, finer))) if _count(finer, trial, law) else None
    return replace(
        found,
        population=replace(
            found.population,
            quadrature=Quadrature(
                nodes=sum(len(stratum.patients) for stratum in found.population.strata),
                error=max(sum(changes.values()), 1e-16) if error is None else max(error, 1e-16),
                orders=tuple(sorted(orders.items())),
            ),
        ),
    )


def _settled(trial: Trial, law: Characteristics, latent: int) -> tuple[int, float]:
    """The order of one latent at which a finer rule changes nothing, the others having few nodes, and by how much."""
    few = {axis.latent: _FEW for axis in _all_axes(trial, law)}
    axes = [axis for axis in _all_axes(trial, law) if axis.latent == latent]
    alone = all(law.matrix[latent, other] == 0.0 for other in few if other != latent)
    if all(axis.steps for axis in axes) and alone:
        return 1, 0.0
    before = None
    change = 0.0
    for order in _ORDERS:
        now = _laws(_with_nodes(trial, law, {**few, latent: order}, {**few, latent: order}))
        if before is not None:
            change = _apart(before, now)
            if change < 0.1 * TOLERANCE:
                return _ORDERS[_ORDERS.index(order) - 1], change
        before = now
    return _ORDERS[-1], change


def _next(order: int) -> int:
    return 1 if order == 1 else next((more for more in _ORDERS if more > order), order + 8)


def _count(orders: Orders, trial: Trial, law: Characteristics) -> bool:
    """Whether a rule of these orders has few enough nodes to be tried beside another."""
    most = 1
    for axis in axes_of(trial, law, 0):
        most *= len(axis.pieces) * (1 if axis.steps else orders[axis.latent])
    return most * len(trial.population.strata) <= 4_000


def _all_axes(trial: Trial, law: Characteristics) -> list[Axis]:
    found: dict[int, Axis] = {}
    for number in range(len(trial.population.strata)):
        for axis in axes_of(trial, law, number):
            known = found.get(axis.latent)
            if known is None or known.steps:
                found[axis.latent] = axis
    return list(found.values())


def _with_nodes(trial: Trial, law: Characteristics, orders: Orders, within: Orders) -> Trial:
    used = set(used_characteristics(trial, law))
    strata = []
    for number, stratum in enumerate(trial.population.strata):
        axes = [replace(axis, order=orders[axis.latent]) for axis in axes_of(trial, law, number)]
        latents, weights = _product(axes, law, within)
        check_memory(
            4096 * len(weights) * len(stratum.patients),
            f"{len(weights):,} kinds of patients in stratum {stratum.name!r}",
            instead="fewer characteristics that matter",
        )
        if len(weights) > MOST_NODES:
            raise InputError(
                f"the characteristics have {len(weights):,} combinations in stratum {stratum.name!r}",
                where="population.characteristic",
                allowed=f"at most {MOST_NODES:,} that matter",
            )
        values = law.values(latents, number)
        kinds = [
            (share * weight, _patient(law, base, row, used))
            for share, base in stratum.patients
            for weight, row in zip(weights.tolist(), values.tolist(), strict=True)
        ]
        strata.append(replace(stratum, patients=_merged(kinds)))
    return replace(trial, population=replace(trial.population, strata=tuple(strata)))


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
    return rows, weights / weights.sum()


def _patient(law: Characteristics, base: PatientType, row: list[float], used: set[str]) -> PatientType:
    found = law.of_patient(base, row)
    kept = {name: value for name, value in found.covariates.items() if name in used or name in base.covariates}
    return replace(found, covariates=kept)


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


def _apart(one: list[Floats], other: list[Floats]) -> float:
    return max((float(np.abs(a - b).max(initial=0.0)) for a, b in itertools.zip_longest(one, other)), default=0.0)
