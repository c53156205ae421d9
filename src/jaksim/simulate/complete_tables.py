"""Tables of complete outcomes, those of several endpoints in one go, and numbers of patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats, Integers, for_kernel
from jaksim.simulate.enrolment import Cohort
from jaksim.simulate.reused_memory import reused


@dataclass(frozen=True, eq=False)
class Outcomes:
    """What the complete outcomes of E endpoints are read from: endpoint e from automaton number automata[e], whose
    categories final uint32 (E, categories) sends to those of the endpoint, widths[e] of them."""

    automata: Integers
    final: NDArray[np.uint32]
    widths: Integers

    def of(self, endpoints: list[int]) -> Outcomes:
        """The same of some endpoints."""
        return Outcomes(self.automata[endpoints], np.ascontiguousarray(self.final[endpoints]), self.widths[endpoints])


def complete_tables(
    cohort: Cohort, outcomes: Outcomes, *, shape: tuple[int, int], first: ArrayLike = 0, last: ArrayLike | None = None
) -> list[Floats]:
    """Tables (B, A * S, K) of each endpoint in the cells of `shape` (A, S), of patients first[b] .. last[b] - 1, all by
    default; (B, P, A * S, K) of P parts of a replicate where first or last are (B, P)."""
    from jaksim.kernel.cut import complete_tables as count

    end = cohort.n if last is None else np.asarray(last)
    one_part = max(np.ndim(first), end.ndim) < 2
    rows = np.broadcast_shapes(np.shape(first), end.shape, (cohort.replicates,) if one_part else (cohort.replicates, 1))
    begin, end = (for_kernel(np.broadcast_to(given, rows), np.int64).ravel() for given in (first, end))
    row = np.repeat(np.arange(cohort.replicates), begin.size // max(cohort.replicates, 1))
    cells = shape[0] * shape[1]
    lengths = begin.size * cells * outcomes.widths
    out = reused((int(lengths.sum()),), np.float64)
    count(
        cohort.stratum, cohort.arm, cohort.category, outcomes.automata, outcomes.final, outcomes.widths, shape[1],
        row, begin, np.minimum(end, cohort.n[row]), cells, out,
    )  # fmt: skip
    tables = np.split(out, np.cumsum(lengths)[:-1])
    return [one.reshape(*rows, cells, -1) for one in tables]


def cell_sizes(cohort: Cohort, last: ArrayLike, *, shape: tuple[int, int]) -> Integers:
    """Patients (B, A * S) in the cells of `shape` (A, S) among the first last[b]."""
    from jaksim.kernel.cut import cell_sizes as count

    out = np.empty((cohort.replicates, shape[0] * shape[1]), dtype=np.int64)
    end = for_kernel(np.minimum(np.broadcast_to(last, (cohort.replicates,)), cohort.n), np.int64)
    count(cohort.stratum, cohort.arm, shape[1], end, out)
    return out
