"""What can be said to `show_phases`."""

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
            raise InputError("is no day", allowed="days since onset, such as 3,7,14", got=word)
    return tuple(int(word) for word in words)


@dataclass(frozen=True, kw_only=True)
class ShowPhasesOptions(Options):
    """Which days since onset of a scenario are tabled."""

    onset: Sequence[int] = option(
        (),
        "Days since onset at randomisation that are tabled beside the groups up to 5, 6 to 10 and over 10, such as "
        "3,7,14.",
        metavar="DAY,DAY,...",
        holds=str | None,
        read=_days,
    )
    changes: Sequence[str] = shared.changes()
