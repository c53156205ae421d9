"""That a treatment acts through a phase of the disease, with the patients that its effects were found in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from jaksim.model.phase import Phase
from jaksim.scenario.treatments.onset import OnsetDays

FOLLOWED: Final = 28
"""Days over which the effect of a trial is averaged where nothing else is said."""


@dataclass(frozen=True)
class ActsThrough:
    """The phase that a treatment acts through, and the days since onset of the trial that its effects are from.

    Without `reference` (of effects that are stated on an endpoint) a log hazard ratio is that at level 1.
    """

    phase: Phase
    reference: OnsetDays | None
    followed: int = FOLLOWED
