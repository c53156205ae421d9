"""The interim analyses of a trial: when they happen, what they test and how information is counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jaksim.errors import InputError
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.trigger import Condition, Trigger

Information = Literal["planned", "events", "complete"]
INFORMATION = ("planned", "events", "complete")


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Repeated tests of one analysis against boundaries.

    `interims` say when the interim analyses happen, `last` when the last one does: once every outcome is complete if
    None. `information` is "planned" (the bounds of the plan whatever the data hold), "events" or "complete" (bounds at
    the events or complete outcomes in the data, in parts of `maximum`, that of the last analysis as planned).
    With `pipeline` all patients of a trial that stopped are analysed once more when their follow-up is complete, which
    decides nothing.
    """

    analysis: str
    boundaries: Boundaries
    interims: tuple[Trigger, ...]
    last: Trigger | None = None
    information: Information = "planned"
    maximum: float | None = None
    pipeline: bool = False

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
            raise InputError("unknown information", where="information", allowed=INFORMATION, got=self.information)
        if self.maximum is not None and not self.maximum >= 1.0:
            raise InputError(
                "the information of the last analysis is not positive",
                where="maximum",
                allowed="1 or more",
                got=self.maximum,
            )
        if self.information == "events" and self.maximum is None:
            raise InputError(
                "information by events needs the events of the last analysis",
                where="maximum",
                allowed="a number in 'maximum'",
            )

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.interims) + 1

    def check_size(self, patients: int) -> None:
        """Raise InputError where a trial of so many patients never gets to an analysis, or to one before the next."""
        if self.maximum is not None and self.maximum > patients:
            raise InputError(
                "the last analysis is planned with more than all patients can give",
                where="monitoring.maximum",
                allowed=f"at most {patients}",
                got=self.maximum,
            )
        planned = {"events": self.maximum or patients}
        before: tuple[Condition, float] | None = None
        for trigger in (*self.interims, self.last):
            for one in trigger.conditions if trigger is not None else ():
                if one.quantity != "day" and not one.share and one.value > patients:
                    raise InputError(
                        f"the trial has {patients} patients",
                        where="monitoring, trigger",
                        allowed=f"numbers up to {patients}",
                        got=str(one),
                    )
            if trigger is None or len(trigger.conditions) > 1:
                before = None
                continue
            (one,) = trigger.conditions
            number = one.value * planned.get(one.quantity, patients) if one.share else one.value
            if before is not None and _same(one, before[0]) and number <= before[1]:
                raise InputError(
                    "an analysis is due no later than the one before it",
                    where="monitoring, trigger",
                    allowed=f"more than '{before[0]}'",
                    got=str(one),
                )
            before = (one, number)


def _same(one: Condition, other: Condition) -> bool:
    return (one.quantity, one.endpoint) == (other.quantity, other.endpoint)
