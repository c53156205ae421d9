"""The report of a mechanistic backtest: where the disease model predicts the figures of trials, and where not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from jaksim.report.backtest import backtest_answer, backtests_answer
from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, heading, paragraph, title
from jaksim.verbs.backtest import BacktestedOutcomes, BacktestResult, MechanisticResult

WORST = 15
"""So many of the figures that were missed are printed; the object of --json has them all."""


def mechanistic_answer(found: MechanisticResult) -> Iterator[Block]:
    """The report of the answer of `backtest` with `mechanistic`, and of the outcome that was asked for beside it."""
    yield from mechanistic_report(found.as_dict()["mechanistic"])
    match found.statistical:
        case BacktestResult():
            yield ""
            yield from backtest_answer(found.statistical)
        case BacktestedOutcomes():
            yield ""
            yield from backtests_answer(found.statistical)


def mechanistic_report(document: Mapping[str, Any]) -> Iterator[Block]:
    """Tables of the part of the object of `jaksim backtest --mechanistic --json` that is about the disease model."""
    overall = document["overall"]
    names = list(overall["log_scores"])
    yield title("Every figure of each trial, predicted by the disease model")
    yield ""
    yield heading("Trial by trial")
    yield _coverage("Trial", document["by_study"], names, overall)
    yield paragraph(
        "Natural history from the figures of the control arm alone, which are not scored; effects from the other "
        "trials. Right: mean log scores, higher is better; the effect is that of the hierarchy (jaksim), none, or that "
        "of the trial published before. A number that may equal the published one counts by the part of its interval "
        "of transforms inside."
    )
    yield ""
    yield heading("By kind of figure")
    yield _coverage("Kind", document["by_kind"], names, None)
    yield paragraph(
        "Figures of the control arm that were not fitted repeat fitted ones in part, and are no part of the totals."
    )
    yield ""
    yield heading("Scores")
    yield from _scores(document)
    yield ""
    yield heading("Figures outside their 95 % interval")
    yield from _missed(document["missed"])
    for study, reason in document["skipped"].items():
        yield paragraph(f"Not predicted: {study} ({reason}).")


def _coverage(
    what: str, groups: Iterable[Mapping[str, Any]], names: list[str], overall: Mapping[str, Any] | None
) -> Block:
    listed = [*groups, *([overall] if overall else [])]
    rows = [
        (
            group["name"],
            str(group["figures"]),
            str(group["numbers"]),
            *(f"{100 * share:.0f} %" for share in group["coverage"].values()),
            *(f"{group['log_scores'][name]:.2f}" for name in names),
        )
        for group in listed
    ]
    headers = [what, "Figures", "Numbers", *(f"In {level} %" for level in listed[0]["coverage"]), *names]
    return columns(headers, rows, right=tuple(range(1, len(headers))))


def _scores(document: Mapping[str, Any]) -> Iterator[Block]:
    overall, both = document["overall"], document["predicted_by_both"]
    shares = ", ".join(f"{100 * share:.0f} % in {level} %" for level, share in overall["coverage"].items())
    count = f"{overall['numbers']} numbers of {overall['figures']} figures of {len(document['by_study'])} trials"
    yield paragraph(f"Inside their intervals, of {count}: {shares}.")
    fifths = ", ".join(str(number) for number in overall["transforms"])
    yield paragraph(f"Probability integral transforms by fifth: {fifths}; right predictions share them out evenly.")
    if both is not None:
        scores = ", ".join(f"{name} {score:.2f}" for name, score in both["log_scores"].items())
        yield paragraph(
            f"Mean log score of the {both['numbers']} ratios that the statistical hierarchy predicts too: {scores}."
        )


def _missed(missed: list[Mapping[str, Any]]) -> Iterator[Block]:
    if not missed:
        yield paragraph("None.")
        return
    rows = [
        (
            number["study"],
            number["id"],
            f"{number['reported']:.3g}",
            f"{number['predicted']:.3g}",
            f"{number['low_95']:.3g} to {number['high_95']:.3g}",
            f"{number['pit']:.3f}",
        )
        for number in missed[:WORST]
    ]
    yield columns(["Trial", "Figure", "Reported", "Predicted", "95 %", "PIT"], rows, right=(2, 3, 4, 5))
    if len(missed) > WORST:
        yield paragraph(f"The worst {WORST} of {len(missed)}.")
