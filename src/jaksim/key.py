"""One key of a scenario file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

REQUIRED: Final = object()


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a scenario file.

    `kind` names what it holds (see `jaksim.scenario.section.KINDS`), `default` is `REQUIRED` when there is none,
    `allowed` lists the only words accepted, and `low` and `high` bound numbers, both included.
    """

    name: str
    kind: str
    description: str
    default: Any = None
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def required(self) -> bool:
        """True when the key has to be given."""
        return self.default is REQUIRED


ASSUMPTION = Key(
    "assumption",
    "text",
    "Why a value is assumed where none is published; printed beside the value, which is marked.",
    "",
)
SOURCE = Key("source", "text", "Where the values come from; without it they are printed as assumptions.", "")
