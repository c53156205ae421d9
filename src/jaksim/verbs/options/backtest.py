"""What can be said to `backtest`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option, several


@dataclass(frozen=True, kw_only=True)
class BacktestOptions(Options):
    """From which trials each is predicted, whether by the disease model as well, and with how many draws."""

    earlier: bool = option(
        False, "Predict each trial from those published before it alone, rather than from all others."
    )
    mechanistic: bool = option(
        False, "Predict every figure of each trial by the disease model, from its control arm and the other trials."
    )
    studies: Sequence[str] = option(
        (),
        "Only this trial (--mechanistic); may be given several times.",
        flag="--study",
        metavar="STUDY",
        holds=list[str] | None,
        read=several,
    )
    draws: int = option(200, "Draws of natural history and effects for each trial (--mechanistic).", low=20)
    replicates: int = option(10, "Simulated trials for each draw (--mechanistic).", low=2)
    seed: int = option(1, "Seed of the random numbers (--mechanistic).", low=0)
    progress: Callable[[int], None] | None = shared.progress("trials")

    def check_used(self) -> None:
        """InputError for an option that the backtest asked for does not use."""
        for name in ("studies", "draws", "replicates", "seed"):
            given, default = getattr(self, name), type(self).__dataclass_fields__[name].default
            if not self.mechanistic and given != default:
                raise InputError("is of the mechanistic backtest only", where=f"‹{name}›", got=given)
