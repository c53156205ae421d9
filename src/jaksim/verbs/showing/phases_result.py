"""The answer of `show_phases`: curves of the phases, effects by days since onset, and what was published by them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.result import Result, plain_values


@dataclass(frozen=True)
class PhaseCurve:
    """The level of a phase on days 0 to 28 since onset, with the 95 % limits that the days of its points leave."""

    phase: str
    level: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    source: str
    assumption: str


@dataclass(frozen=True)
class OnsetGroup:
    """Patients who come on some days since onset: `share` of all in the trial of reference, None of a single day."""

    name: str
    days: tuple[int, ...]
    weights: tuple[float, ...]
    share: float | None


@dataclass(frozen=True)
class EffectByOnset:
    """One effect of a treatment: its average hazard ratio in each group, with 95 % limits from those of the phase.

    `kept` is the part of the calibrated log hazard ratio that is left in a group.
    """

    treatment: str
    phase: str
    moves: str
    calibrated: float
    groups: tuple[str, ...]
    ratio: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    kept: tuple[float, ...]


@dataclass(frozen=True)
class OutcomeByOnset:
    """What comes of an arm in a group, and of the reference arm: each endpoint, and death by the end of follow-up.

    `odds_ratio` is that of death against the reference arm, `constant` the same with effects that do not go with a
    phase.
    """

    group: str
    arm: str
    endpoints: Mapping[str, float | None]
    texts: Mapping[str, str]
    deaths: float
    odds_ratio: float | None
    constant: float | None


@dataclass(frozen=True)
class PowerByOnset:
    """The power of a planned analysis, made once on complete data, of a trial all of whose patients come in a group.

    It is that of the law of large samples (exact in small trials), NaN where that is not to be relied on; with effects
    that do not go with a phase it is `constant` in every group.
    """

    analysis: str
    groups: tuple[str, ...]
    power: tuple[float, ...]
    constant: float


@dataclass(frozen=True)
class PublishedByOnset:
    """A published odds ratio of death by days since onset, beside that of an arm of the scenario in the same group.

    `z` counts the standard errors of the published log odds ratio between both, with the phase and with constant
    effects.
    """

    study: str
    record: str
    group: str
    arm: str
    estimate: float
    interval: tuple[float, float]
    expected: float
    z: float
    constant: float
    z_constant: float


@dataclass(frozen=True, repr=False)
class ShownPhases(Result):
    """How effects that act through phases of the disease depend on the days since onset at which patients come.

    `reference` are the days since onset, in words, of the trial that the effects of each treatment are from.
    """

    scenario: str
    title: str
    horizon: int
    phases: tuple[PhaseCurve, ...]
    reference: Mapping[str, str]
    groups: tuple[OnsetGroup, ...]
    effects: tuple[EffectByOnset, ...]
    outcomes: tuple[OutcomeByOnset, ...]
    powers: tuple[PowerByOnset, ...]
    published: tuple[PublishedByOnset, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trial and phases."""
        return f"effects by days since onset in {self.title!r}: phase {', '.join(one.phase for one in self.phases)}"

    def rows(self) -> list[dict[str, Any]]:
        """One row for each effect and group."""
        return [
            {
                "treatment": one.treatment,
                "phase": one.phase,
                "moves": one.moves,
                "days_since_onset": group,
                "hazard_ratio": ratio,
                "low": low,
                "high": high,
                "kept": kept,
            }
            for one in self.effects
            for group, ratio, low, high, kept in zip(one.groups, one.ratio, one.low, one.high, one.kept, strict=True)
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Deaths of each arm in each group."""
        return [
            {"days_since_onset": one.group, "arm": one.arm, "deaths": one.deaths, "odds_ratio": one.odds_ratio}
            for one in self.outcomes
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return plain_values(self)
