"""Reports as a Word document (Office Open XML, ECMA-376), with tables of three rules and numbers to the right.

The few parts of such a file that a report needs are written here: paragraphs in named styles, tables, images. Their
bytes depend on the report alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

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
from jaksim.report.formats.docx_parts import CONTENT_TYPES, DOCUMENT, IMAGE, PACKAGE, RELATIONS, STYLES
from jaksim.report.formats.drawn import png
from jaksim.report.formats.widths import shared_widths
from jaksim.report.parts.layout import NO_BREAK

_TEXT_WIDTH: Final = 9638
"""Between the margins of a page, in twentieths of a point."""
_LETTER: Final = 97
_CELL: Final = 180
_INCH: Final = 914400
_WIDEST: Final = 6.6
_TERM: Final = 2300
_TOGETHER: Final = 15
"""A table of so many rows stands on one page."""
_NO_CHARACTER: Final = re.compile("[\ud800-\udfff\ufffe\uffff]")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass
class _Writer:
    """The body as it grows, with the images that it refers to."""

    body: list[str] = field(default_factory=list)
    images: list[bytes] = field(default_factory=list)

    def add(self, block: Block) -> None:
        match block:
            case str():
                self.body += [_paragraph(block.strip())] if block.strip() else []
            case Title():
                self.body.append(_paragraph(one_line(block.text), "Title"))
            case Heading():
                self.body.append(_paragraph(block.text, "Heading1"))
            case Paragraph():
                self.body.append(_paragraph(block.text))
            case Verbatim():
                self.body.append(_paragraph(block.text, "Verbatim"))
            case Entry():
                remark = _run(f" ({block.remark})") if block.remark else ""
                self.body.append(_with_runs(_run(block.term, bold=True) + remark, "Term"))
                self.body.append(_paragraph(block.text, "Explained"))
            case Definitions():
                self.body += [_definitions(block), _SPACE]
            case Table():
                self.body += [_table(block), _SPACE]
            case Figure():
                self._add_figure(block)

    def _add_figure(self, block: Figure) -> None:
        image, width, height = png(block)
        self.images.append(image)
        scale = min(1.0, _WIDEST / width)
        inside = IMAGE.format(
            number=len(self.images),
            width=round(width * scale * _INCH),
            height=round(height * scale * _INCH),
            caption=quoteattr(printable(block.caption)),
        )
        self.body += [_with_runs(f"<w:r>{inside}</w:r>", "Figure"), _paragraph(block.caption, "Caption")]


def document(blocks: Iterable[Block]) -> bytes:
    """A whole document."""
    writer = _Writer()
    for block in blocks:
        writer.add(block)
    numbers = range(1, len(writer.images) + 1)
    parts = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": PACKAGE,
        "word/document.xml": DOCUMENT.format(body="".join(writer.body)),
        "word/styles.xml": STYLES,
        "word/_rels/document.xml.rels": RELATIONS.format(
            images="".join(
                f'<Relationship Id="image{number}" Target="media/image{number}.png" Type='
                '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"/>'
                for number in numbers
            )
        ),
    }
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(_entry(name), text.encode("utf-8"))
        for number, image in zip(numbers, writer.images, strict=True):
            archive.writestr(_entry(f"word/media/image{number}.png"), image)
    return file.getvalue()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EPOCH)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _run(text: str, *, bold: bool = False) -> str:
    style = "<w:rPr><w:b/></w:rPr>" if bold else ""
    lines = (f'<w:t xml:space="preserve">{escape(_allowed(line))}</w:t>' for line in printable(text).split("\n"))
    return f"<w:r>{style}{'<w:br/>'.join(lines)}</w:r>"


def _allowed(text: str) -> str:
    """Without the code points that XML has no characters for."""
    return "".join(
        "\ufffd" if 0xD800 <= ord(letter) <= 0xDFFF or letter in "\ufffe\uffff" else letter for letter in text
    )


def _with_runs(runs: str, style: str | None = None, *, right: bool = False) -> str:
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    aligned = '<w:jc w:val="right"/>' if right else ""
    properties = f"<w:pPr>{named}{aligned}</w:pPr>" if named or aligned else ""
    return f"<w:p>{properties}{runs}</w:p>"


def _paragraph(text: str, style: str | None = None, *, right: bool = False) -> str:
    return _with_runs(_run(text), style, right=right)


_SPACE: Final = _with_runs("", "Space")


def _definitions(block: Definitions) -> str:
    widths = (_TERM, _TEXT_WIDTH - _TERM)
    rows = (
        _row((_cell(_with_runs(_run(term, bold=True), "Cell"), widths[0]), _cell("".join(_lines(lines)), widths[1])))
        for term, lines in block.rows
    )
    return _of_rows("Terms", widths, rows)


def _lines(lines: Iterable[Line]) -> Iterator[str]:
    for line in lines:
        yield _paragraph(line if isinstance(line, str) else f"{line[0]}  {line[1]}", "Cell")


def _table(block: Table) -> str:
    letters = [max(len(row[place]) for row in (block.headers, *block.rows)) for place in range(len(block.headers))]
    widths = shared_widths(
        [_LETTER * count + _CELL for count in letters], _TEXT_WIDTH, kept=block.right, least=7 * _LETTER
    )
    head = _row(_cells(block.headers, widths, block.right, "CellHead"), head=True)
    kept = len(block.rows) if len(block.rows) <= _TOGETHER else 0
    styles = ["CellKept" if number < kept else "Cell" for number in range(1, len(block.rows) + 1)]
    rows = (_row(_cells(row, widths, block.right, style)) for row, style in zip(block.rows, styles, strict=True))
    return _of_rows("Rules", widths, [head, *rows])


def _cells(row: Iterable[str], widths: Iterable[int], right: frozenset[int], style: str) -> list[str]:
    return [
        _cell(_paragraph(_unbroken(text) if place in right else text, style, right=place in right), width)
        for place, (text, width) in enumerate(zip(row, widths, strict=False))
    ]


def _unbroken(number: str) -> str:
    return number.replace(" ", NO_BREAK)


def _cell(paragraphs: str, width: int) -> str:
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraphs}</w:tc>'


def _row(cells: Iterable[str], *, head: bool = False) -> str:
    repeated = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{repeated}</w:trPr>{''.join(cells)}</w:tr>"


def _of_rows(style: str, widths: Iterable[int], rows: Iterable[str]) -> str:
    wide = list(widths)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in wide)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{style}"/><w:tblW w:w="{sum(wide)}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblLook w:firstRow="1"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"{''.join(rows)}</w:tbl>"
    )
