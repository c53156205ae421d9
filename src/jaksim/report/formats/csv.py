"""The tables of a report as CSV: each behind a line with its name, an empty line between, or one table alone."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import groupby

from jaksim.errors import InputError
from jaksim.escapes import one_line
from jaksim.report.blocks import Block, Definitions, Entry, Heading, Table, Title
from jaksim.report.parts.layout import NO_BREAK
from jaksim.spreadsheet import disarmed


def document(blocks: Iterable[Block], table: str | None = None) -> str:
    """All tables, or the one whose name `table` is; InputError where there is none of that name."""
    found = named_tables(blocks)
    if table is not None:
        return _written([_rows(_chosen(found, table))])
    return _written([[[name], *_rows(one)] for name, one in found.items()])


def named_tables(blocks: Iterable[Block]) -> dict[str, Table]:
    """The tables by name, which is the heading above; a number tells several under one heading apart."""
    found: dict[str, Table] = {}
    above = "table"
    for block in _with_lists(blocks):
        match block:
            case Title() | Heading():
                above = one_line(block.text)
            case Definitions():
                found[_free(above, found)] = Table(("term", "text"), tuple(_said(block)))
            case Table():
                found[_free(above, found)] = block
    return found


def _with_lists(blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with entries that follow each other as one table."""
    for listed, group in groupby(blocks, lambda block: isinstance(block, Entry)):
        if listed:
            rows = ((one.term, one.remark, one.text) for one in group if isinstance(one, Entry))
            yield Table(("term", "remark", "text"), tuple(rows))
        else:
            yield from group


def _free(name: str, taken: Iterable[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _said(block: Definitions) -> Iterable[tuple[str, str]]:
    for term, lines in block.rows:
        yield from ((term, line if isinstance(line, str) else ": ".join(line)) for line in lines)


def _chosen(found: dict[str, Table], name: str) -> Table:
    by_name = {one.casefold(): table for one, table in found.items()}
    if name.casefold() not in by_name:
        raise InputError("the report has no such table", where="‹table›", allowed=tuple(found), got=name)
    return by_name[name.casefold()]


def _rows(table: Table) -> list[list[str]]:
    return [[_cell(cell) for cell in row] for row in (table.headers, *table.rows)]


def _cell(text: str) -> str:
    return disarmed(one_line(text.replace("\n", " ")).replace(NO_BREAK, " "))


def _written(parts: Iterable[list[list[str]]]) -> str:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for number, rows in enumerate(parts):
        if number:
            stream.write("\n")
        writer.writerows(rows)
    return stream.getvalue()
