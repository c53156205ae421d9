"""Tables and paragraphs that read alike on a terminal, in a file and pasted into a protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

WIDTH = 100
NO_BREAK = "\u00a0"
NARROWEST = 60


def heading(text: str) -> RenderableType:
    """A heading of a part of the report."""
    return Text(text.upper(), style="bold")


def paragraph(text: str) -> RenderableType:
    """A paragraph, indented under its heading and wrapped."""
    return Padding(Text(text), (0, 0, 0, 2))


def definitions(rows: Iterable[tuple[str, str]]) -> RenderableType:
    """Two columns, a short term and what is said of it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for term, text in rows:
        table.add_row(Text(term), Text(text))
    return Padding(table, (0, 0, 0, 2))


def columns(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> RenderableType:
    """A table with a line under its headers; `right` names the columns aligned to the right."""
    aligned = set(right)
    table = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for position, header in enumerate(headers):
        number = position in aligned
        table.add_column(Text(header), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return Padding(table, (0, 0, 0, 2))


def as_text(parts: Iterable[RenderableType], width: int = WIDTH) -> str:
    """The parts as plain text of at most `width` characters a line."""
    stream = StringIO()
    console = Console(file=stream, width=max(width, NARROWEST), no_color=True, highlight=False)
    for part in parts:
        console.print(part)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
