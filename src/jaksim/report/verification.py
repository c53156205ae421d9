"""The report of a verification: every case with its source, what was expected and what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, title
from jaksim.verbs.verify import Verification
from jaksim.verification.check import FAIL, NOT_COVERED, PASS, Comparison, Outcome
from jaksim.version import __version__

DIGITS = 8
SHOWN = 3


def verification_answer(found: Verification) -> Iterator[Block]:
    """The report of the answer of `verify`; the cases that were asked for by name in full."""
    yield from verification_report(found.outcomes, in_full=bool(found.named))


def verification_report(outcomes: Sequence[Outcome], *, in_full: bool = False) -> Iterator[Block]:
    """Cases by result, each with its source and numbers, and a count; `in_full` lists every number."""
    yield title(f"Worked results of other software and papers, run by jaksim {__version__}")
    yield ""
    for result in (FAIL, PASS, NOT_COVERED):
        found = [one for one in outcomes if one.result == result]
        if in_full and result != NOT_COVERED:
            for outcome in found:
                yield from _in_full(outcome)
        elif found:
            yield heading(result)
            yield definitions((name.case.id, _in_short(name)) for name in found)
            yield ""
    yield paragraph(_count(outcomes))


def _in_short(outcome: Outcome) -> str:
    """The source, and a few of the numbers expected and got, those that disagree first."""
    if outcome.result == NOT_COVERED:
        return f"{outcome.case.citation}\n{outcome.reason}"
    ordered = sorted(outcome.comparisons, key=lambda one: one.agrees)
    shown = ordered[:SHOWN]
    expected = ", ".join(f"{comparison.key} {_text(comparison.expected)}" for comparison in shown)
    got = ", ".join(_text(comparison.got) for comparison in shown)
    more = f"; {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    disputed = "".join(f"\n{_disputed(comparison)}" for comparison in outcome.comparisons if comparison.disputed)
    return f"{outcome.case.citation}\nexpected {expected}\ngot {got}{more}{_left_out(outcome)}{disputed}"


def _in_full(outcome: Outcome) -> Iterator[Block]:
    case = outcome.case
    yield heading(case.id)
    about = [("kind", case.kind.replace("_", " ")), ("source", case.citation), ("result", _result(outcome))]
    yield definitions([*about, *([("note", case.note)] if case.note else [])])
    yield ""
    rows = [_row(comparison) for comparison in outcome.comparisons]
    yield columns(["", "Expected", "Got", ""], rows, right=(1, 2))
    for comparison in outcome.comparisons:
        if comparison.disputed:
            yield paragraph(_disputed(comparison))
    yield ""


def _row(one: Comparison) -> tuple[str, str, str, str]:
    mark = "" if one.agrees else "disputed" if one.disputed else "differs"
    return one.key, _text(one.expected), _text(one.got), mark


def _result(outcome: Outcome) -> str:
    return outcome.result + _left_out(outcome)


def _left_out(outcome: Outcome) -> str:
    return f"; not compared: {', '.join(outcome.not_compared)}" if outcome.not_compared else ""


def _disputed(one: Comparison) -> str:
    return f"disputed: {one.key}, printed {_text(one.expected)}, got {_text(one.got)}: {one.disputed}"


def _count(outcomes: Sequence[Outcome]) -> str:
    counts = Counter(outcome.result for outcome in outcomes)
    partly = sum(outcome.result == PASS and bool(outcome.not_compared) for outcome in outcomes)
    words = f" ({partly} of them in part)" if partly else ""
    number = f"{len(outcomes)} {'case' if len(outcomes) == 1 else 'cases'}"
    return (
        f"{number}: {counts[PASS]} pass{words}, {counts[FAIL]} fail, {counts[NOT_COVERED]} not covered. "
        "Each source says how exactly it prints; that is how exactly a number has to agree."
    )


def _text(value: Any) -> str:
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)
