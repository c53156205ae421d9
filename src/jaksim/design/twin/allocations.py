"""Patients that the randomisation puts into the cells of an analysis: every division with its probability."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from jaksim.arrays import Integers
from jaksim.simulate.sizes import expected_sizes, largest_remainder
from jaksim.trial import Trial

MOST_DIVISIONS: Final = 64
"""Divisions of all strata together."""
NEGLIGIBLE: Final = 1e-8
"""Probability of a division that is left out."""


class Division(NamedTuple):
    """Patients (2, S) of the reference and the active arm in each stratum, with the probability of these sizes."""

    sizes: Integers
    chance: float


@dataclass(frozen=True)
class AllocationLaw:
    """How many patients the two arms of an analysis get in its strata.

    `allocation` is that of all arms, reference first, and `pair` the places of the two among them; `weights` are those
    of all strata, of which `strata` are analysed. `block` is the size of a block where every stratum has a list of
    permuted blocks of its own, 0 elsewhere. `drawn` tells whether the sizes of the strata are drawn, `simple` whether
    every patient's arm is drawn by itself, and `close` whether the arms of a stratum stay within a patient or two of
    their shares.
    """

    allocation: tuple[int, ...]
    pair: tuple[int, int]
    weights: tuple[float, ...]
    strata: tuple[int, ...]
    block: int
    drawn: bool
    simple: bool
    close: bool

    @classmethod
    def of(
        cls, trial: Trial, allocation: tuple[int, ...], pair: tuple[int, int], strata: tuple[int, ...]
    ) -> AllocationLaw:
        """That of the analysis of a pair of arms of a trial."""
        scheme, population = trial.randomisation, trial.population
        return cls(
            allocation=allocation,
            pair=pair,
            weights=trial.stratum_shares,
            strata=strata,
            block=scheme.block_size if scheme.blocks_within_strata(population) else 0,
            drawn=population.stratum_sizes == "drawn",
            simple=scheme.scheme == "simple",
            close=scheme.scheme != "simple" and (scheme.stratified or len(population.strata) == 1),
        )

    def divisions(self, patients: int) -> list[Division] | None:
        """All that can happen in a trial with so many patients; None where they are too many or have no simple law."""
        if self.block and not self.drawn:
            return [Division(self._expected_sizes(patients), 1.0)]
        if self._strata_vary or not (self.block or (self.simple and len(self.allocation) == 2)):
            return None
        found = [Division(np.zeros((2, 0), dtype=np.int64), 1.0)]
        for stratum in self._stratum_sizes(patients):
            own = self._of_blocks(int(stratum)) if self.block else self._of_coins(int(stratum))
            if len(found) * len(own) > MOST_DIVISIONS:
                return None
            found = [
                Division(np.column_stack([one.sizes, other.sizes]), one.chance * other.chance)
                for one in found
                for other in own
            ]
        return found

    def planned(self, patients: int) -> Integers | None:
        """Sizes (2, S) with every arm at its share; None where strata have no certain size, or do not hold the
        allocation a whole number of times."""
        reference, active = (self.allocation[arm] for arm in self.pair)
        total = sum(self.allocation)
        if len(self.strata) == 1:
            size = patients * self.weights[self.strata[0]]
            both = round(size * (reference + active) / total)
            of_active = math.floor(size * active / total + 0.5)
            return np.array([[both - of_active], [of_active]], dtype=np.int64)
        if self._strata_vary or not self.close:
            return None
        expected = np.outer([reference, active], self._stratum_sizes(patients)) / total
        sizes = np.rint(expected).astype(np.int64)
        return sizes if np.abs(sizes - expected).max() <= 1e-6 else None

    def neighbours(self, patients: int) -> list[tuple[Integers, Integers]]:
        """Sizes on both sides of the planned ones, within two standard deviations, for each thing that varies."""
        planned = self.planned(patients)
        if planned is None:
            return []
        found = []
        if self._strata_vary:
            weight = self.weights[self.strata[0]]
            apart = round(math.sqrt(patients * (1.0 - weight) / weight))
            either = self.planned(patients + apart), self.planned(max(patients - apart, 0))
            found += [(more, fewer) for more, fewer in [either] if more is not None and fewer is not None]
        if not self.block:
            sd = np.rint(np.sqrt(planned[0] * planned[1] / np.maximum(planned.sum(axis=0), 1)))
            for step in (1,) if self.close else (1, sd, 2 * sd):
                moved = np.minimum(step, planned.min(axis=0)).astype(np.int64)
                found.append((planned + np.stack([-moved, moved]), planned + np.stack([moved, -moved])))
        return found

    @property
    def _strata_vary(self) -> bool:
        return self.drawn and len(self.weights) > 1

    def _expected_sizes(self, patients: int) -> Integers:
        sizes = expected_sizes(patients, np.array(self.weights), np.array(self.allocation))
        return sizes.reshape(len(self.allocation), -1)[np.ix_(self.pair, self.strata)]

    def _stratum_sizes(self, patients: int) -> Integers:
        return largest_remainder(patients, np.array(self.weights))[list(self.strata)]

    def _of_blocks(self, size: int) -> list[Division]:
        """A stratum of so many patients: whole blocks, and what the front of the last one holds of both arms."""
        times = self.block // sum(self.allocation)
        reference, active = (times * self.allocation[arm] for arm in self.pair)
        others = self.block - reference - active
        whole, rest = divmod(size, self.block)
        ways = math.comb(self.block, rest)
        return [
            Division(
                np.array([[whole * reference + one], [whole * active + other]]),
                math.comb(reference, one) * math.comb(active, other) * math.comb(others, rest - one - other) / ways,
            )
            for one in range(min(reference, rest) + 1)
            for other in range(min(active, rest - one) + 1)
            if rest - one - other <= others
        ]

    def _of_coins(self, size: int) -> list[Division]:
        """A stratum of so many patients, each of whom goes to one of two arms by the allocation alone."""
        from scipy.stats import binom

        active = np.arange(size + 1)
        chances = binom.pmf(active, size, self.allocation[self.pair[1]] / sum(self.allocation))
        return [
            Division(np.array([[size - int(at)], [int(at)]]), float(chances[at])) for at in active[chances > NEGLIGIBLE]
        ]
