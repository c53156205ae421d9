"""What reports are made of, whatever they are written in: headings, text, definitions, tables and figures.

A report yields these in order; a back end of `jaksim.report.formats` writes them. Texts are as they are, with control
characters if names have them: each back end escapes what its own reader would obey.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


@dataclass(frozen=True)
class Title:
    """The title of a report, in one line."""

    text: str


@dataclass(frozen=True)
class Heading:
    """The heading of a part."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Text that is wrapped."""

    text: str


@dataclass(frozen=True)
class Command(Paragraph):
    """Text that ends in a command of the shell, which stays one command wherever its lines are broken."""

    command: str

    @property
    def lead(self) -> str:
        """The text in front of the command."""
        return self.text.removesuffix(self.command)


@dataclass(frozen=True)
class Verbatim:
    """Lines that are kept as they are, however wide."""

    text: str


@dataclass(frozen=True)
class Entry:
    """One entry of a list: a term, a short remark behind it, and what is said of it."""

    term: str
    remark: str
    text: str


Line = str | tuple[str, str]
"""A line of a definition: text, or a value in a column of its own and text."""


@dataclass(frozen=True)
class Definitions:
    """Terms with the lines that say what they are; a term wider than `widest` characters is wrapped."""

    rows: tuple[tuple[str, tuple[Line, ...]], ...]
    widest: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows under headers; the columns in `right` hold numbers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Figure:
    """A figure, drawn only where a back end shows it."""

    caption: str
    draw: Callable[[], Drawing]


Block = Title | Heading | Paragraph | Verbatim | Entry | Definitions | Table | Figure | str
"""A part of a report; text by itself is a line, an empty one the space between parts."""
