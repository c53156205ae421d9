"""What the hierarchy estimates, and how it is made of independent standard normal numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.pooling.priors import KINDS, PooledPriors
from jaksim.pooling.summaries import TrialEffects, kind_of_cell


@dataclass(frozen=True)
class Coordinates:
    """Positions in the vector of effects: of each class and cell, of each drug and cell, of interactions by kind."""

    classes: tuple[tuple[str, str], ...]
    drugs: tuple[tuple[str, str], ...]
    class_of: dict[str, str]
    interactions: tuple[str, ...]

    @classmethod
    def of(cls, summaries: Sequence[TrialEffects]) -> Coordinates:
        """All that the trials speak of, in the order in which they do."""
        class_of: dict[str, str] = {}
        for trial in summaries:
            if class_of.setdefault(trial.drug, trial.treatment_class) != trial.treatment_class:
                raise InputError("a drug of two classes", where=f"trial {trial.study}", got=trial.drug)
            for kind in trial.kinds:
                if kind not in KINDS:
                    raise InputError("unknown kind of effect", where=f"trial {trial.study}", allowed=KINDS, got=kind)
        return cls(
            classes=tuple(dict.fromkeys((t.treatment_class, cell) for t in summaries for cell in t.cells)),
            drugs=tuple(dict.fromkeys((t.drug, cell) for t in summaries for cell in t.cells)),
            class_of=class_of,
            interactions=tuple(
                kind for kind in KINDS if any(t.share is not None and kind in t.kinds for t in summaries)
            ),
        )

    @property
    def size(self) -> int:
        """Length of the vector."""
        return len(self.classes) + len(self.drugs) + len(self.interactions)

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each position: `class.cell`, `drug.cell`, `interaction.kind`."""
        owned = (f"{owner}.{cell}" for owner, cell in (*self.classes, *self.drugs))
        return (*owned, *(f"interaction.{kind}" for kind in self.interactions))

    def of_class(self, treatment_class: str, cell: str) -> int:
        """Position of the effect of a class."""
        return self.classes.index((treatment_class, cell))

    def of_drug(self, drug: str, cell: str) -> int:
        """Position of the effect of a drug where nobody is on glucocorticoids."""
        return len(self.classes) + self.drugs.index((drug, cell))

    def of_interaction(self, kind: str) -> int:
        """Position of what everybody on glucocorticoids adds."""
        return len(self.classes) + len(self.drugs) + self.interactions.index(kind)

    def design(self, trial: TrialEffects) -> Floats:
        """Matrix (C, size) from the vector to the expected effects of a trial."""
        rows = np.zeros((len(trial.cells), self.size))
        for row, (cell, kind) in zip(rows, zip(trial.cells, trial.kinds, strict=True), strict=True):
            row[self.of_drug(trial.drug, cell)] = 1.0
            if trial.share is not None:
                row[self.of_interaction(kind)] = trial.share
        return rows

    def root(self, priors: PooledPriors, between_drugs: Floats) -> Floats:
        """Matrices (N, size, size) from standard normal numbers to the vector; `between_drugs` is (N, kinds)."""
        root = np.zeros((len(between_drugs), self.size, self.size))
        for treatment_class, cell in self.classes:
            position = self.of_class(treatment_class, cell)
            root[:, position, position] = priors.class_sd
        for drug, cell in self.drugs:
            position = self.of_drug(drug, cell)
            root[:, position, self.of_class(self.class_of[drug], cell)] = priors.class_sd
            root[:, position, position] = between_drugs[:, KINDS.index(kind_of_cell(cell))]
        for kind in self.interactions:
            position = self.of_interaction(kind)
            root[:, position, position] = priors.interaction_sd
        return root
