"""The formats of reports by name, with the endings of their files and the modules that write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jaksim.checks import known
from jaksim.errors import InputError

if TYPE_CHECKING:
    from jaksim.report.blocks import Block


@dataclass(frozen=True)
class Format:
    """How a report is written: endings of files, the module of the back end, whether it is binary, shows figures."""

    endings: tuple[str, ...]
    module: str
    binary: bool = False
    figures: bool = False


FORMATS: Final[dict[str, Format]] = {
    "text": Format((".txt",), "jaksim.report.formats.text"),
    "markdown": Format((".md",), "jaksim.report.formats.markdown"),
    "html": Format((".html", ".htm"), "jaksim.report.formats.html", figures=True),
    "csv": Format((".csv",), "jaksim.report.formats.csv"),
    "latex": Format((".tex",), "jaksim.report.formats.latex"),
    "docx": Format((".docx",), "jaksim.report.formats.docx", binary=True, figures=True),
}
"""Each module has `document(blocks)`, which gives text, or bytes where the format is binary."""


JSON: Final = "json"
"""The format that holds the numbers of an answer, not its report."""
_JSON_ENDING: Final = ".json"


def known_format(name: str, where: str = "format") -> Format:
    """The format of a report by name; InputError for another one."""
    known(name, (*FORMATS, JSON), "format", where)
    if name not in FORMATS:
        raise InputError("holds no report", where=where, allowed=FORMATS, got=name)
    return FORMATS[name]


def format_of_file(path: Path, where: str = "report") -> str:
    """The format of a file by its ending; InputError for another ending."""
    endings = {ending: name for name, found in FORMATS.items() for ending in found.endings} | {_JSON_ENDING: JSON}
    if path.suffix.lower() not in endings:
        raise InputError("a report cannot have this ending", where=where, allowed=endings, got=path.suffix or path.name)
    return endings[path.suffix.lower()]


def document(blocks: Iterable[Block], format: str, table: str | None = None) -> str | bytes:
    """A whole document in a format: text, or bytes of a binary one; of CSV also one `table` by its name."""
    module = import_module(known_format(format).module)
    if table is not None and format != "csv":
        raise InputError("one table is written as CSV only", where="‹table›", allowed="the format csv", got=format)
    written: str | bytes = module.document(blocks) if table is None else module.document(blocks, table)
    return written
