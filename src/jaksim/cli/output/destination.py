"""Where the answer of a command goes and in which format: --format, --report and --table, as they were given."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.report.formats.formats import FORMATS, JSON, format_of_file
from jaksim.whole_file import check_place, explained

TEXT: Final = "text"
NAMES: Final = (TEXT, JSON, *(name for name in FORMATS if name != TEXT))


@dataclass(frozen=True)
class Destination:
    """The format of standard output, a file with the same answer and its format, and the one table of it wanted."""

    screen: str = TEXT
    file: Path | None = None
    table: str | None = None

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that are needed."""
        return (self.screen,) if self.file is None else (self.screen, format_of_file(self.file))

    def shows_figures(self) -> bool:
        """Whether one of the formats has figures."""
        return any(FORMATS[name].figures for name in self.formats if name in FORMATS)


def destination(
    *, json: bool, format: str | None, report: str | None, table: str | None, others: Mapping[str, Any]
) -> Destination:
    """What the options say together; InputError, before anything is computed, where that cannot be done.

    `others` are the values of the command's other options: the file must not be one that the command reads or writes.
    """
    if format is not None and format not in NAMES:
        raise InputError("unknown format", where="--format", allowed=NAMES, got=format)
    if json and format not in (None, JSON):
        raise InputError("--json is --format json", where="--format", allowed="one of the two", got=format)
    screen = JSON if json else format or TEXT
    file = None if report is None else Path(report)
    if file is not None:
        _check_file(file, others)
    if screen != JSON and FORMATS[screen].binary:
        screen = _screen_beside(screen, file)
    found = Destination(screen, file, table)
    if table is not None and "csv" not in found.formats:
        raise InputError("one table is written as CSV only", where="--table", allowed="with --format csv")
    return found


def _check_file(file: Path, others: Mapping[str, Any]) -> None:
    format_of_file(file, "--report")
    with explained(file):
        check_place(file)
    for name, value in others.items():
        if isinstance(value, str | Path) and Path(value).resolve() == file.resolve():
            raise InputError(f"is the file of ‹{name}› too", where="--report", allowed="another file", got=str(file))


def _screen_beside(screen: str, file: Path | None) -> str:
    """The format of standard output where a binary one is asked for, which a terminal cannot show."""
    if file is not None and format_of_file(file) == screen:
        return TEXT
    if sys.stdout is not None and sys.stdout.isatty():
        ending = FORMATS[screen].endings[0]
        allowed = f"--report FILE{ending}, or > FILE{ending}"
        raise InputError("a binary file cannot be shown on a terminal", where="--format", allowed=allowed, got=screen)
    return screen
