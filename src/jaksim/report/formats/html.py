"""Reports as HTML: one file that needs no other, with tables that keep their form when they are pasted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
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
from jaksim.report.formats.drawn import svg

STYLE: Final = """
.jaksim { font: 15px/1.45 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; color: #1d1d1f; max-width: 62em; }
.jaksim h1 { font-size: 1.5em; line-height: 1.25; margin: 0 0 .7em; }
.jaksim h2 { font-size: 1.12em; margin: 1.7em 0 .5em; color: #0b4a6f; }
.jaksim p { margin: .5em 0; max-width: 52em; }
.jaksim table { border-collapse: collapse; margin: .6em 0 1em; font-size: .94em; color: inherit; }
.jaksim table.data { border-top: 1.5px solid #444; border-bottom: 1.5px solid #444; }
.jaksim .scroll { overflow-x: auto; }
.jaksim th, .jaksim td { padding: .22em 1.1em .22em 0; text-align: left; vertical-align: top; background: none; }
.jaksim th:last-child, .jaksim td:last-child { padding-right: .2em; }
.jaksim thead th { border-bottom: 1px solid #444; font-weight: 600; vertical-align: bottom; }
.jaksim th.n, .jaksim td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.jaksim tbody th { font-weight: 600; max-width: 16em; }
.jaksim td.terms div + div { margin-top: .1em; }
.jaksim td.terms span { display: inline-block; min-width: 9.5em; font-variant-numeric: tabular-nums; }
.jaksim pre { font: 13px/1.4 ui-monospace, Consolas, "DejaVu Sans Mono", monospace; overflow-x: auto; }
.jaksim figure { margin: 1.2em 0; }
.jaksim figure svg { max-width: 100%; height: auto; }
.jaksim figcaption { font-size: .9em; color: #555; }
.jaksim dl { margin: .3em 0 .8em; }
.jaksim dt { font-weight: 600; }
.jaksim dt span { font-weight: 400; color: #555; }
.jaksim dd { margin-left: 1.6em; }
""".strip()
_PAGE: Final = """
body { margin: 2em; background: #fff; }
@media print { body { margin: 0; } .jaksim { font-size: 10pt; max-width: none; } .jaksim .scroll { overflow: visible; }
  .jaksim tr, .jaksim figure { break-inside: avoid; } .jaksim h2 { break-after: avoid; } }
""".strip()
_UNNAMED: Final = "Report"


def document(blocks: Iterable[Block]) -> str:
    """A whole page."""
    parts = list(blocks)
    named = next((block.text for block in parts if isinstance(block, Title)), _UNNAMED)
    body = "\n".join(_shown(parts))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(one_line(named))}</title>\n"
        f"<style>\n{_PAGE}\n{STYLE}\n</style>\n</head>\n"
        f'<body>\n<main class="jaksim">\n{body}\n</main>\n</body>\n</html>\n'
    )


def fragment(blocks: Iterable[Block]) -> str:
    """A part of a page with its style, as a notebook shows it."""
    body = "\n".join(_shown(blocks))
    return f'<div class="jaksim">\n<style>\n{STYLE}\n</style>\n{body}\n</div>\n'


def _shown(blocks: Iterable[Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case str():
                if block.strip():
                    yield f"<p>{_text(block)}</p>"
            case Title():
                yield f"<h1>{_text(one_line(block.text))}</h1>"
            case Heading():
                yield f"<h2>{_text(block.text)}</h2>"
            case Paragraph():
                yield f"<p>{_text(block.text)}</p>"
            case Verbatim():
                yield f"<pre>{_text(block.text)}</pre>"
            case Entry():
                remark = f" <span>({_text(block.remark)})</span>" if block.remark else ""
                yield f"<dl><dt>{_text(block.term)}{remark}</dt><dd>{_text(block.text)}</dd></dl>"
            case Definitions():
                yield _definitions(block)
            case Table():
                yield _table(block)
            case Figure():
                yield f"<figure>\n{svg(block)}\n<figcaption>{_text(block.caption)}</figcaption>\n</figure>"


def _text(text: str) -> str:
    return escape(printable(text)).replace("\n", "<br>\n")


def _definitions(block: Definitions) -> str:
    rows = "\n".join(
        f'<tr><th scope="row">{_text(term)}</th><td class="terms">{_lines(lines)}</td></tr>'
        for term, lines in block.rows
    )
    return f"<table>\n<tbody>\n{rows}\n</tbody>\n</table>"


def _lines(lines: Iterable[Line]) -> str:
    shown = [
        _text(line) if isinstance(line, str) else f"<span>{_text(line[0])}</span> {_text(line[1])}" for line in lines
    ]
    return shown[0] if len(shown) == 1 else "".join(f"<div>{line}</div>" for line in shown)


def _table(block: Table) -> str:
    number = ['class="n"' if place in block.right else "" for place in range(len(block.headers))]
    head = "".join(_tag("th", f'scope="col" {kind}', text) for text, kind in zip(block.headers, number, strict=True))
    rows = "\n".join(
        f"<tr>{''.join(_tag('td', kind, cell) for cell, kind in zip(row, number, strict=False))}</tr>"
        for row in block.rows
    )
    table = f'<table class="data">\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>'
    return f'<div class="scroll">{table}</div>'


def _tag(name: str, attributes: str, text: str) -> str:
    inside = re.sub(r"\s+", " ", f"{name} {attributes}").strip()
    return f"<{inside}>{_text(text)}</{name}>"
