"""The intensities of one patient's disease process."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError

# Per day; far beyond what can be told from at once, and far from what a float can hold.
LARGEST = 1e100


@dataclass(frozen=True, eq=False)
class IntensityTable:
    """Generators of the disease process of one patient, constant between breaks.

    `breaks` (J,) are the days since randomisation at which each piece starts, the first 0 and the last without end;
    `generators` (J, S, S) hold intensities per day off the diagonal and rows that sum to 0. Both arrays are read-only.
    """

    breaks: NDArray[np.float64]
    generators: NDArray[np.float64]

    def __post_init__(self) -> None:
        breaks = np.array(self.breaks, dtype=np.float64)
        generators = np.array(self.generators, dtype=np.float64)
        _check(breaks, generators, generators.shape)
        self._hold(breaks, generators)

    def _hold(self, breaks: NDArray[np.float64], generators: NDArray[np.float64]) -> None:
        breaks.flags.writeable = False
        generators.flags.writeable = False
        object.__setattr__(self, "breaks", breaks)
        object.__setattr__(self, "generators", generators)

    @classmethod
    def of_many(cls, breaks: NDArray[np.float64], generators: NDArray[np.float64]) -> list[IntensityTable]:
        """Tables with the same breaks (J,), one for each of the generators (N, J, S, S), which are checked together."""
        _check(breaks, generators, generators.shape[1:])
        found = []
        for one in generators:
            table = object.__new__(cls)
            table._hold(breaks, one)
            found.append(table)
        return found

    @property
    def n_states(self) -> int:
        """Number of states."""
        return int(self.generators.shape[1])

    def towards(self, other: IntensityTable, share: float) -> IntensityTable:
        """The intensities a share of the way to others, on the logarithmic scale; moves that only one of the two has
        are those of the nearer one at share 0 and 1."""
        if share in (0.0, 1.0):
            return other if share else self
        breaks = np.union1d(self.breaks, other.breaks)
        here, there = (one.generators[np.searchsorted(one.breaks, breaks, side="right") - 1] for one in (self, other))
        moves = [np.where(np.eye(self.n_states, dtype=bool), 0.0, one) for one in (here, there)]
        found = np.where(moves[0] == moves[1], moves[0], moves[0] ** (1.0 - share) * moves[1] ** share)
        found -= np.eye(self.n_states) * found.sum(axis=2)[:, None, :]
        return IntensityTable(breaks, found)

    def times(self, factors: NDArray[np.float64]) -> IntensityTable:
        """The same with the intensity of each move multiplied by its factor (S, S)."""
        states = np.arange(self.n_states)
        generators = self.generators * factors
        generators[:, states, states] = 0.0
        generators[:, states, states] = -generators.sum(axis=2)
        return IntensityTable(self.breaks, generators)


def _check(breaks: NDArray[np.float64], generators: NDArray[np.float64], shape: tuple[int, ...]) -> None:
    """InputError unless all generators (..., J, S, S), of one table `shape`, are those of a process."""
    if breaks.ndim != 1 or not len(breaks) or breaks[0] != 0 or not np.all(np.diff(breaks) > 0):
        raise InputError("breaks must start at 0 and increase", where="intensity table", got=breaks.tolist())
    if shape != (len(breaks), *shape[-1:] * 2):
        raise InputError("one square generator is needed for each break", where="intensity table", got=shape)
    if not (np.abs(generators) < LARGEST).all() or not np.isfinite(breaks).all():
        raise InputError("an intensity is too large or not a number", where="intensity table")
    states = np.arange(shape[-1])
    diagonal = generators[..., states, states]
    intensities = generators.copy()
    intensities[..., states, states] = 0.0
    if (intensities < 0).any():
        raise InputError("an intensity cannot be negative", where="intensity table")
    if (np.abs(intensities.sum(axis=-1) + diagonal) > 1e-9 * np.abs(diagonal) + 1e-12).any():
        raise InputError("the rows of a generator must sum to 0", where="intensity table")
