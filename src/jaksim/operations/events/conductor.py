"""One trial after the other, conducted as events."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from jaksim import rng
from jaksim.operations.events.closing import write_log
from jaksim.operations.events.data.looks import Decide
from jaksim.operations.events.log import TrialLog
from jaksim.operations.events.plan import Plan
from jaksim.operations.events.replicate import Replicate
from jaksim.trial import Trial


class Conductor:
    """A trial with operations under one seed, conducted replicate by replicate.

    Raises `InputError` for what the events do not cover, as `Plan` does.
    """

    def __init__(self, trial: Trial, seed: int) -> None:
        self.plan = Plan(trial, seed)

    def run(self, replicate: int, decide: Decide | None = None) -> TrialLog:
        """Conduct one replicate; the board goes on at every analysis unless `decide` says otherwise."""
        rng.check_address(replicate=replicate)
        with _no_collection():
            trial = Replicate(self.plan, replicate, decide)
            trial.conduct()
            log = write_log(trial)
            trial.dissolve()
        return log


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without looking for cyclic garbage, which would go through all of the program again and again for the sake of a
    trial that leaves none."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def run_trial(trial: Trial, seed: int, replicate: int, *, decide: Decide | None = None) -> TrialLog:
    """Conduct one replicate of a trial; a `Conductor` prepares a trial once for many."""
    return Conductor(trial, seed).run(replicate, decide)
