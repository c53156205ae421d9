"""What is said about compiled kernels, each once in a process."""

from __future__ import annotations

import logging
from typing import Final

log: Final = logging.getLogger("jaksim")
said: Final[set[str]] = set()


def numba_is_started(why: str) -> None:
    """Say why kernels go through Numba although they might do without."""
    _once("started", logging.DEBUG, f"jaksim: Numba is started, since {why}")


def numba_is_unknown(error: Exception) -> None:
    """Say that this Numba is not one of those whose inner workings the keeping of kernels rests on."""
    what = f"{type(error).__name__}: {error}"
    _once(
        "unknown",
        logging.WARNING,
        f"jaksim: kernels cannot be kept with this version of Numba, so every process compiles them ({what})",
    )


def _once(kind: str, level: int, text: str) -> None:
    if kind not in said:
        said.add(kind)
        log.log(level, text)
