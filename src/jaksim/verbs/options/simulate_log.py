"""What can be said to `simulate_log`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class SimulateLogOptions(Options):
    """Which simulated trial, up to when, and what its log says of the patients."""

    on: str | int | None = option(
        None, "The day of the trial, or date, up to whose end the log goes.", metavar="DATE|DAY", holds=str | None
    )
    replicate: int = option(0, "Which simulated trial, from 0.", metavar="I")
    arms: bool = option(False, "Say in which arm each patient is.", flag="--arms")
    scores: bool = option(True, "Have the daily scores of the patients.", flag="--scores/--no-scores")
    seed: int = shared.seed()
    changes: Sequence[str] = shared.changes()
