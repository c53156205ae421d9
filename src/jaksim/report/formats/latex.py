"""Reports as LaTeX: an article with booktabs rules, whose tables can be taken over one by one."""

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
    Paragraph,
    Table,
    Title,
    Verbatim,
)
from jaksim.report.formats.widths import shared_widths

_SIGNS: Final = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "[": "{[}",  # behind a line end it would be an option
    "]": "{]}",
    "*": "{*}",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}",
    "\u00a0": "~",
    "±": r"\ensuremath{\pm}",
    "×": r"\ensuremath{\times}",
    "−": r"\ensuremath{-}",
    "≤": r"\ensuremath{\le}",
    "≥": r"\ensuremath{\ge}",
    "≈": r"\ensuremath{\approx}",
    "≠": r"\ensuremath{\ne}",
    "∞": r"\ensuremath{\infty}",
    "→": r"\ensuremath{\rightarrow}",
    "·": r"\ensuremath{\cdot}",
    "²": r"\ensuremath{^2}",
    "µ": r"\textmu{}",
    "α": r"\ensuremath{\alpha}",
    "β": r"\ensuremath{\beta}",
    "δ": r"\ensuremath{\delta}",
    "κ": r"\ensuremath{\kappa}",
    "λ": r"\ensuremath{\lambda}",
    "μ": r"\ensuremath{\mu}",
    "ρ": r"\ensuremath{\rho}",
    "σ": r"\ensuremath{\sigma}",
    "τ": r"\ensuremath{\tau}",
    "θ": r"\ensuremath{\theta}",
    "Δ": r"\ensuremath{\Delta}",
    "–": "--",
    "—": "---",
    "…": r"\ldots{}",
}
_SPACES: Final = re.compile("^ +|  +")
_EACH: Final = re.compile(r"--+|.", re.DOTALL)
# Letters that the fonts of an article have: Latin 1, Latin Extended-A and quotation marks.
_KNOWN: Final = re.compile("[\x00-\u017f\u2018-\u201e]")
_PREAMBLE: Final = r"""\documentclass[10pt,a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage{lmodern}
\usepackage[margin=2.2cm]{geometry}
\usepackage{array}
\usepackage{booktabs}
\usepackage{longtable}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.5em}
\setlength{\LTleft}{0pt}
\setlength{\tabcolsep}{4pt}
\emergencystretch=3em
"""
_LINE: Final = 104
"""So many characters of a table stand beside each other on a page."""
_LEAST: Final = 8


def document(blocks: Iterable[Block]) -> str:
    """A whole article."""
    body = "\n\n".join(part for block in blocks for part in _shown(block))
    return f"{_PREAMBLE}{_strange(body)}\\begin{{document}}\n\n{body}\n\n\\end{{document}}\n"


def _strange(body: str) -> str:
    """Letters that the fonts lack, by their numbers, so that none is lost unseen."""
    strange = sorted({letter for letter in body if not _KNOWN.match(letter)})
    return "".join(
        f"\\DeclareUnicodeCharacter{{{ord(letter):04X}}}{{\\texttt{{U+{ord(letter):04X}}}}}\n" for letter in strange
    )


def _shown(block: Block) -> Iterator[str]:
    match block:
        case str():
            if block.strip():
                yield _text(block.strip())
        case Title():
            yield f"\\section*{{{_escaped(one_line(block.text))}}}"
        case Heading():
            yield f"\\subsection*{{{_escaped(one_line(block.text))}}}"
        case Paragraph():
            yield _text(block.text)
        case Verbatim():
            yield _verbatim(printable(block.text))
        case Entry():
            remark = f" ({_escaped(block.remark)})" if block.remark else ""
            yield f"\\textbf{{{_escaped(block.term)}}}{remark}\\\\\n{_text(block.text)}"
        case Definitions():
            yield _definitions(block)
        case Table():
            yield _table(block)
        case Figure():
            return


def _escaped(text: str) -> str:
    # Two hyphens would become a dash.
    return _EACH.sub(lambda found: _SIGNS.get(found[0], found[0].replace("--", "-{}-{}")), printable(text))


def _text(text: str) -> str:
    return "\\\\\n".join(_escaped(line.strip()) for line in text.split("\n"))


def _verbatim(text: str) -> str:
    lines = (_SPACES.sub(lambda found: "~" * len(found[0]), _escaped(line)) or "~" for line in text.split("\n"))
    return "{\\small\\ttfamily\\raggedright\n" + "\\\\\n".join(lines) + "\n\n}"


def _definitions(block: Definitions) -> str:
    rows = []
    for term, lines in block.rows:
        shown = [_cell(line if isinstance(line, str) else f"{line[0]}: {line[1]}") for line in lines]
        rows.append(_cell(term) + " & " + r" \newline ".join(shown) + r" \\")
    columns = r"@{}>{\raggedright\arraybackslash}p{0.2\linewidth}>{\raggedright\arraybackslash}p{0.75\linewidth}@{}"
    return "\n".join([f"\\begin{{longtable}}{{{columns}}}", *rows, r"\end{longtable}"])


def _table(block: Table) -> str:
    head, *rows = (" & ".join(_cell(cell) for cell in row) + r" \\" for row in (block.headers, *block.rows))
    return "\n".join(
        [
            f"{{\\small\\begin{{longtable}}{{@{{}}{_kinds(block)}@{{}}}}",
            r"\toprule",
            head,
            r"\midrule",
            r"\endhead",
            *rows,
            r"\bottomrule",
            r"\end{longtable}}",
        ]
    )


def _cell(text: str) -> str:
    return _escaped(" ".join(text.split("\n")))


def _kinds(block: Table) -> str:
    """How columns are set: numbers to the right; text wrapped, where a row is too long for the page."""
    places = range(len(block.headers))
    widths = [max(len(row[place]) for row in (block.headers, *block.rows) if place < len(row)) for place in places]
    shared = shared_widths(widths, _LINE - 2 * len(widths), kept=block.right, least=_LEAST)
    if shared == widths:
        return "".join("r" if place in block.right else "l" for place in places)
    return "".join(
        "r"
        if place in block.right
        else f">{{\\raggedright\\arraybackslash}}p{{{0.98 * shared[place] / _LINE:.3f}\\linewidth}}"
        for place in places
    )
