"""Kinds of the lower bound of a trial, and what an analysis may still spend."""

from __future__ import annotations

from typing import Final

NO_LOWER: Final = 0
MIRRORED: Final = 1
GIVEN_OR_SPENT: Final = 2
WEDGE: Final = 3
ROUNDING: Final = 1e-12


def left(allowed: float, used: float) -> float:
    """What may still be spent; nothing where only rounding is left."""
    rest = allowed - used
    return rest if rest > ROUNDING * allowed else 0.0
