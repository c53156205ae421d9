"""Reports as Markdown, with the pipe tables that GitHub, Pandoc and Quarto read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from jaksim.escapes import one_line, printable
from jaksim.report.blocks import (
    Block,
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

_COMMANDS: Final = re.compile(r"([\\`*_{}\[\]<>|~$^]|&(?=[#\w]))")
_AT_START: Final = re.compile(r"^(\s*)([-+](?=[-\s]|$)|#|=|:(?=\s)|\d+(?=[.)](?:\s|$)))", re.MULTILINE)


def document(blocks: Iterable[Block]) -> str:
    """The blocks with an empty line between."""
    return "\n\n".join(part for block in blocks for part in _shown(block)) + "\n"


def _shown(block: Block) -> Iterator[str]:
    match block:
        case str():
            if block.strip():
                yield _text(block.strip())
        case Title():
            yield f"# {_escaped(one_line(block.text))}"
        case Heading():
            yield f"## {_escaped(one_line(block.text))}"
        case Paragraph():
            yield _text(block.text)
        case Verbatim():
            yield _fenced(printable(block.text))
        case Entry():
            remark = f" ({_escaped(block.remark)})" if block.remark else ""
            yield f"**{_escaped(block.term)}**{remark}\n{_text(block.text)}"
        case Definitions():
            yield _definitions(block)
        case Table():
            yield _table(block)
        case Figure():
            return


def _escaped(text: str) -> str:
    return _COMMANDS.sub(r"\\\1", printable(text))


def _text(text: str) -> str:
    """Text as a paragraph: no character commands, also not at the beginning of a line, and lines stay lines."""
    lines = _AT_START.sub(_not_a_mark, _escaped(text)).split("\n")
    return "  \n".join(line.strip() for line in lines)


def _not_a_mark(found: re.Match[str]) -> str:
    space, mark = found.groups()
    return f"{space}{mark}\\" if mark.isdigit() else f"{space}\\{mark}"


def _fenced(text: str) -> str:
    ticks = max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1
    return f"{'`' * ticks}text\n{text}\n{'`' * ticks}"


def _definitions(block: Definitions) -> str:
    return "\n".join(part for term, lines in block.rows for part in _definition(term, lines))


def _definition(term: str, lines: tuple[Line, ...]) -> Iterator[str]:
    shown = [line if isinstance(line, str) else f"{line[0]}: {line[1]}" for line in lines]
    bold = f"- **{_escaped(one_line(term))}**:"
    if len(shown) == 1:
        yield f"{bold} {_cell(shown[0])}"
        return
    yield bold
    yield from (f"  - {_not_at_start(_cell(line))}" for line in shown)


def _not_at_start(text: str) -> str:
    return _AT_START.sub(_not_a_mark, text)


def _table(block: Table) -> str:
    numbers = [place in block.right for place in range(len(block.headers))]
    rows = [[_cell(cell) for cell in row] for row in (block.headers, *block.rows)]
    widths = [max(3, *(len(row[place]) for row in rows if place < len(row))) for place in range(len(numbers))]
    rule = ["-" * (width - 1) + (":" if number else "-") for width, number in zip(widths, numbers, strict=True)]
    lined = [
        [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(row, widths, numbers, strict=False)
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in (lined[0], rule, *lined[1:]))


def _cell(text: str) -> str:
    return "<br>".join(part.strip() for part in _escaped(text).split("\n"))
