"""How a trial is simulated: how often, from which seed, on which engine, by how many threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from jaksim.checks import known
from jaksim.design.defaults import DEFAULT_REPLICATES, DEFAULT_SEED
from jaksim.design.engine.executor import check_workers
from jaksim.design.sums.precision import check_replicates, check_seed
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST

BLOCK: Final = 512
# Handing over a block costs the same whatever its length.
LONG_BLOCK: Final = 1024
_MANY: Final = 50_000
LARGEST_BLOCK: Final = 2048
CONTROL_VARIATES: Final = "control-variates"
VARIANCE_REDUCTIONS: Final = ("none", CONTROL_VARIATES)

Advance = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How to compute: replicates (or `until_se` for them), seed, variance reduction and door decide the answer; the
    rest only the speed.

    By the door of events trials with operations are conducted one event after the other.
    """

    replicates: int = DEFAULT_REPLICATES
    seed: int = DEFAULT_SEED
    engine: str = "auto"
    until_se: float | None = None
    workers: int | None = None
    block: int | None = None
    variance_reduction: str = "none"
    door: str = FAST

    def __post_init__(self) -> None:
        known(self.door, (FAST, EVENTS), "door", "‹door›")
        check_variance_reduction(self.variance_reduction)
        check_replicates(self.replicates)
        check_seed(self.seed)
        check_workers(self.workers)
        if self.until_se is not None and not 1e-5 <= self.until_se < 0.5:
            raise InputError(
                "the standard error to reach is out of range",
                where="‹until_se›",
                allowed="0.00001 to 0.5",
                got=self.until_se,
            )
        if self.block is not None and not 1 <= self.block <= LARGEST_BLOCK:
            raise InputError(
                "the block is out of range", where="block", allowed=f"1 to {LARGEST_BLOCK}", got=self.block
            )

    @property
    def length(self) -> int:
        """Replicates of a block, as asked for, or as their number makes quick."""
        if self.block is not None:
            return self.block
        return LONG_BLOCK if self.replicates >= _MANY else BLOCK


def check_variance_reduction(chosen: str) -> None:
    """Refuse a variance reduction that there is not."""
    if chosen not in VARIANCE_REDUCTIONS:
        raise InputError(
            "unknown variance reduction", where="‹variance_reduction›", allowed=VARIANCE_REDUCTIONS, got=chosen
        )
