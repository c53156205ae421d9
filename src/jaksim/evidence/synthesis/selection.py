"""Which records of the catalogue a synthesis uses, why others are left out, and its priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior


@dataclass(frozen=True)
class ChosenTrial:
    """One trial: a printed ratio (`record`), or patients with the event of the first and second arm (`counts`).

    Each side of `counts` names one record, or those of strata that are added up. `modifier` names one record on the
    share of patients on glucocorticoids for all, or one for each arm; `modifier_missing` says why there is none.
    """

    study: str
    treatment_class: str
    agent: str
    record: str | None = None
    counts: tuple[tuple[str, ...], ...] = ()
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
    """Two subgroups of one study, patients with and without the modifier: a ratio of each, or counts of both arms."""

    study: str
    treatment_class: str
    present: tuple[str, ...]
    absent: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class ModifierEffect:
    """The record that says what the modifier does by itself."""

    study: str
    record: str
    reason: str


@dataclass(frozen=True)
class InteractionPlan:
    """How the effect changes with the share of patients on the modifier, across trials of these classes.

    Where arms differ in the modifier, what it does by itself is taken out; without `modifier` no arms may differ.
    """

    name: str
    unit: str
    classes: tuple[str, ...]
    prior: NormalPrior
    prior_reason: str
    modifier: ModifierEffect | None
    within: tuple[WithinTrial, ...]


@dataclass(frozen=True)
class Selection:
    """A synthesis as its data file states it; `events` are the names that studies give to its outcome.

    `definitions` says what each class counts as the outcome where that differs between classes ("" where it does not).
    """

    id: str
    title: str
    events: tuple[str, ...]
    better: str
    measure: str
    accepts: tuple[str, ...]
    note: str
    effect_prior: NormalPrior
    study_prior: TauPrior
    agent_prior: TauPrior
    prior_reasons: Mapping[str, str]
    classes: Mapping[str, str]
    definitions: Mapping[str, str]
    class_in_question: str
    differ_by: float
    trials: tuple[ChosenTrial, ...]
    excluded: tuple[Excluded, ...]
    interaction: InteractionPlan | None

    def compared(self, treatment_class: str) -> bool:
        """Whether a class counts the same as the class in question, so that their agents can be compared."""
        return self.definitions[treatment_class] == self.definitions[self.class_in_question]
