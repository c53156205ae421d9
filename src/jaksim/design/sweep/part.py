"""Sums over replicates as rows of integers, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from jaksim.design.sums.characteristics import Sums
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.multiple_counts import MultipleCounts
from jaksim.design.sums.summary import Summary, Tally
from jaksim.design.sums.trial_sums import TrialSums

Row = dict[str, Any]

COUNTS: Final = ("estimable", "tested", "rejections", "favourable")
# Fixed-point sums outgrow 64 bits, so that they are kept as decimal text.
LONG: Final = ("estimate", "estimate_squared", "standard_error_squared")
KINDS: Final = {
    "point": "int32",
    "first": "int64",
    "replicates": "int64",
    "analysis": "int32",
    **dict.fromkeys(COUNTS, "int64"),
    **dict.fromkeys(LONG, "string"),
    "joint": "list<int64>",
    "any_rejection": "int64",
    "rejected": "binary",
    "controlled": "string",
    "further": "string",
    "known": "string",
}
"""Columns of a shard and their types: one row for each point, block of replicates and analysis."""


@dataclass(frozen=True)
class Part:
    """The sums over one block of replicates of a point, and which of them each analysis rejects in, `rejected` (T, B).

    `known`, of the first block, is what needs no replicates.
    """

    point: int
    first: int
    sums: TrialSums
    rejected: NDArray[np.bool_]
    known: Sequence[Mapping[str, Any]] | None = None

    def rows(self) -> list[Row]:
        """One row per analysis; sums of the design stand with the first."""
        summary = self.sums.summary
        return [
            {
                "point": self.point,
                "first": self.first,
                "replicates": summary.replicates,
                "analysis": position,
                **{name: getattr(tally, name) for name in COUNTS},
                **{name: str(getattr(tally, name)) for name in LONG},
                "joint": summary.joint[position].tolist(),
                "any_rejection": summary.any_rejection,
                "controlled": _moments_text(summary.controlled[position]) if summary.controlled else "",
                "rejected": np.packbits(self.rejected[position]).tobytes(),
                "further": _further(self.sums, summary) if position == 0 else "",
                "known": _text(self.known[position]) if self.known is not None else "",
            }
            for position, tally in enumerate(summary.tallies)
        ]


def rejections_of(packed: bytes, n: int) -> NDArray[np.bool_]:
    """Which of n replicates reject, from the bits of a row."""
    return np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=n).astype(np.bool_)


def summary_of(rows: Sequence[Row]) -> Summary:
    """The sums of one block from its rows, in order of analysis."""
    further = _load(rows[0]["further"])
    multiple = further.get("multiple")
    return Summary(
        rows[0]["replicates"],
        [_tally(row) for row in rows],
        np.array([row["joint"] for row in rows], dtype=np.int64),
        rows[0]["any_rejection"],
        None if multiple is None else MultipleCounts(**multiple),
        [Moments(*json.loads(row["controlled"])) for row in rows if row["controlled"]],
    )


def add_design(total: Sums, rows: Sequence[Row]) -> None:
    """Add the sums of the design in the rows of one block."""
    found = _load(rows[0]["further"])["design"]
    block = Sums(total.truth, len(total.stopped))
    for name, value in found.items():
        now = getattr(block, name)
        if name == "moments":
            block.moments = {tuple(key): Moments(*sums) for key, *sums in value}
        else:
            setattr(block, name, np.array(value, dtype=np.int64) if isinstance(now, np.ndarray) else value)
    total.add(block)


def _tally(row: Row) -> Tally:
    return Tally(**{name: row[name] for name in COUNTS}, **{name: int(row[name]) for name in LONG})


def _further(sums: TrialSums, summary: Summary) -> str:
    content: dict[str, Any] = {}
    if summary.multiple is not None:
        content["multiple"] = {field.name: getattr(summary.multiple, field.name) for field in fields(summary.multiple)}
    if sums.design is not None:
        content["design"] = {name: _plain(value) for name, value in vars(sums.design).items() if name != "truth"}
    return _text(content) if content else ""


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, dict):
        return [[list(key), moments.n, moments.total, moments.squared] for key, moments in sorted(value.items())]
    return value


def _moments_text(moments: Moments) -> str:
    return json.dumps([moments.n, moments.total, moments.squared])


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, ensure_ascii=False)


def _load(text: str) -> dict[str, Any]:
    return json.loads(text) if text else {}
