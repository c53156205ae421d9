"""Tables and paragraphs that read alike on a terminal, in a file and pasted into a protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from jaksim.escapes import one_line, printable

WIDTH = 100
NO_BREAK = "\u00a0"
NARROWEST = 60
WIDEST = 120


def title(text: str) -> RenderableType:
    """The title of a report, in one line."""
    return Text(one_line(text), style="bold")


def plain(text: str) -> Text:
    """Text without any style, control characters as escapes."""
    return Text(printable(text))


def heading(text: str) -> RenderableType:
    """A heading of a part of the report."""
    return Text(printable(text.upper()), style="bold")


def paragraph(text: str) -> RenderableType:
    """A paragraph, indented under its heading and wrapped."""
    return Padding(plain(text), (0, 0, 0, 2))


def definitions(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Two columns, a short term and what is said of it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for term, text in rows:
        table.add_row(plain(term), plain(text))
    return Padding(table, (0, 0, 0, 2))


class _Cell(Text):
    """Text of a table: a name that is longer than the column is broken behind a mark in it, if it has one."""

    def wrap(self, console: Console, width: int, **options: Any) -> Lines:
        """The lines, each of at most `width` characters."""
        if options.get("no_wrap"):
            return super().wrap(console, width, **options)
        words = (_parted(word, width) for word in re.split(r"(\s+)", self.plain))
        text = Text("".join(words), style=self.style, justify=self.justify, overflow=self.overflow)
        return text.wrap(console, width, **options)


def _parted(word: str, width: int) -> str:
    """A word with line ends behind hyphens, dots, slashes and underscores, only where a line would be too long."""
    lines = [""]
    for part in re.findall(r"[^-._/]*[-._/]|[^-._/]+", word) if len(word) > width else [word]:
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def columns(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> RenderableType:
    """A table with a line under its headers; `right` names the columns aligned to the right."""
    aligned = set(right)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for position, header in enumerate(headers):
        number = position in aligned
        table.add_column(plain(header), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows:
        table.add_row(*(_Cell(printable(cell)) for cell in row))
    return Padding(table, (0, 0, 0, 2))


class AsPrinted:
    """Lines that are kept as they are, however wide."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        yield Segment(printable(self.text))
        yield Segment.line()


def as_text(parts: Iterable[RenderableType], width: int = WIDTH) -> str:
    """The parts as plain text of at most `width` characters a line."""
    stream = StringIO()
    _print(parts, Console(file=stream, width=max(width, NARROWEST), no_color=True, highlight=False))
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n")).removesuffix("\n")


def print_on_terminal(parts: Iterable[RenderableType]) -> None:
    """Print the parts with bold headings, as wide as the terminal is but not wider than 120 characters."""
    console = Console(highlight=False)
    console.width = min(max(console.width, NARROWEST), WIDEST)
    _print(parts, console)


def _print(parts: Iterable[RenderableType], console: Console) -> None:
    for part in parts:
        console.print(plain(part) if isinstance(part, str) else part, crop=False)
