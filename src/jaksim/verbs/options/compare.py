"""What can be said to `compare`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option, several


@dataclass(frozen=True, kw_only=True)
class CompareOptions(Options):
    """How trials are simulated side by side, and what is changed in their scenarios."""

    replicates: int | None = option(None, "Number of simulated trials; 100,000 when left out, 10,000 by events.")
    seed: int = shared.seed()
    engine: str = shared.engine()
    door: str = shared.door()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    second_changes: Sequence[str] = option(
        (),
        "Replace one value of the second scenario alone.",
        flag="--set-second",
        metavar="KEY=VALUE",
        holds=list[str] | None,
        read=several,
    )
    changes_of: Sequence[str] = option(
        (),
        "Replace one value of one scenario alone, by its letter: A is the first.",
        flag="--set-of",
        metavar="LETTER:KEY=VALUE",
        holds=list[str] | None,
        read=several,
    )
    progress: Callable[[int], None] | None = shared.progress()
