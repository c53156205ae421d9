"""The verb `show_population`: what patients bring along, and what each exclusion does to them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.trial.characteristics import Characteristics
from jaksim.trial.characteristics.sample import SHIFTS, latents
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.show_population import ShowPopulationOptions
from jaksim.verbs.provenance import command, provenance_of
from jaksim.verbs.showing.cited import statement_of
from jaksim.verbs.showing.population_result import (
    ShownCorrelation,
    ShownCriterion,
    ShownLaw,
    ShownPopulation,
    ShownStratum,
)

ALL, SCREENED, LET_IN = "all", "screened", "let in"
_FEW: Final = 8


@takes(ShowPopulationOptions)
def show_population(scenario: AskedScenario, options: ShowPopulationOptions) -> ShownPopulation:
    """What the patients of a scenario bring along as it comes out, and what each criterion of eligibility does to them.

    The strata have the shares of the scenario among those let in; those screened follow from them. Nothing is
    simulated: shares and moments are means over evenly spread points, whose standard error is told. Raises `InputError`
    for a scenario that says nothing of its patients but their scores, and for a criterion that cites a fact which says
    something else.
    """
    asked = scenario_of(scenario, options.changes)
    law = asked.trial.population.characteristics
    if law is None:
        raise InputError(
            "nothing is said of the patients but their scores",
            where="scenario",
            allowed="[[population.characteristic]], [population.table] or [[population.frailty]]",
            got=asked.path,
        )
    sample = _Sample(asked, law)
    quadrature = asked.trial.population.quadrature
    found = ShownPopulation(
        scenario=asked.path,
        title=asked.trial.title,
        patients=asked.trial.population.patients,
        let_in=sample.share(sample.let_in),
        error=sample.error,
        criteria=tuple(_criteria(sample)),
        strata=tuple(
            ShownStratum(name, float(weight), float(screened), float(let_in))
            for name, weight, screened, let_in in zip(
                sample.strata, sample.weights, sample.screened, sample.let_in_by_stratum, strict=True
            )
        ),
        laws=tuple(_laws(sample)),
        correlations=tuple(_correlations(sample)),
        nodes=None if quadrature is None else quadrature.nodes,
        quadrature_error=None if quadrature is None else quadrature.error,
        provenance=provenance_of(asked, command("show population", asked, [])),
    )
    return about(found, asked)


@dataclass(frozen=True)
class _Sample:
    """Evenly spread patients of every stratum, with what they bring along and who lets them in.

    Arrays are (S, n) by stratum and point; points of one shift stand together.
    """

    asked: Scenario
    law: Characteristics

    @property
    def strata(self) -> tuple[str, ...]:
        return tuple(stratum.name for stratum in self.asked.trial.population.strata)

    @cached_property
    def values(self) -> Floats:
        """Characteristics (S, n, P)."""
        z = latents(self.law).reshape(-1, self.law.n_latents)
        return np.stack([self.law.values(z, number) for number in range(len(self.strata))])

    @cached_property
    def inside(self) -> list[Booleans]:
        """By criterion, who is let in by it."""
        names = self.law.names
        return [one.admits(self.values[:, :, names.index(one.characteristic)]) for one in self.law.criteria]

    @cached_property
    def let_in(self) -> Booleans:
        """Who is let in by all."""
        found: Booleans = np.logical_and.reduce([np.ones(self.values.shape[:2], dtype=np.bool_), *self.inside])
        return found

    @cached_property
    def let_in_by_stratum(self) -> Floats:
        found: Floats = self.let_in.mean(axis=1)
        return found

    @property
    def weights(self) -> Floats:
        """The share of each stratum of those let in."""
        return np.array(self.asked.trial.population.weights)

    @cached_property
    def screened(self) -> Floats:
        """The share of each stratum of those screened."""
        by_let_in = self.weights / self.let_in_by_stratum
        found: Floats = by_let_in / by_let_in.sum()
        return found

    def share(self, inside: Booleans) -> float:
        """The share of those screened who are inside."""
        return float(self.screened @ inside.mean(axis=1))

    @cached_property
    def error(self) -> float:
        """The largest standard error of a share of those screened, by the shifts."""
        found = 0.0
        for inside in (*self.inside, self.let_in):
            by_shift = self.screened @ inside.reshape(len(self.strata), SHIFTS, -1).mean(axis=2)
            found = max(found, float(by_shift.std(ddof=1)) / SHIFTS**0.5)
        return found

    def points(self, of: str) -> Floats:
        """Weights (S, n) of the points among those screened or let in, which sum to 1."""
        n = self.values.shape[1]
        if of == SCREENED:
            return np.repeat(self.screened[:, None] / n, n, axis=1)
        found: Floats = self.weights[:, None] * self.let_in / self.let_in.sum(axis=1, keepdims=True)
        return found


def _criteria(sample: _Sample) -> Iterator[ShownCriterion]:
    left = np.ones_like(sample.let_in)
    for criterion, inside in zip(sample.law.criteria, sample.inside, strict=True):
        before, left = left, left & inside
        yield ShownCriterion(
            name=criterion.name,
            words=criterion.words,
            alone=1.0 - sample.share(inside),
            in_turn=sample.share(before) - sample.share(left),
            left=sample.share(left),
            fact=criterion.fact,
            statement=statement_of(sample.asked, criterion.fact),
        )


def _laws(sample: _Sample) -> Iterator[ShownLaw]:
    stages = (SCREENED, LET_IN) if sample.law.criteria else (LET_IN,)
    for position, item in enumerate(sample.law.items):
        groups = [(ALL, slice(None))]
        if len(item.marginals) > 1:
            groups += [(name, slice(number, number + 1)) for number, name in enumerate(sample.strata)]
        for name, chosen in groups:
            for of in stages:
                values, weights = sample.values[chosen, :, position].ravel(), sample.points(of)[chosen].ravel()
                yield _described(item.name, item.unit, name, of, values, weights / weights.sum())


def _described(name: str, unit: str, stratum: str, of: str, values: Floats, weights: Floats) -> ShownLaw:
    mean = float(weights @ values)
    different, where = np.unique(values[weights > 0.0], return_inverse=True)
    shares = np.bincount(where.ravel(), weights=weights[weights > 0.0])
    low, median, high = different[np.minimum(np.searchsorted(np.cumsum(shares), (0.25, 0.5, 0.75)), len(shares) - 1)]
    few = tuple(zip(different.tolist(), shares.tolist(), strict=True)) if len(different) <= _FEW else ()
    sd = float(np.sqrt(weights @ (values - mean) ** 2))
    return ShownLaw(name, unit, stratum, of, mean, sd, float(low), float(median), float(high), few)


def _correlations(sample: _Sample) -> Iterator[ShownCorrelation]:
    matrices = [_rank_correlations(sample.values, sample.points(of)) for of in (SCREENED, LET_IN)]
    names = sample.law.names
    for i, j in itertools.combinations(range(len(names)), 2):
        screened, let_in = (float(matrix[i, j]) for matrix in matrices)
        yield ShownCorrelation((names[i], names[j]), screened, let_in)


def _rank_correlations(values: Floats, weights: Floats) -> Floats:
    """Spearman's correlations of weighted points, equal values having the rank of their middle; 0 without a spread."""
    shares = weights.ravel()
    ranks = []
    for column in values.reshape(-1, values.shape[2]).T:
        _, where = np.unique(column, return_inverse=True)
        total = np.bincount(where.ravel(), weights=shares)
        rank = (np.cumsum(total) - 0.5 * total)[where.ravel()]
        ranks.append(rank - shares @ rank)
    centred = np.array(ranks)
    covariance = (centred * shares) @ centred.T
    spread = np.sqrt(np.diag(covariance))
    scale = np.outer(spread, spread)
    found: Floats = np.divide(covariance, scale, out=np.zeros_like(scale), where=scale > 1e-20)
    return found
