"""The interim analyses of a trial: when they happen, what they test and how information is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaksim.errors import InputError
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.trigger import Trigger

Information = Literal["planned", "events", "complete"]
INFORMATION = ("planned", "events", "complete")


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Repeated tests of one analysis against boundaries.

    `interims` say when the interim analyses happen, `last` when the last one does: once every outcome is complete if
    None. `information` is "planned" (the bounds of the plan whatever the data hold), "events" or "complete" (bounds at
    the events or complete outcomes in the data, in parts of `maximum`, that of the last analysis as planned).
    """

    analysis: str
    boundaries: Boundaries
    interims: tuple[Trigger, ...]
    last: Trigger | None = None
    information: Information = "planned"
    maximum: float | None = None

    def __post_init__(self) -> None:
        planned = self.boundaries.plan.looks - 1
        if len(self.interims) != planned:
            raise InputError(
                f"the boundaries are for {planned} interim analyses",
                where="monitoring",
                allowed=f"{planned} triggers",
                got=len(self.interims),
            )
        if self.information not in INFORMATION:
            raise InputError("unknown information", where="monitoring", allowed=INFORMATION, got=self.information)
        if self.maximum is not None and not self.maximum >= 1.0:
            raise InputError(
                "the information of the last analysis is not positive",
                where="monitoring",
                allowed="1 or more",
                got=self.maximum,
            )
        if self.information == "events" and self.maximum is None:
            raise InputError(
                "information by events needs the events of the last analysis",
                where="monitoring",
                allowed="a number in 'maximum'",
            )

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.interims) + 1
