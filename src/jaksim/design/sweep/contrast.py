"""Differences of power between each point of a sweep and one of them, replicate by replicate."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import numpy as np

from jaksim.design.sweep.part import Row, rejections_of
from jaksim.design.sweep.store import CONTRASTS, SweepStore
from jaksim.design.sweep.table import column_kind, column_values

KINDS: Final = {
    "point": "int32",
    "baseline": "int32",
    "analysis": "string",
    "replicates": "int64",
    "power": "float64",
    "baseline_power": "float64",
    "difference": "float64",
    "mc_se": "float64",
    "only_point": "float64",
    "only_baseline": "float64",
    "variance_reduction": "float64",
}
"""Columns of the table of contrasts; those of the varied keys stand after the point."""


@dataclass(slots=True)
class Pairs:
    """In how many of n replicates an analysis rejects at the point, at the baseline, and at both."""

    n: int = 0
    point: int = 0
    baseline: int = 0
    both: int = 0

    def values(self) -> Row:
        """The powers, their difference with the standard error of pairs, and how many times more replicates independent
        runs would need for the same error."""
        n, one, other = self.n, self.point - self.both, self.baseline - self.both
        apart = sum(count * (n - count) for count in (self.point, self.baseline))
        together = n * (one + other) - (one - other) ** 2
        return {
            "replicates": n,
            "power": self.point / n,
            "baseline_power": self.baseline / n,
            "difference": (one - other) / n,
            "mc_se": math.sqrt(together / (n - 1)) / n if n > 1 else None,
            "only_point": one / n,
            "only_baseline": other / n,
            "variance_reduction": apart / together if together > 0 else None,
        }


def write_contrasts(store: SweepStore, baseline: int) -> None:
    """Write the table of contrasts of a sweep whose shards are all on disk; analyses are matched by name.

    Only the replicates of the baseline are held, a bit for each replicate and analysis.
    """
    names, blocks = _baseline(store, baseline)
    analyses: dict[int, list[str]] = {}
    totals: dict[tuple[int, str], Pairs] = {}
    for point, rows in _blocks(store):
        if point not in analyses:
            analyses[point] = _names(rows)
        for name, row in zip(analyses[point], rows, strict=True):
            if name in names:
                _add(totals.setdefault((point, name), Pairs()), row, blocks[rows[0]["first"]][names.index(name)])
    keys = store.plan.design.keys
    columns: dict[str, list[Any]] = {name: [] for name in ("point", *keys, *KINDS)}
    for (point, name), pairs in sorted(totals.items(), key=lambda one: one[0][0]):
        row = {"point": point, **store.plan.design.values(point), "baseline": baseline, "analysis": name}
        for column, value in (row | pairs.values()).items():
            columns[column].append(value)
    kinds = KINDS | {key: column_kind(columns[key]) for key in keys}
    store.write_table(CONTRASTS, columns | {key: column_values(columns[key]) for key in keys}, kinds)


def _add(pairs: Pairs, row: Row, baseline: bytes) -> None:
    n = row["replicates"]
    mine, theirs = rejections_of(row["rejected"], n), rejections_of(baseline, n)
    pairs.n += n
    pairs.point += int(mine.sum())
    pairs.baseline += int(theirs.sum())
    pairs.both += int(np.count_nonzero(mine & theirs))


def _baseline(store: SweepStore, baseline: int) -> tuple[list[str], dict[int, list[bytes]]]:
    """The names of its analyses, and which replicates reject by the first of each block and analysis."""
    names: list[str] = []
    blocks: dict[int, list[bytes]] = {}
    for _, rows in _blocks(store, baseline):
        names = names or _names(rows)
        blocks[rows[0]["first"]] = [row["rejected"] for row in rows]
    return names, blocks


def _blocks(store: SweepStore, only: int | None = None) -> Iterator[tuple[int, list[Row]]]:
    """The rows of each block of each point, or of one point, the first block of a point first."""
    files = store.files()
    for shard in store.plan.shards():
        if only is None or any(task.point == only for task in shard.tasks):
            rows = store.read(shard.name, files[shard.name])
            for (point, _), block in groupby(rows, key=lambda row: (row["point"], row["first"])):
                if only in (None, point):
                    yield point, list(block)


def _names(rows: Sequence[Row]) -> list[str]:
    return [json.loads(row["known"])["name"] for row in rows]
