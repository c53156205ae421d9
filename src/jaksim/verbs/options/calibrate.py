"""What can be said to `calibrate` and `reproduce`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class CalibrateOptions(Options):
    """The draws of the posterior that are kept."""

    draws: int = option(200, "Posterior draws kept in the parameter set.", low=10)
    seed: int = option(1, "Seed of the posterior draws.", low=0)


@dataclass(frozen=True, kw_only=True)
class ReproduceOptions(Options):
    """By which parameters a published trial is simulated, and how often."""

    parameters: Any = option(
        None, "Parameter set; by default the one named like the study.", metavar="SET", holds=str | None
    )
    replicates: int = option(10_000, "Simulated trials.", low=100)
    seed: int = option(1, "Seed of the random numbers.", low=0)
