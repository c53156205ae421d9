"""Reports as text that reads alike on a terminal, in a file and pasted into a protocol."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.containers import Lines
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table as Grid
from rich.text import Text

from jaksim.escapes import one_line, printable
from jaksim.report.blocks import (
    Block,
    Command,
    Definitions,
    Entry,
    Figure,
    Heading,
    Line,
    Paragraph,
    Table,
    Title,
    Verbatim,
)

WIDTH = 100
NARROWEST = 60
WIDEST = 120
_VALUE = 17
"""So wide is the column of values in front of the lines of a definition."""
_INDENT = "  "
_CONTINUED = " \\"
_SHELL_WORDS = re.compile(r"""(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*"|['"\\])+""", re.DOTALL)


def document(blocks: Iterable[Block]) -> str:
    """The blocks as a text file."""
    return f"{as_text(blocks)}\n"


def as_text(blocks: Iterable[Block], width: int = WIDTH) -> str:
    """The blocks as plain text of at most `width` characters a line."""
    stream = StringIO()
    _print(blocks, Console(file=stream, width=max(width, NARROWEST), no_color=True, highlight=False))
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n")).removesuffix("\n")


def print_on_terminal(blocks: Iterable[Block]) -> None:
    """Print the blocks with bold headings, as wide as the terminal is but not wider than 120 characters."""
    console = Console(highlight=False)
    console.width = min(max(console.width, NARROWEST), WIDEST)
    _print(blocks, console)


def _print(blocks: Iterable[Block], console: Console) -> None:
    for block in blocks:
        if not isinstance(block, Figure):
            console.print(_shown(block), crop=False)


def _plain(text: str) -> Text:
    return Text(printable(text))


def _under_heading(shown: RenderableType) -> Padding:
    return Padding(shown, (0, 0, 0, 2))


def _shown(block: Block) -> RenderableType:
    match block:
        case str():
            return _plain(block)
        case Title():
            return Text(one_line(block.text), style="bold")
        case Heading():
            return Text(printable(block.text.upper()), style="bold")
        case Command():
            return _Pasted(block)
        case Paragraph():
            return _under_heading(_plain(block.text))
        case Verbatim():
            return _AsPrinted(block.text)
        case Entry():
            return _entry(block)
        case Definitions():
            return _under_heading(_definitions(block))
        case Table():
            return _under_heading(_table(block))
        case Figure():
            return Group()


def _entry(block: Entry) -> RenderableType:
    term = Text.assemble((printable(block.term), "bold"), f"  ({printable(block.remark)})" if block.remark else "")
    return Group(term, Padding(_plain(block.text), (0, 0, 0, 4)))


def _definitions(block: Definitions) -> RenderableType:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=block.widest is None, max_width=block.widest)
    grid.add_column(ratio=1)
    for term, lines in block.rows:
        grid.add_row(_plain(term), Group(*(_line(line) for line in lines)))
    return grid


def _line(line: Line) -> RenderableType:
    if isinstance(line, str):
        return _plain(line)
    value, text = line
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(_plain(f"{value:<{_VALUE}}"), _plain(text))
    return grid


def _table(block: Table) -> RenderableType:
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for position, header in enumerate(block.headers):
        number = position in block.right
        grid.add_column(_plain(header), justify="right" if number else "left", no_wrap=number, overflow="fold")
    for row in block.rows:
        grid.add_row(*(_Cell(printable(cell)) for cell in row))
    return grid


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


class _Pasted:
    """A command behind its text, its lines broken between words and continued behind a backslash."""

    def __init__(self, block: Command) -> None:
        self.block = block

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        lines, room = [""], options.max_width - len(_INDENT) - len(_CONTINUED)
        for word in printable(self.block.lead).split():
            lines = _with_word(lines, word, room, "")
        for word in _SHELL_WORDS.findall(printable(self.block.command)):
            lines = _with_word(lines, word, room, _CONTINUED)
        # No wrapping of rich, which cuts a word that is longer than the line.
        yield Segment("\n".join(f"{_INDENT}{line}" for line in lines))
        yield Segment.line()


def _with_word(lines: list[str], word: str, room: int, mark: str) -> list[str]:
    *above, last = lines
    if not last:
        return [*above, word]
    if len(last) + 1 + len(word) <= room:
        return [*above, f"{last} {word}"]
    return [*above, f"{last}{mark}", word]


class _AsPrinted:
    """Lines that are kept as they are, however wide."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        yield Segment(printable(self.text))
        yield Segment.line()
