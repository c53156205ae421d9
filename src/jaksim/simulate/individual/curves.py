"""The law of what patients bring along, laid out for the kernel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from jaksim.arrays import Floats

if TYPE_CHECKING:
    from jaksim.kernel.individual.people import People

Curve = tuple[int, Floats]
"""A code of `jaksim.kernel.individual.people` and the numbers of a function."""
Intervals = tuple[tuple[float, float], ...]


@dataclass(frozen=True, eq=False)
class Brought:
    """What patients bring along.

    cholesky (d, d) makes latents of independent normal numbers; `allowed` gives the intervals of latents, by stratum
    and latent, in which patients are eligible, nothing where all are. Each characteristic has a latent and a curve for
    each stratum; each term is a curve of a characteristic. `shared` gives for each latent by how many sites it is
    shared, 0 where each patient has her own.
    """

    cholesky: Floats
    allowed: tuple[tuple[Intervals, ...], ...] = ()
    latents: tuple[int, ...] = ()
    shared: tuple[int, ...] = ()
    curves: tuple[tuple[Curve, ...], ...] = field(default=((),))
    terms: tuple[tuple[int, Curve], ...] = ()


def lay_out_people(given: Brought) -> People:
    """The arrays of `jaksim.kernel.individual.people.People`."""
    from jaksim.kernel.individual.people import People

    curves: list[Curve] = []
    numbers = [[_number(curves, curve) for curve in of_stratum] for of_stratum in given.curves]
    terms = [_number(curves, curve) for _, curve in given.terms]
    intervals = [of_latent for of_stratum in given.allowed for of_latent in of_stratum]
    flat = [interval for of_latent in intervals for interval in of_latent]
    return People(
        n_latents=len(given.cholesky),
        shared=np.array(given.shared, dtype=np.int64),
        cholesky=np.ascontiguousarray(given.cholesky, dtype=np.float64),
        allowed_at=np.cumsum([0, *map(len, intervals)], dtype=np.int64),
        low=np.array([low for low, _ in flat], dtype=np.float64),
        high=np.array([high for _, high in flat], dtype=np.float64),
        latent=np.array(given.latents, dtype=np.int64),
        curve=np.array(numbers, dtype=np.int64).reshape(len(given.curves), -1),
        term_of=np.array([of for of, _ in given.terms], dtype=np.int64),
        term_curve=np.array(terms, dtype=np.int64),
        code=np.array([code for code, _ in curves], dtype=np.int64),
        curve_at=np.cumsum([0, *(len(found) for _, found in curves[:-1])], dtype=np.int64),
        numbers=np.concatenate([np.zeros(0), *(found for _, found in curves)]).astype(np.float64),
    )


def _number(curves: list[Curve], curve: Curve) -> int:
    """Position of a curve among those known, to which it is added."""
    for number, (code, numbers) in enumerate(curves):
        if code == curve[0] and np.array_equal(numbers, curve[1]):
            return number
    curves.append(curve)
    return len(curves) - 1
