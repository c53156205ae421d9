"""What a scenario changes about the effects of a treatment that a parameter set holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jaksim.model.effect import TreatmentEffect
from jaksim.model.regimen import Treatment


@dataclass(frozen=True)
class TreatmentChange:
    """The effects that are not those of the parameter set, by position; `base` is the treatment in the set.

    `effects` hold all that is said of them; `own` the positions of those whose size is the scenario's own, the others
    keep the size, and the uncertainty, of the set.
    """

    base: Treatment
    drug_class: str
    source: str
    effects: Mapping[int, TreatmentEffect]
    own: frozenset[int]

    def of(self, treatment: Treatment) -> Treatment:
        """The treatment of a parameter set, at its estimates or in a draw, with the changes made to it."""
        effects = list(treatment.effects)
        for position, changed in self.effects.items():
            size = {} if position in self.own else {"log_hazard_ratio": effects[position].log_hazard_ratio}
            effects[position] = replace(changed, **size)  # type: ignore[arg-type]
        return replace(
            treatment,
            drug_class=self.drug_class or treatment.drug_class,
            source=self.source or treatment.source,
            effects=tuple(effects),
        )
