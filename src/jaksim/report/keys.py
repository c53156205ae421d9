"""The keys of scenario files as a list."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from jaksim.report.parts.layout import plain
from jaksim.verbs.keys import KeyList


def keys_report(found: KeyList) -> Iterator[RenderableType]:
    """Path and kind of each key, with its description below."""
    for key in found.keys:
        yield Text.assemble((key.path, "bold"), f"  ({key.holds})" if key.holds else "")
        yield Padding(plain(key.description), (0, 0, 0, 4))
