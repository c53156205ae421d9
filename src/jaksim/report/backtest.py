"""The report of a backtest: each trial's effect beside its prediction, coverage and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType

from jaksim.ratio import ratio_of
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.calibrate import BacktestResult


def backtest_answer(found: BacktestResult) -> Iterator[RenderableType]:
    """The report of the answer of `backtest`."""
    yield from backtest_report(found.as_dict())


def backtest_report(document: Mapping[str, Any]) -> Iterator[RenderableType]:
    """Tables of the object that `jaksim backtest --json` prints."""
    trials = document["trials"]
    yield title(document["title"])
    yield ""
    yield heading("Each trial predicted from the others")
    rows = [
        (
            trial["study"],
            trial["agent"],
            f"{ratio_of(trial['reported']):.2f}",
            f"{ratio_of(trial['mean']):.2f}",
            *(" to ".join(f"{ratio_of(limit):.2f}" for limit in trial["intervals"][level]) for level in ("50", "95")),
            f"{trial['pit']:.2f}",
        )
        for trial in trials
    ]
    headers = ["Trial", "Agent", "Reported", "Predicted", "50 %", "95 %", "PIT"]
    yield columns(headers, rows, right=(2, 3, 4, 5, 6))
    yield paragraph(
        f"{document['headline'][0].upper()}{document['headline'][1:]}, shown as ratios. Intervals are of the trial's "
        "estimate, its sampling error included. PIT: the predicted chance of a smaller ratio."
    )
    yield ""
    yield heading("Scores")
    inside = (
        f"{share * len(trials):.0f} of {len(trials)} in {level} %" for level, share in document["coverage"].items()
    )
    yield paragraph("Inside their intervals: " + ", ".join(inside) + ".")
    scores = (f"{name} {score:.2f}" for name, score in document["log_score"].items())
    yield paragraph("Mean log score, higher is better: " + ", ".join(scores) + ".")
