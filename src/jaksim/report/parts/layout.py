"""The blocks of reports, in the words that reports use for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from jaksim.report.blocks import Block, Command, Definitions, Entry, Heading, Line, Paragraph, Table, Title, Verbatim

NO_BREAK: Final = "\u00a0"

__all__ = [
    "NO_BREAK",
    "AsPrinted",
    "Block",
    "columns",
    "definitions",
    "entry",
    "heading",
    "outline",
    "paragraph",
    "recreated",
    "title",
]

AsPrinted = Verbatim
"""Lines that are kept as they are, however wide."""


def title(text: str) -> Title:
    """The title of a report, in one line."""
    return Title(text)


def heading(text: str) -> Heading:
    """A heading of a part of the report."""
    return Heading(text)


def paragraph(text: str) -> Paragraph:
    """A paragraph, indented under its heading and wrapped."""
    return Paragraph(text)


def recreated(command: str | None, lead: str = "") -> Paragraph:
    """The command that gives a report again, behind a word about it; a paragraph where no command line can."""
    text = f"{lead} Recreate: {command}".lstrip()
    return Paragraph(text) if command is None else Command(text, command)


def definitions(rows: Iterable[tuple[str, str]]) -> Definitions:
    """Two columns, a short term and what is said of it; a row without a term is another line of the one above."""
    gathered: list[tuple[str, tuple[Line, ...]]] = []
    for term, text in rows:
        if term or not gathered:
            gathered.append((term, (text,)))
        else:
            above, lines = gathered[-1]
            gathered[-1] = (above, (*lines, text))
    return Definitions(tuple(gathered))


def outline(rows: Iterable[tuple[str, Iterable[Line]]], *, widest: int) -> Definitions:
    """Two columns, a term of at most `widest` characters a line and several lines about it."""
    return Definitions(tuple((term, tuple(lines)) for term, lines in rows), widest)


def entry(term: str, remark: str, text: str) -> Entry:
    """An entry of a list: a term with a remark in brackets, and what is said of it below."""
    return Entry(term, remark, text)


def columns(headers: Sequence[str], rows: Iterable[Sequence[str]], *, right: Iterable[int] = ()) -> Table:
    """A table with a line under its headers; `right` names the columns aligned to the right."""
    return Table(tuple(headers), tuple(tuple(row) for row in rows), frozenset(right))
