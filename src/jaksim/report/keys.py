"""The keys of scenario files as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from jaksim.report.layout import plain


def keys_report(rows: Iterable[tuple[str, str, str]]) -> Iterator[RenderableType]:
    """Path and kind of each key, with its description below."""
    for path, holds, description in rows:
        yield Text.assemble((path, "bold"), f"  ({holds})" if holds else "")
        yield Padding(plain(description), (0, 0, 0, 4))
