"""What can be said to `predict`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option, several


@dataclass(frozen=True, kw_only=True)
class PredictOptions(Options):
    """Draws of the parameters, and trials simulated for each."""

    draws: int = option(400, "Parameter draws.", low=20)
    replicates: int = option(100, "Simulated trials for each draw.", low=10)
    between_trial_sd: float | str | Mapping[str, float] | None = shared.between_trial_sd()
    evidence_until: str | None = option(
        None,
        "Month until which trials count as evidence for pooled effects, such as 2020-11; all trials when left out.",
        metavar="YYYY-MM",
    )
    without: Sequence[str] = option(
        (),
        "Trial that is left out of the evidence for pooled effects; may be given several times.",
        metavar="STUDY",
        holds=list[str] | None,
        read=several,
    )
    seed: int = shared.seed()
    door: str = shared.door()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress("parameter draws")
