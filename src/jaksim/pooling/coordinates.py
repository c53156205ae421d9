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
    """Positions in the vector of effects: of each class and cell, of each drug and cell, of interactions.

    `interactions` are pairs of class and kind, the kinds of a class one after the other.
    """

    classes: tuple[tuple[str, str], ...]
    drugs: tuple[tuple[str, str], ...]
    class_of: dict[str, str]
    interactions: tuple[tuple[str, str], ...]

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
                (treatment_class, kind)
                for treatment_class in dict.fromkeys(t.treatment_class for t in summaries if t.share is not None)
                for kind in KINDS
                if any(
                    t.share is not None and kind in t.kinds for t in summaries if t.treatment_class == treatment_class
                )
            ),
        )

    @property
    def size(self) -> int:
        """Length of the vector."""
        return len(self.classes) + len(self.drugs) + len(self.interactions)

    @property
    def names(self) -> tuple[str, ...]:
        """One name for each position: `class.cell`, `drug.cell`, `interaction.class.kind`."""
        owned = (f"{owner}.{cell}" for owner, cell in (*self.classes, *self.drugs))
        return (*owned, *(f"interaction.{treatment_class}.{kind}" for treatment_class, kind in self.interactions))

    def of_class(self, treatment_class: str, cell: str) -> int:
        """Position of the effect of a class."""
        return self.classes.index((treatment_class, cell))

    def of_drug(self, drug: str, cell: str) -> int:
        """Position of the effect of a drug where nobody is on glucocorticoids."""
        return len(self.classes) + self.drugs.index((drug, cell))

    def of_interaction(self, treatment_class: str, kind: str) -> int:
        """Position of what everybody on glucocorticoids adds to the effects of a class."""
        return len(self.classes) + len(self.drugs) + self.interactions.index((treatment_class, kind))

    def expected_interaction(self, treatment_class: str, kind: str, priors: PooledPriors) -> tuple[Floats, float]:
        """What the vector says of an interaction: weights (size,) of its expectation, and the variance that is left.

        The interaction of a class without trials is expected from those of the others.
        """
        weights = np.zeros(self.size)
        if (treatment_class, kind) in self.interactions:
            weights[self.of_interaction(treatment_class, kind)] = 1.0
            return weights, 0.0
        others = [self.of_interaction(*one) for one in self.interactions if one[1] == kind]
        alike = priors.interaction_shared
        weights[others] = alike / (1.0 + (len(others) - 1) * alike)
        return weights, priors.interaction_sd**2 * (1.0 - alike * float(weights.sum()))

    def design(self, trial: TrialEffects) -> Floats:
        """Matrix (C, size) from the vector to the expected effects of a trial."""
        rows = np.zeros((len(trial.cells), self.size))
        for row, (cell, kind) in zip(rows, zip(trial.cells, trial.kinds, strict=True), strict=True):
            row[self.of_drug(trial.drug, cell)] = 1.0
            if trial.share is not None:
                row[self.of_interaction(trial.treatment_class, kind)] = trial.share
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
        for kind in KINDS:
            at = [self.of_interaction(*one) for one in self.interactions if one[1] == kind]
            if at:
                root[:, np.array(at)[:, None], at] = priors.root_of_interactions(len(at))
        return root
