"""Who is told that kernels are being compiled: those who wait for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Watcher(Protocol):
    """Is told of the kernels of this process that are compiled, one at a time, by the thread that compiles them."""

    def begun(self, kernel: Callable[..., Any]) -> None:
        """This kernel is about to be compiled."""

    def ended(self) -> None:
        """It is compiled, or has failed."""


_watching: list[tuple[int, Watcher]] = []  # for all threads, which a context variable would not reach
_compiled_now: list[int] = []  # processes, one for each kernel that is being compiled


def is_compiling() -> bool:
    """Whether a thread of this process compiles a kernel, which nothing can interrupt."""
    return os.getpid() in _compiled_now


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Tell a watcher of what is compiled inside the block; processes that are copied from this one do not."""
    _watching.append((os.getpid(), watcher))
    try:
        yield
    finally:
        _watching.pop()


@contextmanager
def told(kernel: Callable[..., Any]) -> Iterator[None]:
    """Tell whoever watches, the innermost, of a kernel that is compiled inside the block."""
    here = os.getpid()
    process, watcher = _watching[-1] if _watching else (0, None)
    if watcher is not None and process == here:
        watcher.begun(kernel)
    else:
        watcher = None
    _compiled_now.append(here)
    try:
        yield
    finally:
        _compiled_now.remove(here)
        if watcher is not None:
            watcher.ended()
