"""The report of a backtest: each trial's effect beside its prediction, coverage and scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from jaksim.ratio import ratio_of
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.backtest import BacktestedOutcomes, BacktestResult


def backtest_answer(found: BacktestResult) -> Iterator[Block]:
    """The report of the answer of `backtest`."""
    yield from backtest_report(found.as_dict())


def backtests_answer(found: BacktestedOutcomes) -> Iterator[Block]:
    """Every outcome in a line: trials, coverage, and log scores beside the naive ones."""
    document = found.as_dict()
    levels, names = list(document["coverage"]), list(next(iter(document["outcomes"].values()))["log_score"])
    earlier = next(iter(document["outcomes"].values()))["earlier"]
    yield title(f"Each trial predicted from {_those(earlier)}, outcome by outcome")
    yield ""
    rows = [
        (
            name,
            str(len(outcome["trials"])),
            *(f"{share * len(outcome['trials']):.0f}" for share in outcome["coverage"].values()),
            *(f"{outcome['log_score'][score]:.2f}" for score in names),
        )
        for name, outcome in document["outcomes"].items()
    ]
    count = document["trial_outcomes"]
    rows.append(
        ("all", str(count), *(f"{share * count:.0f}" for share in document["coverage"].values()), *("" for _ in names))
    )
    headers = ["Outcome", "Trials", *(f"In {level} %" for level in levels), *names]
    yield columns(headers, rows, right=tuple(range(1, len(headers))))
    shares = ", ".join(f"{100 * share:.0f} % in {level} %" for level, share in document["coverage"].items())
    yield paragraph(f"Inside their intervals over all outcomes: {shares}. Right: mean log scores, higher is better.")
    outside = [
        f"{trial['study']} ({name}, PIT {trial['pit']:.3f})"
        for name, outcome in document["outcomes"].items()
        for trial in outcome["trials"]
        if not trial["intervals"]["95"][0] <= trial["reported"] <= trial["intervals"]["95"][1]
    ]
    yield paragraph(f"Outside their 95 % interval: {', '.join(outside) or 'none'}.")


def _those(earlier: bool) -> str:
    return "those published before" if earlier else "the others"


def backtest_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """Tables of the object that `jaksim backtest --json` prints."""
    trials = document["trials"]
    yield title(document["title"])
    yield ""
    yield heading(f"Each trial predicted from {_those(document['earlier'])}")
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
