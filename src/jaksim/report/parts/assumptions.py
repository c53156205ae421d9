"""What a result rests on, value by value, with where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from jaksim.report.blocks import Block, Line
from jaksim.report.parts.layout import heading, outline, paragraph
from jaksim.trial import Assumption

MARK = "ASSUMED"
WIDEST = 20


def assumptions_part(assumptions: Sequence[Assumption], name: str = "Assumptions") -> Iterator[Block]:
    """Natural history, effects and shares with their sources; values that no publication gives are marked."""
    yield heading(name)
    by_subject = groupby(assumptions, key=lambda line: line.about)
    yield outline(((about, _lines(list(lines))) for about, lines in by_subject), widest=WIDEST)
    marked = f" {MARK} marks values that no publication gives." if any(not a.published for a in assumptions) else ""
    yield paragraph(f"Numbers before a text are hazard ratios with their 95 % intervals.{marked}")


def rests_on(assumptions: Sequence[Assumption]) -> Iterator[Block]:
    """The same behind an answer, with a line between; nothing where no assumptions are known."""
    if assumptions:
        yield ""
        yield from assumptions_part(assumptions)


def exactness_words(exactly_known: Sequence[str], differ: bool, *, certain: bool) -> str:
    """Which parts have no uncertainty; `certain` when that is all, so that nothing differs between draws.
    `differ` tells that treatments do more in one trial than in another."""
    if certain:
        return (
            "Nothing in the scenario is uncertain: no effect has a standard error or an interval, no parameter set has "
            "draws. All draws are the same, and what is averaged over them is the power."
        )
    if not exactly_known:
        return ""
    spread = " Effects of treatments are so on average, and vary between trials." if differ else ""
    return f"Fixed, for want of an uncertainty, and so the same in every draw: {', '.join(exactly_known)}.{spread}"


def source_words(line: Assumption) -> str:
    """The source, or the reason for a value that is assumed."""
    if line.published:
        return f"Source: {line.source}" if line.source else ""
    return f"{MARK}: {line.note or line.source or 'no published value'}"


def _lines(lines: list[Assumption]) -> Iterator[Line]:
    for words, together in groupby(lines, key=source_words):
        for line in together:
            yield (_ratio(line), line.statement) if line.ratio is not None else line.statement
        if words:
            yield words


def _ratio(line: Assumption) -> str:
    if line.interval is None:
        return f"{line.ratio:.2f}"
    return f"{line.ratio:.2f} ({line.interval[0]:.2f}-{line.interval[1]:.2f})"
