"""What can be said to `size` and `assurance`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaksim.design.defaults import ASSURANCE_DRAWS
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


def _analysis() -> Any:
    return option(None, "Name of the analysis; the primary one when left out.")


@dataclass(frozen=True, kw_only=True)
class SizeOptions(Options):
    """The power that an analysis is to have, and how trials are simulated to find the patients."""

    power: float = option(0.9, "Power wanted.")
    analysis: str | None = _analysis()
    replicates: int | None = option(None, "Simulated trials at each step; 100,000 when left out, 2,000 by events.")
    seed: int = shared.seed()
    engine: str = shared.engine()
    door: str = shared.door()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()


@dataclass(frozen=True, kw_only=True)
class AssuranceOptions(Options):
    """The draws that the power is averaged over, and the assurance that is wanted."""

    target: float | None = option(
        None, "Assurance wanted, for which patients are sought; none are when left out.", flag="--power"
    )
    analysis: str | None = _analysis()
    draws: int = option(ASSURANCE_DRAWS, "parameter draws; 400 when left out.", low=20)
    between_trial_sd: float | str | Mapping[str, float] | None = shared.between_trial_sd()
    seed: int = shared.seed()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress("parameter draws")
