"""What commands write: one JSON object or tables on standard output, notes on standard error."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType


def write_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object on standard output; numbers that are not finite become null."""
    write_text(json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False))


def write_text(text: str) -> None:
    """Print text on standard output; a reader that has closed it, such as `head`, ends the command in peace."""
    try:
        print(text, flush=True)  # noqa: T201
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit from None


def note(text: str) -> None:
    """Print progress or a remark on standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, str | bool | int) or value is None:
        return value
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value)


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
