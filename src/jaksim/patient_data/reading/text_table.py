"""Tables in text: columns divided by commas, semicolons, tabs or blanks, with row names and comments or without."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from jaksim.errors import InputError
from jaksim.escapes import without_line_ends
from jaksim.spreadsheet import rearmed

DELIMITERS = ",;\t|"
BLANK = " "
COMMENT = "#"
_COMMENT_LINE = re.compile(rf"(?m)^[ \t]*{COMMENT}")
_SEPARATOR_LINE = re.compile(r"sep=(.)\Z", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')


def columns_of_text(text: str, where: str, of: str = "patient") -> dict[str, tuple[str, ...]]:
    """Column name -> the text of every row; no columns where there is a header alone.

    The columns are divided by whichever of comma, semicolon, tab and | the header has most of, else by blanks. A first
    column without a name, or of which the header says nothing, holds names of rows and is left out, as is a column
    without a name and values. Lines that begin with # are comments. Raises InputError for lines of another length, for
    a column without a name or with that of another, and for a line of which it cannot be told if it is a comment.
    Messages call what stands in a row `of`.
    """
    try:
        return _columns(text, where, of)
    except csv.Error as error:
        raise InputError(f"not a table: {error}", where=where, allowed="comma-separated values") from None


def each_once(names: Sequence[str], where: str) -> None:
    """InputError when a name appears twice."""
    for name, times in Counter(names).items():
        if times > 1:
            raise InputError(f"column '{name}' appears twice", where=where)


def without_rows(of: str, where: str) -> InputError:
    """What is wrong with a file that has a header at most; `of` is what would stand in its rows."""
    return InputError(f"the file has no {of}s", where=where, allowed=f"a header and a row for each {of}")


def _columns(text: str, where: str, of: str) -> dict[str, tuple[str, ...]]:
    lines = _without_comments(text)
    first, skipped, delimiter = _first_line(lines, where, of)
    rows = _rows(first, lines, delimiter, skipped, where)
    _, header = next(rows)
    names = [rearmed(without_line_ends(name.strip())) for name in header]
    body = _of_one_length(list(rows), len(names), where, of)
    values = list(zip(*body, strict=True))
    if len(values) == len(names) + 1:
        _check_row_names(values, where)
        values = values[1:]
    kept = _named(names, values, where)
    each_once([names[place] for place in kept], f"{where}, header")
    return {names[place]: values[place] for place in kept} if values else {}


def _without_comments(text: str) -> Iterator[str]:
    """The lines of a text, empty in place of comments; one that begins with # and no blank after it may be a row."""
    lines = io.StringIO(text, newline="")
    if _COMMENT_LINE.search(text) is None:
        yield from lines
        return
    quoted = False
    header = False
    for line in lines:
        words = line.strip()
        if not quoted and words.startswith(COMMENT) and (not header or words[1:2] in ("", " ", "\t", COMMENT)):
            yield "\n"
            continue
        header = header or bool(words)
        quoted ^= line.count('"') % 2 == 1
        yield line


def _first_line(lines: Iterator[str], where: str, of: str) -> tuple[str, int, str]:
    """The line that begins the header, how many stand before it, and what divides the columns."""
    for number, line in enumerate(lines):
        words = line.strip()
        if separator := _SEPARATOR_LINE.match(words):  # as spreadsheets write it
            return next(lines, ""), number + 1, separator[1]
        if words:
            bare = _QUOTED.sub("", line.strip("\r\n"))
            delimiter = max(DELIMITERS, key=bare.count)
            return line, number, delimiter if delimiter in bare else BLANK
    raise without_rows(of, where)


def _rows(
    first: str, lines: Iterator[str], delimiter: str, skipped: int, where: str
) -> Iterator[tuple[int, list[str]]]:
    """Number of the line and values of each row, the header being the first; empty lines are left out."""

    def all_lines() -> Iterator[str]:
        for line in (first, *lines):
            yield line.strip() if delimiter == BLANK else line

    blank = delimiter == BLANK
    reader = csv.reader(all_lines(), delimiter=delimiter, skipinitialspace=blank, strict=True)
    for row in reader:
        if len(row) > 1 or (row and row[0].strip()):
            yield reader.line_num + skipped, row


def _of_one_length(rows: list[tuple[int, list[str]]], width: int, where: str, of: str) -> list[list[str]]:
    """The values of the rows, each with one for every column of the header, or each with one more for the row's name.

    Lines with # in front that fit in no column are comments.
    """
    marked = [(number, row) for number, row in rows if row[0].lstrip().startswith(COMMENT)]
    if marked and len(marked) < len(rows):
        rows = [(number, row) for number, row in rows if not row[0].lstrip().startswith(COMMENT)]
        lengths = {width, len(rows[0][1])}
        for number, row in marked:
            if len(row) in lengths:
                raise InputError(
                    f"line {number} begins with {COMMENT} and has a value for each column: a comment or {_a(of)}?",
                    where=where,
                    allowed=f"'{COMMENT} ' before a comment, no {COMMENT} before {_a(of)}",
                )
    named = bool(rows) and len(rows[0][1]) == width + 1
    for number, row in rows:
        if len(row) != width + named:
            others = f"the first one {width + 1}" if named else f"the header {width}"
            raise InputError(
                f"line {number} has {len(row)} values, {others}",
                where=where,
                allowed="one value for each column in every line",
            )
    return [row for _, row in rows]


def _check_row_names(values: list[tuple[str, ...]], where: str) -> None:
    """InputError unless the first column can hold names of rows, which are different."""
    names, last = values[0], values[-1]
    if len(set(names)) < len(names) or not any(cell.strip() for cell in last):
        raise InputError(
            f"every line has {len(values)} values, the header {len(values) - 1}",
            where=where,
            allowed="one value for each column in every line; one more only for the name of the row, in front",
        )


def _named(names: Sequence[str], values: Sequence[tuple[str, ...]], where: str) -> list[int]:
    """Positions of the columns with a name; InputError for one without that holds more than names of rows."""
    kept = []
    for place, name in enumerate(names):
        if name:
            kept.append(place)
        elif place and (not values or any(cell.strip() for cell in values[place])):
            raise InputError("a column has no name", where=f"{where}, header", got=",".join(names)[:80])
    return kept


def _a(of: str) -> str:
    return f"{'an' if of[0] in 'aeio' else 'a'} {of}"
