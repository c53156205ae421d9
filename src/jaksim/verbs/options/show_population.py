"""What can be said to `show_population`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options


@dataclass(frozen=True, kw_only=True)
class ShowPopulationOptions(Options):
    """Changes to a scenario whose patients are shown."""

    changes: Sequence[str] = shared.changes()
