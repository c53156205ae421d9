"""Exponentials of generators, computed so that nothing is ever subtracted."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

_DEGREE = 16
_LARGEST_RATE = 0.5
_BLOCK = 4
_TAYLOR = np.array([1.0 / math.factorial(k) for k in range(_DEGREE)]).reshape(-1, _BLOCK)
_TAYLOR_LAST = 1.0 / math.factorial(_DEGREE)


def exponentials(generators: NDArray[np.float64], durations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Transition probabilities exp(Q t) (N, S, S) of generators Q (N, S, S) per day over durations t (N,) in days.

    Uniformisation with scaling and squaring: with r the largest exit rate, exp(Q t) = exp(-r t) exp((Q + r I) t), and
    every term of the second series is non-negative, so even the smallest probability keeps its relative accuracy. Rows
    are normalised after each squaring, which keeps the loss of digits proportional to the number of squarings. Source:
    Jensen, Skand Aktuarietidskr 1953;36:87 (uniformisation); Higham, SIAM J Matrix Anal Appl 2005;26:1179 (squaring).
    """
    n_states = generators.shape[-1]
    scaled = generators * durations[:, None, None]
    rates = -np.einsum("nss->ns", scaled).min(axis=1, initial=0.0)
    largest = rates.max(initial=0.0)
    squarings = max(0, math.ceil(math.log2(largest / _LARGEST_RATE))) if largest > 0 else 0
    scaled = np.ldexp(scaled, -squarings)
    positive = scaled + np.ldexp(rates, -squarings)[:, None, None] * np.eye(n_states)
    probabilities = _normalised(_exponential_series(positive))
    for _ in range(squarings):
        probabilities = _normalised(probabilities @ probabilities)
    return probabilities


def _exponential_series(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Taylor polynomial of exp by the scheme of Paterson and Stockmeyer: six products for degree 16."""
    powers = np.empty((_BLOCK, *matrices.shape))
    powers[0] = np.eye(matrices.shape[-1])
    powers[1] = matrices
    np.matmul(matrices, matrices, out=powers[2])
    np.matmul(powers[2], matrices, out=powers[3])
    fourth = powers[2] @ powers[2]
    blocks = np.tensordot(_TAYLOR, powers, axes=1)
    total: NDArray[np.float64] = _TAYLOR_LAST * fourth + blocks[-1]
    for block in blocks[-2::-1]:
        total = total @ fourth + block
    return total


def _normalised(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    matrices /= matrices.sum(axis=-1, keepdims=True)
    return matrices
