"""What a result rests on, value by value, with where each value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table

from jaksim.report.parts.layout import heading, paragraph, plain
from jaksim.trial import Assumption

MARK = "ASSUMED"


def assumptions_part(assumptions: Sequence[Assumption], name: str = "Assumptions") -> Iterator[RenderableType]:
    """Natural history, effects and shares with their sources; values that no publication gives are marked."""
    yield heading(name)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(max_width=20)
    table.add_column(ratio=1)
    for about, lines in groupby(assumptions, key=lambda line: line.about):
        table.add_row(plain(about), Group(*_lines(list(lines))))
    yield Padding(table, (0, 0, 0, 2))
    marked = f" {MARK} marks values that no publication gives." if any(not a.published for a in assumptions) else ""
    yield paragraph(f"Numbers before a text are hazard ratios with their 95 % intervals.{marked}")


def rests_on(assumptions: Sequence[Assumption]) -> Iterator[RenderableType]:
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
    return f"Taken as exactly known, for want of an uncertainty: {', '.join(exactly_known)}.{spread}"


def source_words(line: Assumption) -> str:
    """The source, or the reason for a value that is assumed."""
    if line.published:
        return f"Source: {line.source}" if line.source else ""
    return f"{MARK}: {line.note or line.source or 'no published value'}"


def _lines(lines: list[Assumption]) -> Iterator[RenderableType]:
    for words, together in groupby(lines, key=source_words):
        for line in together:
            yield _with_ratio(line) if line.ratio is not None else plain(line.statement)
        if words:
            yield plain(words)


def _with_ratio(line: Assumption) -> RenderableType:
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(no_wrap=True)
    row.add_column(ratio=1)
    row.add_row(plain(f"{_ratio(line):<17}"), plain(line.statement))
    return row


def _ratio(line: Assumption) -> str:
    if line.interval is None:
        return f"{line.ratio:.2f}"
    return f"{line.ratio:.2f} ({line.interval[0]:.2f}-{line.interval[1]:.2f})"
