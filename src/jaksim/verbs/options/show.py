"""What can be said to `show`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


def _days(text: str | None) -> tuple[int, ...]:
    """Days separated by commas."""
    words = [] if text is None else [word.strip() for word in text.split(",")]
    for word in words:
        if not word.isdecimal():
            raise InputError("is no day", allowed="days since randomisation, such as 7,14,28", got=word)
    return tuple(int(word) for word in words)


@dataclass(frozen=True, kw_only=True)
class ShowOptions(Options):
    """Which days of a scenario are tabled."""

    days: Sequence[int] = option(
        (),
        "Days since randomisation whose state occupation is printed, such as 7,14,28; the quarters of the follow-up "
        "when left out.",
        metavar="DAY,DAY,...",
        holds=str | None,
        read=_days,
    )
    changes: Sequence[str] = shared.changes()
