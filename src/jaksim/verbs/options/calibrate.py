"""What can be said to `calibrate` and `reproduce`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class CalibrateOptions(Options):
    """The draws of the posterior that are kept."""

    draws: int | None = option(
        None, "Posterior draws kept in the parameter set; 200, or 1000 of all trials with --joint.", low=10
    )
    seed: int = option(1, "Seed of the posterior draws.", low=0)


@dataclass(frozen=True, kw_only=True)
class ReproduceOptions(Options):
    """By which parameters a published trial is simulated, and how often."""

    parameters: Any = option(
        None, "Parameter set; by default the one named like the study.", metavar="SET", holds=str | None
    )
    replicates: int = option(10_000, "Simulated trials.", low=100)
    seed: int = option(1, "Seed of the random numbers.", low=0)


@dataclass(frozen=True, kw_only=True)
class JointOptions(Options):
    """The draws of the pooled effects that are kept."""

    draws: int | None = option(None, "Posterior draws kept in the parameter set; 1000 when left out.", low=10)
    seed: int = option(1, "Seed of the posterior draws.", low=0)
    progress: Callable[[int], None] | None = shared.progress("trials")
