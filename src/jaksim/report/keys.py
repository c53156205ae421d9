"""The keys of scenario files as a list."""

from __future__ import annotations

from collections.abc import Iterator

from jaksim.report.blocks import Block
from jaksim.report.parts.layout import entry
from jaksim.verbs.keys import KeyList


def keys_report(found: KeyList) -> Iterator[Block]:
    """Path and kind of each key, with its description below."""
    for key in found.keys:
        yield entry(key.path, key.holds, key.description)
