"""The path door written again in plain Python, patient by patient and piece by piece, to be read and to check the
kernel.

It is fed by `jaksim.rng.words` and shares no code with the kernel. Its arithmetic is kept in the kernel's order so
that its paths are the kernel's paths exactly, not only in distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from jaksim.rng import Purpose, words

if TYPE_CHECKING:
    from jaksim.simulate.process_tables import Intensities

WHOLE = 2**32
LOG_2 = 0.6931471805599453
SERIES = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)


def exponential(word: int) -> float:
    """-log((word + 1/2) / 2**32)."""
    mantissa, exponent = math.frexp(2 * word + 1)
    if mantissa < math.sqrt(0.5):
        mantissa, exponent = 2 * mantissa, exponent - 1
    f = mantissa - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = 0.0
    for coefficient in reversed(SERIES):
        tail = z * (coefficient + tail)
    half_square = 0.5 * f * f
    return (33 - exponent) * LOG_2 - (f - (half_square - s * (half_square + tail)))


def integer_weights(probabilities: Sequence[float]) -> list[int]:
    """Weights in units of 2**-32 that sum to 2**32, by largest remainder."""
    total = float(np.sum(probabilities))
    exact = [p / total * WHOLE for p in probabilities]
    weights = [math.floor(x) for x in exact]
    by_remainder = sorted(range(len(exact)), key=lambda i: weights[i] - exact[i])
    for i in by_remainder[: WHOLE - sum(weights)]:
        weights[i] += 1
    return weights


def pick(weights: Sequence[int], word: int) -> int:
    """Index of the interval of cumulative integer weights that holds the word."""
    for i, weight in enumerate(weights):
        if word < weight:
            return i
        word -= weight
    raise AssertionError("weights do not cover every word")


class Sojourns:
    """The walk of one patient through one process."""

    def __init__(self, table: Intensities) -> None:
        self.breaks = [float(b) for b in table.breaks]
        n_states = table.generators.shape[1]
        self.moves = [[[float(x) for x in row] for row in generator] for generator in table.generators]
        for generator in self.moves:
            for s in range(n_states):
                generator[s][s] = 0.0
        self.exits = [[float(np.sum(row)) for row in generator] for generator in self.moves]

    def spent(self, state: int, piece: int) -> float:
        """Exit hazard of a state accumulated from day 0 to the start of a piece."""
        total = 0.0
        for j in range(piece):
            total += self.exits[j][state] * (self.breaks[j + 1] - self.breaks[j])
        return total

    def leave(self, state: int, piece: int, time: float, wait: float) -> tuple[int, float]:
        """Piece and day at which a state is left."""
        goal = self.spent(state, piece) + (time - self.breaks[piece]) * self.exits[piece][state] + wait
        while piece + 1 < len(self.breaks) and goal >= self.spent(state, piece + 1):
            piece += 1
        rate = self.exits[piece][state]
        if rate == 0.0:
            return piece, math.inf
        return piece, max(time, self.breaks[piece] + (goal - self.spent(state, piece)) * (1.0 / rate))

    def arrive(self, state: int, piece: int, word: int) -> int:
        """State entered when a state is left."""
        rates = self.moves[piece][state]
        destinations = [s for s, rate in enumerate(rates) if rate > 0]
        total = float(np.sum([rates[s] for s in destinations]))
        return destinations[pick(integer_weights([rates[s] / total for s in destinations]), word)]


def walk(table: Intensities, start: int, horizon: int, stream: Sequence[int]) -> list[int]:
    """Daily states s_0 .. s_horizon of one patient fed by a stream of 32-bit words, two for each sojourn."""
    process = Sojourns(table)
    state, piece, time = start, 0, 0.0
    days: list[int] = []
    for wait, word in zip(stream[0::2], stream[1::2], strict=True):
        piece, until = process.leave(state, piece, time, exponential(int(wait)))
        while len(days) <= horizon and len(days) < until:
            days.append(state)
        if len(days) > horizon:
            return days
        state, time = process.arrive(state, piece, int(word)), until
    raise AssertionError("the stream is too short for this patient")


def simulate_scores(
    components: Sequence[Sequence[tuple[float, Intensities, int]]],
    horizon: int,
    sizes: Sequence[int],
    seed: int,
    replicate: int,
    longest: int = 400,
) -> list[list[int]]:
    """Daily state indices of every patient of one replicate, cell by cell.

    components lists, for each cell, (weight, intensities, baseline state) of each patient type; `longest` is the
    number of words a patient may use.
    """
    paths = []
    for cell, kinds in enumerate(components):
        weights = integer_weights([weight for weight, _, _ in kinds])
        types = words(seed, Purpose.PATIENT_TYPE, replicate, cell, 0, sizes[cell])
        for patient in range(sizes[cell]):
            _, table, start = kinds[pick(weights, int(types[patient]))]
            stream = [int(w) for w in words(seed, Purpose.PATH, replicate, cell, patient, longest)]
            paths.append(walk(table, start, horizon, stream))
    return paths
