"""How far a sweep is, its powers, and where its tables are."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from jaksim.parquet_file import columns_of_parquet
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import AsPrinted, columns, heading, paragraph
from jaksim.report.parts.numbers import decimals, probability_with_error, whole
from jaksim.verbs.sweep.sweep import SweepState

MOST_ROWS: Final = 40
"""Of powers that are printed; the files have all."""


def sweep_report(state: SweepState) -> Iterator[Block]:
    """Points, replicates and shards that are finished, the powers once all are there, and the files of results."""
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
    yield AsPrinted(text)
    if state.results is not None:
        yield heading("Type I error" if state.null else "Power")
        yield from _powers(state.keys, _rows(Path(state.results), state.keys))
    files = {"results": state.results, "contrasts": state.contrasts}
    if any(files.values()):
        yield AsPrinted("\n".join(f"{name}: {path}" for name, path in files.items() if path))


def _rows(path: Path, keys: Sequence[str]) -> list[dict[str, Any]]:
    """Of the table of results what is printed."""
    if path.suffix != ".parquet":
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    found = dict(columns_of_parquet(path.read_bytes(), str(path)))
    names = [*keys, "analysis", "role", "power", "mc_se"]
    return [dict(zip(names, row, strict=True)) for row in zip(*(found[name] for name in names), strict=True)]


def _number(value: Any) -> float:
    return math.nan if value is None or value == "" else float(value)


def _value(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _powers(keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
    """The first points with all analyses, or with the primary ones where all are too many."""
    primary = [row for row in rows if row["role"] == "primary"]
    chosen = primary if len(rows) > MOST_ROWS and primary else rows
    shown = chosen[:MOST_ROWS]
    digits = decimals(_number(row["mc_se"]) for row in shown)
    table = [
        (
            *(_value(row[key]) for key in keys),
            str(row["analysis"]),
            probability_with_error(_number(row["power"]), _number(row["mc_se"]), digits),
        )
        for row in shown
    ]
    yield columns([*keys, "Analysis", "Rejects"], table, right=(*range(len(keys)), len(keys) + 1))
    if len(shown) < len(rows):
        yield paragraph(f"{whole(len(shown))} of {whole(len(rows))} rows; the results have all.")
