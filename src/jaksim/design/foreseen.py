"""What is known of the planned analyses while their kernels are not compiled yet, for those who wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Final

import numpy as np

from jaksim.design.planned_result import planned_result
from jaksim.design.prepared import Prepared
from jaksim.design.sums.result import AnalysisResult
from jaksim.kernel.deferred import interpreted

SLOW: Final = frozenset(
    {
        "bayesian_proportional_odds",
        "cox",
        "exact_odds_ratio",
        "fine_gray",
        "markov_proportional_odds",
        "max_combo",
        "partial_proportional_odds",
    }
)
"""Methods whose kernels take seconds where they are not compiled."""
PATIENCE: Final = 1.0
"""Seconds of processor time after which no other analysis is begun."""

Foreseen = Callable[[], Iterator[tuple[int, AnalysisResult]]]
FORESEEN: Final[ContextVar[Callable[[Foreseen], None] | None]] = ContextVar("told what is known first", default=None)
"""Is given, before the first replicate, how to get what is known without replicates: the analyses with their numbers,
counted from 1, as far as they take no long time."""


def tell_foreseen(prepared: Prepared) -> None:
    """Tell whoever asked for it how to get what is known of a trial that is about to be simulated."""
    tell = FORESEEN.get()
    if tell is not None:
        tell(lambda: foreseen(prepared))


def foreseen(prepared: Prepared) -> Iterator[tuple[int, AnalysisResult]]:
    """What is known without replicates and without compiling anything, the quick analyses alone."""
    end = time.thread_time() + PATIENCE
    for number, test in enumerate(prepared.tests, start=1):
        if test.plan.method not in SLOW and time.thread_time() < end:
            with interpreted(), np.errstate(all="ignore"):
                found = planned_result(prepared, test)
            yield number, found
