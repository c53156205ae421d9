"""How often and from which seed a trial is simulated when nobody says."""

from __future__ import annotations

from typing import Final

DEFAULT_REPLICATES: Final = 100_000
EVENT_REPLICATES: Final = 10_000
"""Of trials that are conducted event by event."""
EVENT_SIZE_REPLICATES: Final = 2_000
"""Of each step of a search for a size, event by event."""
SHOOT_OUT_REPLICATES: Final = 10_000
SWEEP_REPLICATES: Final = 10_000
"""Of every point of a sweep."""
EVENT_SWEEP_REPLICATES: Final = 1_000
"""The same event by event."""
ASSURANCE_DRAWS: Final = 400
DEFAULT_SEED: Final = 20201201
