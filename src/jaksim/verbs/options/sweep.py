"""What can be said to `sweep`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option, several


@dataclass(frozen=True, kw_only=True)
class SweepOptions(Options):
    """The points of a sweep and how each is computed; what is left out is as in the sweep that goes on."""

    vary: Sequence[str] = option(
        (),
        "Values of one key: V1,V2,... or LOW:HIGH:N (N even steps); several keys make a full grid.",
        metavar="KEY=VALUES",
        holds=list[str] | None,
        read=several,
    )
    points: str | None = option(None, "CSV file with a column for each key, a row a point.", metavar="FILE")
    latin: int | None = option(None, "N points of a Latin hypercube over KEY=LOW:HIGH of `vary`.", metavar="N")
    replicates: int | None = option(None, "Simulated trials at every point; 10,000 when left out, 1,000 by events.")
    seed: int | None = shared.seed(None)
    engine: str | None = option(None, "law, path or auto, as in jaksim power.")
    door: str | None = option(None, "fast, events or auto, as in jaksim power.")
    null: bool | None = shared.null(None)
    variance_reduction: str | None = option(None, "control-variates: smaller Monte Carlo errors, as in jaksim power.")
    changes: Sequence[str] = shared.changes()
    baseline: Sequence[str] = option(
        (),
        "Also write the paired differences of power from this point; once for each varied key, or point=N.",
        metavar="KEY=VALUE",
        holds=list[str] | None,
        read=several,
    )
    workers: int | None = option(None, "Threads, or processes of `--scheduler local`; results stay the same.", low=1)
