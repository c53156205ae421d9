"""How every kernel is compiled: cached on disk, without the interpreter lock, IEEE division, no reordering of sums."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

from jaksim import rng
from jaksim.kernel.disk_cache import DiskCache

F = TypeVar("F", bound=Callable[..., Any])


@cache
def fingerprint(folder: Path) -> str:
    """Hash of every source file that a kernel compiled from a file of this folder may contain parts of."""
    own = Path(__file__).parent
    files = [file for place in sorted({own, folder}) for file in sorted(place.glob("*.py"))] + [Path(rng.__file__)]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def kernel(function: F) -> F:
    """Compile a function for use from Python threads.

    A compiled kernel is kept on disk until its source changes. Results must not outlive their source, so the stamp
    covers all files beside the kernel's and all of this folder, from any of which it may call functions.
    """
    compiled = numba.njit(nogil=True, error_model="numpy")(function)
    if hasattr(compiled, "_cache"):  # not when numba is switched off
        compiled._cache = DiskCache(function, fingerprint(Path(function.__code__.co_filename).parent))
    return cast(F, compiled)


def inner(function: F) -> F:
    """Compile a function for use from kernels only: no wrapper for Python, which would take longest to compile."""
    options: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True}
    return cast(F, numba.njit(**options)(function))


def merged(function: F) -> F:
    """Compile as `inner` and merge into every caller: for small work on many arrays, which a call would hand over."""
    options: dict[str, Any] = {"error_model": "numpy", "no_cpython_wrapper": True, "forceinline": True}
    return cast(F, numba.njit(**options)(function))


def inlined(function: F) -> F:
    """Compile a small function that is always inlined into the kernels that call it."""
    return cast(F, numba.njit(inline="always", error_model="numpy")(function))
