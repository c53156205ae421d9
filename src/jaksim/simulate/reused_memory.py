"""Memory of the large arrays of a block of replicates, which the next block of the same thread uses again.

Memory that is given back to the system comes back as pages that have to be made and cleared one by one when they are
first written to, which takes longer than to fill them with patients.
"""

from __future__ import annotations

from threading import local
from typing import Any, Final

import numpy as np
from numpy.typing import DTypeLike, NDArray

FEWEST_BYTES: Final = 1 << 16
"""Smaller arrays are made by numpy, whose allocator keeps them."""
MOST_BYTES: Final = 1 << 26
"""That a thread keeps and does not use."""


class _Free(local):
    """Memory that a thread may use again, by its length."""

    def __init__(self) -> None:
        self.by_length: dict[int, list[NDArray[np.uint8]]] = {}


_FREE: Final = _Free()


class _Lease:
    """What arrays hold on to that lie in the memory: when the last of them is gone, it may be used again."""

    __slots__ = ("__array_interface__", "_free", "_memory")

    def __init__(self, free: dict[int, list[NDArray[np.uint8]]], memory: NDArray[np.uint8]) -> None:
        self._free, self._memory = free, memory
        self.__array_interface__ = memory.__array_interface__

    def __del__(self) -> None:
        if sum(length * len(some) for length, some in self._free.items()) > MOST_BYTES:
            self._free.clear()
        self._free.setdefault(len(self._memory), []).append(self._memory)


def reused(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array with whatever is in its memory, as `numpy.empty` makes it."""
    kind = np.dtype(dtype)
    length = int(np.prod(shape, dtype=np.int64)) * kind.itemsize
    if length < FEWEST_BYTES:
        return np.empty(shape, kind)
    free = _FREE.by_length
    kept = free.get(length)
    memory = kept.pop() if kept else np.empty(length, dtype=np.uint8)
    return np.asarray(_Lease(free, memory)).view(kind).reshape(shape)
