"""Parts of scenarios that were read before, for those who read many scenarios that differ in little."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 16


class Readings:
    """Remembers what the last few texts of each part were read as; values must not be changed."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    def of(self, part: str, source: Any, read: Callable[[], T]) -> T:
        """What `read` makes of `source`, plain values that decide about it alone."""
        key = (part, json.dumps(source, sort_keys=True, default=str))
        kept = self._kept
        if key not in kept:
            value = read()
            if len(kept) >= MOST:
                kept = {}
            # Threads may read the same part at once; each replaces the whole, so that none sees it half-made.
            self._kept = {**kept, key: value}
            return value
        found: T = kept[key]
        return found
