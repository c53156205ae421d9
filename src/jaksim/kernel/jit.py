"""How every kernel is compiled: cached on disk, without the interpreter lock, IEEE division, no reordering of sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function for use from Python threads."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a small function that is always inlined into the kernels that call it."""
    return cast(F, numba.njit(inline="always", error_model="numpy")(function))
