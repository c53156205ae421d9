"""Small symmetric systems in kernels, by Cholesky, without the columns that depend on those before them."""

from __future__ import annotations

import math
from typing import Any, Final

from jaksim.kernel.jit import inner

DEPENDENT: Final = 1e-10
"""Share of a column's square that is left once those before it are taken out, below which it counts as none."""


@inner
def factor(a: Any) -> None:
    """Turn a (q, q), of which the lower half is given, into its Cholesky factor; 0 on the diagonal of a lost column."""
    q = a.shape[0]
    for j in range(q):
        whole = a[j, j]
        left = whole
        for k in range(j):
            left -= a[j, k] * a[j, k]
        if not left > DEPENDENT * whole:
            for i in range(j, q):
                a[i, j] = 0.0
            continue
        root = math.sqrt(left)
        a[j, j] = root
        for i in range(j + 1, q):
            total = a[i, j]
            for k in range(j):
                total -= a[i, k] * a[j, k]
            a[i, j] = total / root


@inner
def solve(a: Any, b: Any) -> None:
    """Solve in place for b (q,) by the factor; 0 for lost columns."""
    q = a.shape[0]
    for j in range(q):
        total = b[j]
        for k in range(j):
            total -= a[j, k] * b[k]
        b[j] = total / a[j, j] if a[j, j] > 0.0 else 0.0
    for j in range(q - 1, -1, -1):
        total = b[j]
        for k in range(j + 1, q):
            total -= a[k, j] * b[k]
        b[j] = total / a[j, j] if a[j, j] > 0.0 else 0.0


@inner
def invert(a: Any, out: Any) -> None:
    """Fill out (q, q) with the inverse by the factor; 0 for lost columns."""
    q = a.shape[0]
    for i in range(q):
        out[i, :] = 0.0
        if a[i, i] > 0.0:
            out[i, i] = 1.0
            solve(a, out[i])


@inner
def add_outer(weight: Any, column: Any, a: Any) -> None:
    """Add weight times the square of a column (q,) to the lower half of a (q, q)."""
    for i in range(column.shape[0]):
        scaled = weight * column[i]
        for j in range(i + 1):
            a[i, j] += scaled * column[j]


@inner
def sandwich(bread: Any, meat: Any, scratch: Any) -> None:
    """Turn meat (q, q), of which the lower half is given, into bread times meat times bread."""
    q = bread.shape[0]
    for i in range(q):
        for j in range(i):
            meat[j, i] = meat[i, j]
    for i in range(q):
        for j in range(q):
            total = 0.0
            for k in range(q):
                total += bread[i, k] * meat[k, j]
            scratch[i, j] = total
    for i in range(q):
        for j in range(q):
            total = 0.0
            for k in range(q):
                total += scratch[i, k] * bread[k, j]
            meat[i, j] = total
