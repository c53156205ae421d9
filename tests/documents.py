"""Reading reports back: what each format holds, by readers that are not jaksim's."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser
from itertools import groupby

from docx import Document
from markdown_it import MarkdownIt

from jaksim.report.blocks import Definitions, Entry, Figure, Heading, Table

VOID = {"meta", "br", "link", "img", "hr", "path", "rect", "use", "circle", "line", "polygon", "polyline"}


def same(text):
    """Text as all formats have it: one blank for any space, line ends too."""
    return " ".join(text.replace("\u00a0", " ").split())


def tables_of(blocks):
    """The tables of a report: rows of text, the headers first."""
    return [
        [[same(cell) for cell in row] for row in (block.headers, *block.rows)]
        for block in blocks
        if isinstance(block, Table)
    ]


def terms_of(blocks):
    return [same(term) for block in blocks if isinstance(block, Definitions) for term, _ in block.rows]


def headings_of(blocks):
    return [same(block.text) for block in blocks if isinstance(block, Heading)]


class Page(HTMLParser):
    """A page of HTML: tables, headings, and each tag that was closed by another or never."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.faults, self.tables, self.headings, self.figures, self.tags = [], [], [], [], 0, []
        self.cell = None
        self.feed(text)
        self.close()
        self.faults += self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append({"data": dict(attrs).get("class") == "data", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th", "h2"):
            self.cell = ""
        elif tag == "figure":
            self.figures += 1
        elif tag == "br" and self.cell is not None:
            self.cell += " "

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append(same(self.cell))
        elif tag == "h2":
            self.headings.append(same(self.cell))

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data


def check_html(text, blocks):
    page = Page(text)
    assert page.faults == []
    assert [table["rows"] for table in page.tables if table["data"]] == tables_of(blocks)
    assert [row[0] for table in page.tables if not table["data"] for row in table["rows"]] == terms_of(blocks)
    assert page.headings == headings_of(blocks)
    assert "<script" not in text
    assert not re.search(r"(src|href)=\"(?!#|data:)", text), "a page needs no other file"


def _inline(token):
    return same(
        "".join(
            " " if child.type in ("softbreak", "hardbreak", "html_inline") else child.content
            for child in token.children
        )
    )


def check_markdown(text, blocks):
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    tables, headings, bold = [], [], []
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("td_open", "th_open"):
            tables[-1][-1].append(_inline(tokens[place + 1]))
        elif token.type == "heading_open" and token.tag == "h2":
            headings.append(_inline(tokens[place + 1]))
        elif token.type == "inline" and tokens[place - 2].type == "list_item_open":
            starts = [child.type for child in token.children[:2]]
            if "strong_open" in starts:
                bold.append(same(token.children[starts.index("strong_open") + 1].content))
    assert tables == tables_of(blocks)
    assert headings == headings_of(blocks)
    assert bold == terms_of(blocks)


def _disarmed(cell):
    return cell[1:] if cell[:1] == "'" else cell


def check_csv(text, blocks):
    rows = list(csv.reader(io.StringIO(text)))
    parts = [list(lines) for filled, lines in groupby(rows, key=bool) if filled]
    found = [[[_disarmed(same(cell)) for cell in row] for row in part[1:]] for part in parts]
    lists = (["term", "text"], ["term", "remark", "text"])
    assert [part for part in found if part[0] not in lists] == tables_of(blocks)
    entries = [block for block in blocks if isinstance(block, Entry)]
    listed = [row for part in found if part[0] == lists[1] for row in part[1:]]
    assert listed == [[same(one.term), same(one.remark), same(one.text)] for one in entries]
    named = [block for block in blocks if isinstance(block, Table | Definitions)]
    of_entries = [kind for kind, _ in groupby(blocks, lambda block: isinstance(block, Entry)) if kind]
    assert len({part[0][0] for part in parts}) == len(parts) == len(named) + len(of_entries)


def check_latex(text, blocks):
    body = text[text.index(r"\begin{document}") :]
    bare = re.sub(r"\\[\\{}$&#_%]", "", body.replace(r"\ensuremath{^2}", ""))
    depth = 0
    for letter in bare:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
    assert depth == 0
    assert not set(bare) & set('$#%^"')
    assert re.findall(r"\\begin\{(\w+)\}", body)[1:] == re.findall(r"\\end\{(\w+)\}", body)[:-1]
    assert body.count(r"\toprule") == len(tables_of(blocks))
    assert all(ord(letter) < 0x2100 for letter in body)


def check_docx(content, blocks):
    found = Document(io.BytesIO(content))
    tables = [[[same(cell.text) for cell in row.cells] for row in table.rows] for table in found.tables]
    kinds = [table.style.name for table in found.tables]
    assert [rows for rows, kind in zip(tables, kinds, strict=True) if kind == "Rules"] == tables_of(blocks)
    assert [row[0] for rows, kind in zip(tables, kinds, strict=True) if kind == "Terms" for row in rows] == terms_of(
        blocks
    )
    assert [same(one.text) for one in found.paragraphs if one.style.name == "Heading 1"] == headings_of(blocks)


def check_text(text, blocks):
    assert text
    assert not any(line != line.rstrip() for line in text.splitlines())


CHECKS = {
    "text": check_text,
    "markdown": check_markdown,
    "html": check_html,
    "csv": check_csv,
    "latex": check_latex,
    "docx": check_docx,
}


def figures_in(format, document):
    """How many figures a document shows."""
    if format == "html":
        return Page(document).figures
    return len(Document(io.BytesIO(document)).inline_shapes) if format == "docx" else 0


def check(format, document, blocks):
    """Hold a document against the blocks that it was written from."""
    CHECKS[format](document, [block for block in blocks if not isinstance(block, Figure)])
