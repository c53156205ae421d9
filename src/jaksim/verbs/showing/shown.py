"""The answer of `show`: what a scenario expects of its patients in each arm, by the exact law."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jaksim.design.expected.move_counts import MoveCount
from jaksim.design.expected.moves import MoveIntensity
from jaksim.design.expected.occupation import Occupation
from jaksim.design.expected.windows import WindowEffect
from jaksim.design.sums.expected import ExpectedEndpoint
from jaksim.design.sums.turn_share import TurnShare
from jaksim.result import Result
from jaksim.trial.assumption import Assumption


@dataclass(frozen=True)
class ShownArm:
    """An arm of the trial, what it gives and to how many patients in a hundred."""

    name: str
    regimen: str
    share: float
    reference: bool


@dataclass(frozen=True, repr=False)
class ShownScenario(Result):
    """What a scenario expects: state occupation, endpoints, moves and windows of effects, arm by arm.

    Nothing of it is simulated. Days count from randomisation, which is study day `day_of_randomisation`; `tabled` are
    those that the report prints. `scores` are those of the scale with their meaning, and `sets` its named sets of them;
    the reference arm is the first.
    """

    scenario: str
    title: str
    scale: str
    scores: Mapping[int, str]
    sets: Mapping[str, tuple[int, ...]]
    higher_is_worse: bool
    horizon: int
    day_of_randomisation: int
    arms: tuple[ShownArm, ...]
    endpoints: tuple[ExpectedEndpoint, ...]
    occupation: tuple[Occupation, ...]
    moves: tuple[MoveIntensity, ...]
    move_counts: tuple[MoveCount, ...]
    windows: tuple[WindowEffect, ...]
    tabled: tuple[int, ...]
    treatment_changes: tuple[TurnShare, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trial, arms and days."""
        return f"expected course of {self.title!r}: {len(self.arms)} arms, {self.horizon} days"

    def rows(self) -> list[dict[str, Any]]:
        """State occupation: one row for each arm, baseline score, day and state."""
        return [
            {
                "arm": one.arm,
                "baseline_score": "all" if one.baseline is None else str(one.baseline),
                "day": day,
                "state": state,
                "probability": probability,
            }
            for one in self.occupation
            for day, row in enumerate(one.probability)
            for state, probability in zip(one.states, row, strict=True)
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Each endpoint with what it comes to in each arm."""
        return [{"endpoint": one.endpoint, **{arm.arm: arm.text for arm in one.arms}} for one in self.endpoints]

    def contents(self) -> dict[str, Any]:
        """Everything by name, with the expected number of days in each state."""
        content = asdict(self)
        for entry, one in zip(content["occupation"], self.occupation, strict=True):
            entry["days"] = one.days
        return content
