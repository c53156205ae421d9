"""Which records of the catalogue a synthesis uses, why others are left out, and its priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior


@dataclass(frozen=True)
class ChosenTrial:
    """One trial: a printed ratio (`record`), or deaths of the first and second arm (`counts`).

    `modifier` names one record on the share of patients on glucocorticoids for all, or one for each arm;
    `modifier_missing` says why there is none.
    """

    study: str
    treatment_class: str
    agent: str
    record: str | None = None
    counts: tuple[str, ...] = ()
    modifier: tuple[str, ...] = ()
    modifier_missing: str = ""
    note: str = ""


@dataclass(frozen=True)
class Excluded:
    """A study that is not used, and why."""

    study: str
    reason: str


@dataclass(frozen=True)
class WithinTrial:
    """Two subgroup records of one study: patients with and without the modifier."""

    study: str
    present: str
    absent: str
    note: str


@dataclass(frozen=True)
class InteractionPlan:
    """How the effect changes with the share of patients on the modifier, across trials of these classes."""

    name: str
    unit: str
    classes: tuple[str, ...]
    prior: NormalPrior
    prior_reason: str
    modifier_study: str
    modifier_record: str
    modifier_reason: str
    within: tuple[WithinTrial, ...]


@dataclass(frozen=True)
class Selection:
    """A synthesis as its data file states it."""

    id: str
    title: str
    event: str
    better: str
    measure: str
    accepts: tuple[str, ...]
    note: str
    effect_prior: NormalPrior
    study_prior: TauPrior
    agent_prior: TauPrior
    prior_reasons: Mapping[str, str]
    classes: Mapping[str, str]
    class_in_question: str
    differ_by: float
    trials: tuple[ChosenTrial, ...]
    excluded: tuple[Excluded, ...]
    interaction: InteractionPlan | None
