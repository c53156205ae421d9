"""One planned analysis: which endpoint, which method, between which arms, in which strata, at what level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jaksim.analysis import get_method
from jaksim.analysis.margin import SUPERIORITY, check_hypothesis, targets
from jaksim.checks import distinct, known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.trial.adjustment import Adjustment
from jaksim.trial.site_strata import POOLED, SITES, check_sites

ROLES = ("primary", "key secondary", "secondary", "exploratory")

# A test at a smaller level has no critical value that numbers can tell from infinity.
LEAST_ALPHA = 1e-9


@dataclass(frozen=True, slots=True)
class AnalysisPlan:
    """A test of `active` against `reference` on one endpoint.

    `alpha` is the level of the test, shared by both tails when `sides` is 2; a one-sided test rejects only when the
    active arm does better. `strata` names the strata analysed, all when empty. `options` go to the method.

    `hypothesis` is superiority, non-inferiority or equivalence, and `margin` a value on the natural scale of the method
    (a ratio, a difference or a probability; mirrored at the null for equivalence) that the test is against. A test of
    non-inferiority, and each of the two of equivalence, is one-sided: a level shared by both tails is halved. An option
    `threshold`, the posterior probability that decides in a Bayesian analysis, makes the level one less it, one-sided.

    `pairs` names the arms (active, reference) that are compared; several pairs are compared side by side, each with
    strata of its own, as in the margin of a factorial design, and `active` and `reference` then only describe them.

    `sites` tells whether sites are strata of the analysis, one of `jaksim.trial.site_strata.SITES`; `adjustment` what
    it adjusts for patient by patient, None for an analysis of tables of counts.
    """

    name: str
    endpoint: str
    method: str
    active: str
    reference: str
    role: str = "secondary"
    alpha: float = 0.05
    sides: int = 2
    strata: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    pairs: tuple[tuple[str, str], ...] = ()
    hypothesis: str = SUPERIORITY
    margin: float | None = None
    sites: str = POOLED
    adjustment: Adjustment | None = None

    def __post_init__(self) -> None:
        where = f"analysis {self.name!r}"
        if self.role not in ROLES:
            raise InputError("unknown role of an analysis", where=where, allowed=ROLES, got=self.role)
        if not LEAST_ALPHA <= self.alpha < 1.0:
            allowed = f"{LEAST_ALPHA:g} <= alpha < 1"
            raise InputError("the level is out of range", where=where, allowed=allowed, got=self.alpha)
        if self.sides not in (1, 2):
            raise InputError("a test is one- or two-sided", where=where, allowed="1 or 2", got=self.sides)
        known(self.sites, SITES, "way with sites", where)
        try:
            check_hypothesis(self.hypothesis, self.margin)
        except InputError as error:
            raise error.at(where) from None
        threshold = self.options.get("threshold")
        if threshold is not None:
            if isinstance(threshold, bool) or not isinstance(threshold, int | float) or not 0.5 <= threshold < 1.0:
                allowed = "a posterior probability of at least 0.5 and below 1"
                raise InputError("no rule for a decision", where=f"{where}, threshold", allowed=allowed, got=threshold)
            object.__setattr__(self, "alpha", 1.0 - threshold)
            object.__setattr__(self, "sides", 1)
        if self.hypothesis != SUPERIORITY or self.margin is not None:
            object.__setattr__(self, "alpha", self.alpha / self.sides)
            object.__setattr__(self, "sides", 1)
        if not self.pairs:
            object.__setattr__(self, "pairs", ((self.active, self.reference),))
        for active, reference in self.pairs:
            if active == reference:
                raise InputError("an arm is compared with itself", where=where, allowed="two arms", got=active)
        arms = [arm for pair in self.pairs for arm in pair]
        for arm in arms:
            if arms.count(arm) > 1:
                raise InputError("an arm stands in two pairs", where=where, allowed="each arm once", got=arm)

    def check(self, arms: Sequence[str], strata: Sequence[str], endpoints: Mapping[str, Endpoint]) -> None:
        """InputError where arms, strata or endpoint are not those of the trial, or the method does not fit them."""
        where = f"analysis {self.name!r}"
        for arm in (arm for pair in self.pairs for arm in pair):
            known(arm, arms, "arm", where)
        known(self.endpoint, endpoints, "endpoint", where)
        for name in self.strata:
            known(name, strata, "stratum", where)
        distinct(self.strata, f"{where}: strata")
        method, endpoint = get_method(self.method), endpoints[self.endpoint]
        if endpoint.kind not in method.kinds:
            raise InputError(
                f"method {self.method!r} does not analyse {self.endpoint!r}, an endpoint of kind {endpoint.kind!r}",
                where=where,
                allowed=f"kinds {', '.join(method.kinds)}",
            )
        try:
            targets(method, endpoint, self.hypothesis, self.margin)
            check_sites(self.sites, method, self.options)
        except InputError as error:
            raise error.at(where) from None

    def difference(self, other: AnalysisPlan, parts: Sequence[str]) -> str | None:
        """The first of these parts, by name, in which the two plans differ; None where they are alike in all."""
        return next((part for part in parts if getattr(self, part) != getattr(other, part)), None)
