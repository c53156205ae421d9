"""The plan of interim analyses: when, with which boundaries, and which of them are tested."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from jaksim.errors import InputError
from jaksim.normal_law import quantile
from jaksim.trial.monitoring.boundary_families import Family
from jaksim.trial.monitoring.futility import ByFinalBound, FutilityBounds
from jaksim.trial.monitoring.integration import check_information
from jaksim.trial.monitoring.spending import ObrienFleming, SpendingFunction
from jaksim.trial.monitoring.words import SPENDING, Efficacy, Futility

LEAST_ERROR = 1e-10


@dataclass(frozen=True, kw_only=True)
class MonitoringPlan:
    """Analyses at fractions of the planned information, the last at 1.

    `alpha` is the level of the whole trial, shared by both tails when `sides` is 2. `futility` stops for a small
    effect: a spending function of `beta`, given bounds, or a rule such as
    conditional power; with two sides it works on |z|. If
    `binding`, alpha counts on stopping there; otherwise the upper bounds hold without it. `harm` spends `harm_alpha`
    under the null at a lower boundary of a one-sided trial, and binds only without futility. `efficacy_off` and
    `futility_off` are the numbers (from 1) of interim analyses at which that is not tested; what would have been spent
    there is spent at the next. The power is 1 - `beta` under the planned drift.

    `tests` numbers the test that is made at each analysis (K,), the same one everywhere when empty. Analyses with one
    number have the joint law of the integrals. Between numbers nothing is known of it, so what each spends is counted
    in full, as by Bonferroni: the level is kept whatever the correlation, and there is no planned drift. Raises
    InputError for a contradiction.
    """

    information: tuple[float, ...]
    efficacy: Efficacy = field(default_factory=ObrienFleming)
    alpha: float = 0.025
    sides: int = 1
    beta: float = 0.1
    futility: Futility | None = None
    binding: bool = False
    harm: SpendingFunction | None = None
    harm_alpha: float = 0.025
    efficacy_off: tuple[int, ...] = ()
    futility_off: tuple[int, ...] = ()
    tests: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        times = check_information(self.information)
        if times[-1] > 1.0 + 1e-9:
            raise InputError("the information passes 1", where="information", allowed="at most 1", got=times.tolist())
        if times[-1] < 1.0 - 1e-9:
            raise InputError("the plan ends early", where="information", allowed="1 at the last", got=times.tolist())
        object.__setattr__(self, "information", (*times[:-1].tolist(), 1.0))
        if self.sides not in (1, 2):
            raise InputError("a trial is one- or two-sided", where="sides", allowed="1 or 2", got=self.sides)
        _check_error("alpha", self.alpha, 0.5 * self.sides)
        _check_error("beta", self.beta, 1.0 - self.alpha / self.sides)
        _check_error("harm_alpha", self.harm_alpha, 1.0 if self.harm is None else 1.0 - self.alpha + 1e-9)
        self._check_lower()
        _check_looks("no_efficacy", self.efficacy_off, len(times))
        _check_looks("no_futility", self.futility_off, len(times))
        self._check_tests()

    def _check_tests(self) -> None:
        if not self.tests:
            object.__setattr__(self, "tests", (0,) * self.looks)
        if len(self.tests) != self.looks:
            raise InputError(
                "the tests do not fit the analyses", where="tests", allowed=f"{self.looks} numbers", got=len(self.tests)
            )
        if self.joint:
            return
        why = "with more than one test"
        if isinstance(self.efficacy, Family):
            raise InputError(f"{why} a boundary of given shape has no constant", where="spending", allowed=SPENDING)
        if self.futility is not None and not isinstance(self.futility, FutilityBounds):
            raise InputError(
                f"{why} no drift is planned that futility could follow",
                where="futility",
                allowed="'z:BOUND,...', or futility_analysis",
            )
        if self.binding:
            raise InputError(f"{why} no bound can count on futility", where="binding", allowed="binding = false")
        if self.harm is not None:
            raise InputError(f"{why} there is no boundary for harm", where="harm", allowed="none")

    def _check_lower(self) -> None:
        if self.harm is not None and self.sides == 2:
            raise InputError("a two-sided trial tests for harm already", where="harm", allowed="one side")
        if self.binding and self.futility is None and self.harm is None:
            raise InputError("there is no lower boundary that could bind", where="binding", allowed="with futility")
        if self.binding and self.harm is not None and self.futility is not None:
            raise InputError("futility binds only without a boundary for harm", where="binding", allowed="not binding")
        if self.futility_off and self.futility is None:
            raise InputError("there is no futility test to switch off", where="no_futility")
        if self.sides == 2 and isinstance(self.futility, ByFinalBound):
            raise InputError("this rule stops one-sided trials only", where="futility", allowed="one side")
        if isinstance(self.futility, FutilityBounds):
            self._check_futility_bounds(self.futility)
        elif self.futility is not None and not isinstance(self.futility, ByFinalBound) and self.looks > 1:
            spent = float(self.futility.spent(self.information[-2], self.beta))
            if spent > self.beta * (1.0 - 1e-9):
                allowed = "something left for the last analysis"
                raise InputError("the interim analyses spend all of beta", where="futility", allowed=allowed, got=spent)

    def _check_futility_bounds(self, futility: FutilityBounds) -> None:
        if self.sides == 2 and any(-math.inf < bound < 0.0 for bound in futility.bounds):
            raise InputError(
                "a two-sided trial stops for futility at small |z|",
                where="futility",
                allowed="bounds of 0 or more",
                got=list(futility.bounds),
            )
        if len(futility.bounds) != self.looks - 1:
            raise InputError(
                "wrong number of futility bounds",
                where="futility",
                allowed=f"one for each of the {self.looks - 1} interim analyses",
                got=len(futility.bounds),
            )

    @property
    def joint(self) -> bool:
        """Whether one test is made at all analyses, so that their joint law is known."""
        return len(set(self.tests)) == 1

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.information)

    @property
    def times(self) -> NDArray[np.float64]:
        """The fractions as an array."""
        return np.array(self.information)

    @property
    def fixed_drift(self) -> float:
        """Drift that gives the power without interim analyses: z_alpha + z_beta."""
        return -quantile(self.alpha / self.sides) - quantile(self.beta)


def fractions(looks: int | None, information: tuple[float, ...] | None) -> tuple[float, ...]:
    """Equally spaced analyses, or those given; InputError unless exactly one of the two is."""
    if (looks is None) == (information is None):
        raise InputError(
            "one description of the times of the analyses is needed",
            where="looks, information",
            allowed="either a number of looks or fractions",
        )
    if information is not None:
        return information
    assert looks is not None
    if not 1 <= looks <= 200:
        raise InputError("the number of analyses is out of range", where="looks", allowed="1 to 200", got=looks)
    return tuple((k + 1) / looks for k in range(looks))


def _check_error(name: str, value: float, largest: float) -> None:
    if not (math.isfinite(value) and LEAST_ERROR <= value < largest):
        words = name.replace("_", " ")
        allowed = f"{LEAST_ERROR:g} <= {words} < {largest:g}"
        raise InputError(f"{words} is out of range", where=name, allowed=allowed, got=value)


def _check_looks(name: str, numbers: tuple[int, ...], looks: int) -> None:
    for number in numbers:
        if not 1 <= number < looks:
            allowed = f"1 to {looks - 1}, the numbers of the interim analyses"
            raise InputError("no interim analysis has this number", where=name, allowed=allowed, got=number)
