"""What is measured: a block of work that can be done over and over, and how many units it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Work(NamedTuple):
    """`do(i)` does block number i, which is `units` of `unit`."""

    do: Callable[[int], object]
    units: int
    unit: str
