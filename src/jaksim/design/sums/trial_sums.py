"""What is kept of the replicates of any trial: the sums of its planned analyses, and of its design in calendar time."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.design.sums.characteristics import Sums
from jaksim.design.sums.summary import Summary


@dataclass(slots=True)
class TrialSums:
    """Sums of the planned analyses, and those of the design where it is one in calendar time."""

    summary: Summary
    design: Sums | None = None

    @property
    def replicates(self) -> int:
        """How many replicates there were."""
        return self.summary.replicates

    def add(self, other: TrialSums) -> None:
        """Add the sums of other replicates."""
        self.summary.add(other.summary)
        if self.design is not None and other.design is not None:
            self.design.add(other.design)
