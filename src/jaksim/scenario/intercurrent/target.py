"""What is known of a rule in place of its intensity or probability."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShareTarget:
    """The `share` of the patients of the arms concerned to whom a rule has happened by the last day.

    The rule is at a `position` among those of its `event`, at the place `where` in the file; `line` is that of what is
    assumed about it.
    """

    event: str
    position: int
    share: float
    where: str
    line: int
