"""How far a sweep is, and where its tables are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted
from jaksim.verbs.sweep.sweep import SweepState


def sweep_report(state: SweepState) -> Iterator[Block]:
    """Points, replicates and shards that are finished, and the files of results."""
    text = (
        f"{state.directory}: {state.points:,} points, {state.replicates:,} replicates each, seed {state.seed}\n"
        f"varied: {', '.join(state.keys) or 'nothing'}\n"
        f"{state.replicates_done:,} of {state.replicates_total:,} replicates finished, "
        f"{state.shards_done:,} of {state.shards:,} shards"
    )
    if state.seconds_left is not None:
        text += f"\nabout {timedelta(seconds=round(state.seconds_left))} left at the pace of the last shards"
    if state.left_out:
        text += f"\n{state.left_out}"
    files = {"results": state.results, "contrasts": state.contrasts}
    yield AsPrinted("\n".join([text, *(f"{name}: {path}" for name, path in files.items() if path)]))
