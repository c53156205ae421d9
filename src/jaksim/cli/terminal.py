"""Reports on standard output: styled and fitted on a terminal, plain text otherwise."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jaksim.cli.output import write_text

if TYPE_CHECKING:
    from rich.console import RenderableType


def print_report(parts: Iterable[RenderableType]) -> None:
    """Print a report; a terminal gets bold headings and its own width, up to 120 characters."""
    if not sys.stdout.isatty():
        from jaksim.report.layout import as_text

        write_text(as_text(parts))
        return
    from rich.console import Console

    from jaksim.report.layout import NARROWEST

    console = Console(highlight=False)
    console.width = min(max(console.width, NARROWEST), 120)
    for part in parts:
        console.print(part)
