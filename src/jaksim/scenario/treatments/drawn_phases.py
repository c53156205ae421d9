"""Phases of the disease as their uncertain days allow, and the effects that go with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from jaksim.arrays import Floats
from jaksim.model.disease import DiseaseModel
from jaksim.model.effect import TreatmentEffect
from jaksim.model.phase import Phase
from jaksim.model.regimen import Treatment
from jaksim.scenario.treatments.acts_through import ActsThrough
from jaksim.scenario.treatments.courses import days_acted_on, moves_by_score, scaled


@dataclass(frozen=True)
class DrawnPhases:
    """The phases of treatments that act `through` them, in a `model` at the estimates.

    Effects that are stated on an endpoint stay with the phase at its estimate, for which they were solved.
    """

    model: DiseaseModel
    through: Mapping[str, ActsThrough]

    @cached_property
    def phases(self) -> dict[str, Phase]:
        """Phases that are not those of stated effects alone, by name."""
        acting = (acts for acts in self.through.values() if acts.reference is not None)
        return {acts.phase.name: acts.phase for acts in acting}

    @cached_property
    def count(self) -> int:
        """How many standard normal numbers a draw takes."""
        return sum(len(phase.uncertain) for phase in self.phases.values())

    def drawn(self, treatments: Mapping[str, Treatment], normals: Sequence[float]) -> dict[str, Treatment]:
        """The treatments, with effects of any size, that go with the phases of a draw and have this size on average."""
        found, left = dict(treatments), list(normals)
        phases = {}
        for name, phase in self.phases.items():
            phases[name], left = phase.drawn(left[: len(phase.uncertain)]), left[len(phase.uncertain) :]
        for name, acts in self.through.items():
            if acts.phase.name in phases and acts.reference is not None:
                effects = zip(found[name].effects, self._acted_on[name], strict=True)
                moved = tuple(_moved(effect, phases[acts.phase.name], *days) for effect, days in effects)
                found[name] = replace(found[name], effects=moved)
        return found

    @cached_property
    def _acted_on(self) -> dict[str, list[tuple[dict[int, Floats], Floats]]]:
        """Of each effect of a treatment, the moves on each day since onset by baseline score, and the days evenly."""
        return {
            name: [self._days(effect, acts) for effect in self.model.treatments[name].effects]
            for name, acts in self.through.items()
            if acts.reference is not None
        }

    def _days(self, effect: TreatmentEffect, acts: ActsThrough) -> tuple[dict[int, Floats], Floats]:
        assert acts.reference is not None
        moves = moves_by_score(self.model, effect, acts.followed)
        by_score = {score: days_acted_on(effect, acts.reference, made) for score, made in moves.items()}
        return by_score, days_acted_on(effect, acts.reference, np.ones(acts.followed))


def _moved(effect: TreatmentEffect, phase: Phase, acted_on: Mapping[int, Floats], evenly: Floats) -> TreatmentEffect:
    """An effect, of another size, that goes with another phase; its course stays where none gives its size there."""
    return replace(effect, course=scaled(phase, effect.log_hazard_ratio, acted_on, evenly) or effect.course)
