"""How every kernel is compiled: cached on disk, without the interpreter lock, IEEE division, no reordering of sums."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a function for use from Python threads."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inner(function: F) -> F:
    """Compile a function for use from kernels only: no wrapper for Python, which would take longest to compile."""
    options: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True}
    return cast(F, numba.njit(**options)(function))


def inlined(function: F) -> F:
    """Compile a small function that is always inlined into the kernels that call it."""
    return cast(F, numba.njit(inline="always", error_model="numpy")(function))
