"""What every adaptive design has in common as a part of a trial."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from jaksim.analysis.margin import EQUIVALENCE, SUPERIORITY
from jaksim.errors import InputError
from jaksim.piecewise import PiecewiseConstant
from jaksim.trial.parts import TrialParts
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.trigger import Trigger


@dataclass(frozen=True, slots=True)
class Demands:
    """What a kind of design demands of the tests that it decides by, each with the statistical reason, nothing where it
    has no demand: tests of one side, of one margin (not equivalence, which has two), of superiority."""

    one_sided: str = ""
    one_margin: str = ""
    superiority: str = ""

    def check(self, plans: Iterable[AnalysisPlan], where: str) -> None:
        """InputError, with the reason, for a test that the design cannot decide by."""
        for plan in plans:
            if self.one_sided and plan.sides != 1:
                raise InputError(
                    f"{plan.name!r} is two-sided: {self.one_sided}", where=where, allowed="a one-sided test, sides = 1"
                )
            if self.superiority and plan.hypothesis != SUPERIORITY:
                raise InputError(
                    f"{plan.name!r} is a test of {plan.hypothesis}: {self.superiority}",
                    where=where,
                    allowed=SUPERIORITY,
                    got=plan.hypothesis,
                )
            if self.one_margin and plan.hypothesis == EQUIVALENCE:
                raise InputError(
                    f"{plan.name!r} is a test of equivalence, which has two tests: {self.one_margin}",
                    where=where,
                    allowed="a hypothesis with one margin, or none",
                )


class Adaptation(ABC):
    """Rules by which a trial changes while patients come, as a value that checks itself against the trial.

    `kind` is the word by which a scenario asks for this kind of design, `demands` what it demands of the tests that it
    decides by. With `allocates_anew` the patients that an arm will have are not known at the start.
    """

    kind: ClassVar[str]
    demands: ClassVar[Demands] = Demands()
    allocates_anew: ClassVar[bool] = False

    @abstractmethod
    def check(self, trial: TrialParts) -> None:
        """Raise InputError where the rules do not fit the trial."""

    @abstractmethod
    def describe(self) -> tuple[str, ...]:
        """The rules in sentences for a protocol."""

    def scaled(self, ratio: float) -> Adaptation:
        """The same rules for so many times the patients; InputError for a kind that cannot be scaled."""
        raise InputError(
            f"the size of a trial with the adaptation {self.kind!r} cannot be sought",
            where="adaptation",
            allowed="a trial without it, or its power at given sizes",
        )

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        """When the data are cut before the last analysis, as a condition or in words."""
        return ()

    def intake(self, weights: Mapping[str, float]) -> PiecewiseConstant | None:
        """Share of the patients who come that is recruited, by calendar day, with the weights of the strata by name;
        None for all."""
        return None
