"""Enrichment: after an interim analysis only a subgroup may be recruited.

Source: Brannath et al. (2009), Statistics in Medicine 28, 1445-1463; Jenkins, Stone and Jennison (2011), Pharmaceutical
Statistics 10, 347-356.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Final

import numpy as np

from jaksim.arrays import Floats, Integers
from jaksim.errors import InputError
from jaksim.trial.adaptive.adaptation import Adaptation, Demands
from jaksim.trial.adaptive.closed_testing import INTERSECTION_TESTS, ClosedTest
from jaksim.trial.adaptive.stages import analysis_at_level, stage_words
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.combination import InverseNormal
from jaksim.trial.parts import TrialParts
from jaksim.trial.trigger import Trigger

CHOICES: Final = ("stop", "subgroup", "full population", "both")
STOP, SUBGROUP, FULL, BOTH = range(len(CHOICES))


@dataclass(frozen=True, kw_only=True)
class Enrichment(Adaptation):
    """One interim analysis that chooses which of two populations, `full` and `subgroup` by name of their analyses, the
    trial goes on with.

    A population goes on where its z is at or above its limit, `full_limit` or `subgroup_limit`; the full one only where
    z of the patients outside the subgroup reaches `complement_limit` too. `boundaries` are of two one-sided analyses,
    for the inverse-normal combination of the stages in a closed test with `intersection` for the two hypotheses.
    """

    kind: ClassVar[str] = "enrichment"
    demands: ClassVar[Demands] = Demands(
        one_sided="two-sided p-values of the stages could be small in opposite directions and still combine",
        one_margin="which of the two has the smaller z may change between the stages",
    )
    full: str
    subgroup: str
    boundaries: Boundaries
    planned: int
    full_limit: float = 0.0
    subgroup_limit: float = 0.0
    complement_limit: float = -math.inf
    intersection: str = "dunnett"

    def __post_init__(self) -> None:
        if self.boundaries.plan.looks != 2:
            raise InputError("the boundaries are not for two analyses", where="boundaries")
        if self.full == self.subgroup:
            raise InputError("the populations do not differ", where="subgroup", got=self.subgroup)
        if self.intersection not in INTERSECTION_TESTS:
            raise InputError(
                "unknown test of the intersection", where="test", allowed=INTERSECTION_TESTS, got=self.intersection
            )

    @cached_property
    def combination(self) -> InverseNormal:
        """How the stages are joined."""
        return InverseNormal(self.boundaries)

    @cached_property
    def closed(self) -> ClosedTest:
        """The closed test of the full population and the subgroup, in this order."""
        return ClosedTest(2, self.intersection)

    @property
    def first(self) -> int:
        """Patients of the first stage."""
        return max(2, round(float(self.boundaries.information[0]) * self.planned))

    def choose(self, full: Floats, subgroup: Floats, complement: Floats) -> Integers:
        """Position in `CHOICES` (B,) by z (B,) of the populations at the interim analysis."""
        whole = (full >= self.full_limit) & (complement >= self.complement_limit)
        part = subgroup >= self.subgroup_limit
        return np.where(whole & part, BOTH, np.where(whole, FULL, np.where(part, SUBGROUP, STOP))).astype(np.int64)

    def check(self, trial: TrialParts) -> None:
        """InputError unless the two analyses differ in nothing but their strata."""
        alpha = self.boundaries.plan.alpha
        full, part = (analysis_at_level(trial, name, alpha, self.demands) for name in (self.full, self.subgroup))
        what = full.difference(part, ("endpoint", "method", "pairs", "options", "hypothesis", "margin"))
        if what is not None:
            raise InputError(
                f"the analyses of the two populations differ in {what}",
                where="adaptation.subgroup",
                allowed=str(getattr(full, what)),
                got=str(getattr(part, what)),
            )
        if full.strata or not part.strata or len(part.strata) >= len(trial.population.strata):
            raise InputError(
                "the populations do not lie one inside the other",
                where="adaptation",
                allowed="an analysis of all strata and one of some of them",
            )
        if trial.population.patients != self.planned:
            raise InputError("the plan is for another number of patients", where="adaptation", got=self.planned)

    def scaled(self, ratio: float) -> Enrichment:
        """The same rules for so many times the patients."""
        return replace(self, planned=round(self.planned * ratio))

    def data_cuts(self, trial: TrialParts) -> tuple[Trigger | str, ...]:
        return (f"{self.first:,} patients complete",)

    def describe(self) -> tuple[str, ...]:
        """The rules in sentences."""
        upper, last = (float(bound) for bound in self.boundaries.upper_z)
        early = f"; the trial stops for efficacy where a hypothesis is rejected at {upper:.3f}" if upper < 10.0 else ""
        outside = (
            f" and that of the patients outside the subgroup at least {self.complement_limit:g}"
            if math.isfinite(self.complement_limit)
            else ""
        )
        return (
            f"enrichment: when the outcomes of the first {self.first} patients are complete, the trial goes on with "
            f"the full population ({self.full!r}) where its z is at least {self.full_limit:g}{outside}, with the "
            f"subgroup ({self.subgroup!r}) where its z is at least {self.subgroup_limit:g}, with both or with "
            f"neither{early}",
            f"if the subgroup alone goes on, only its patients are recruited from then on, until there are "
            f"{self.planned} patients in all",
            f"closed test of inverse-normal combinations with planned weights, against {last:.4f}; both populations "
            f"together by {self.intersection.capitalize()}: {INTERSECTION_TESTS[self.intersection]}",
            stage_words("cohorts"),
        )
