"""The interim analyses of a trial: when they happen, what they test and how information is counted."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from jaksim.errors import InputError
from jaksim.trial.parts import TrialParts, plan_named, watched_endpoint
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.trigger import Condition, Trigger, grown

if TYPE_CHECKING:
    from jaksim.trial.monitoring.boundaries import Boundaries

Information = Literal["planned", "events", "complete"]
INFORMATION = ("planned", "events", "complete")


@dataclass(frozen=True, slots=True)
class FutilityTest:
    """Stopping for futility judged by another analysis: where its z, positive for benefit, is below `z`.

    The bounds for efficacy do not count on it, so it never raises the level.
    """

    analysis: str
    z: float

    def __post_init__(self) -> None:
        if not math.isfinite(self.z):
            raise InputError("the bound is not a number", where="futility_z", allowed="a number", got=self.z)


@dataclass(frozen=True, slots=True)
class HarmTest:
    """Stopping for harm judged by another analysis, such as one of a safety event.

    The trial ends at an interim analysis (K - 1,) where its z, positive for benefit, is below `z` there, whatever the
    monitored analysis says; nothing is rejected then, so it never raises the level. `words` says how `z` was found.
    """

    analysis: str
    z: tuple[float, ...]
    words: str = ""

    def __post_init__(self) -> None:
        for bound in self.z:
            if not bound < 0.0:
                raise InputError("a bound for harm is below 0", where="harm", got=bound)


@dataclass(frozen=True, slots=True)
class Decision:
    """What decides at an analysis: the analysis whose z, positive for benefit, is compared with the planned bound `z`.

    In a two-sided trial bounds are on |z|, but not that of another analysis for futility.
    """

    analysis: str
    z: float


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """Repeated tests of one analysis against boundaries.

    `interims` say when the interim analyses happen, `last` when the last one does: once every outcome is complete if
    None. `information` is "planned" (the bounds of the plan whatever the data hold), "events" or "complete" (bounds at
    the events or complete outcomes in the data, in parts of `maximum`, that of the last analysis as planned).
    With `pipeline` all patients of a trial that stopped are analysed once more when their follow-up is complete, which
    decides nothing. `futility` has an entry for each interim analysis at which another analysis judges futility, None
    where the boundaries do; nothing when no interim analysis has one. `efficacy` names the analysis that is tested for
    efficacy at each interim analysis, the monitored one when empty, and the plan of the boundaries numbers their tests.
    `harm` is another analysis that ends the trial for harm, None where the boundaries do.
    """

    analysis: str
    boundaries: Boundaries
    interims: tuple[Trigger, ...]
    last: Trigger | None = None
    information: Information = "planned"
    maximum: float | None = None
    pipeline: bool = False
    futility: tuple[FutilityTest | None, ...] = ()
    efficacy: tuple[str, ...] = ()
    harm: HarmTest | None = None

    def __post_init__(self) -> None:
        planned = self.boundaries.plan.looks - 1
        if len(self.interims) != planned:
            raise InputError(
                f"the boundaries are for {planned} interim analyses",
                where="monitoring",
                allowed=f"{planned} triggers",
                got=len(self.interims),
            )
        if self.information not in INFORMATION:
            raise InputError("unknown information", where="information", allowed=INFORMATION, got=self.information)
        if self.maximum is not None and not self.maximum >= 1.0:
            raise InputError(
                "the information of the last analysis is not positive",
                where="maximum",
                allowed="1 or more",
                got=self.maximum,
            )
        if self.information == "events" and self.maximum is None:
            raise InputError(
                "information by events needs the events of the last analysis",
                where="maximum",
                allowed="a number in 'maximum'",
            )
        self._check_interims()

    def _check_interims(self) -> None:
        """Every interim analysis can stop the trial, and what judges futility there is another analysis."""
        found, binding = self.boundaries, self.boundaries.plan.binding
        if self.harm is not None:
            self._check_harm(self.harm)
        if not self.futility:
            object.__setattr__(self, "futility", (None,) * len(self.interims))
        if not self.efficacy:
            object.__setattr__(self, "efficacy", (self.analysis,) * len(self.interims))
        numbered = set(zip(self.tested, found.plan.tests, strict=True))
        if len(numbered) != len(set(found.plan.tests)):
            raise InputError("the boundaries count different analyses as one test", where="efficacy", got=self.tested)
        for k, judge in enumerate(self.futility):
            where = f"interim analysis {k + 1}"
            harm = self.harm_bound(k)
            if judge is None and not any(map(math.isfinite, (found.upper_z[k], found.lower_z[k], harm))):
                raise InputError(
                    "the trial cannot stop there, neither for efficacy nor for futility",
                    where=where,
                    allowed="a test for efficacy, futility or harm, or one analysis less",
                )
            if judge is not None and judge.analysis == self.efficacy[k]:
                raise InputError(
                    "the analysis that is tested has its futility bounds in 'futility'",
                    where=where,
                    allowed="another analysis, or futility = 'z:BOUND,...'",
                    got=judge.analysis,
                )
            if judge is not None and binding:
                raise InputError(
                    "no bound can count on stopping for futility by another analysis",
                    where=where,
                    allowed="binding = false",
                )

    def _check_harm(self, judge: HarmTest) -> None:
        if len(judge.z) != len(self.interims):
            raise InputError("every interim analysis has a bound", where="harm", allowed=f"{len(self.interims)} bounds")
        if judge.analysis in (self.analysis, *self.efficacy):
            raise InputError(
                "harm is judged by the analysis that is tested for efficacy",
                where="harm_analysis",
                allowed="another one; a one-sided analysis has a bound of its own in 'harm'",
                got=judge.analysis,
            )
        if self.boundaries.plan.harm is not None:
            raise InputError("two analyses judge harm", where="harm", allowed="one of the two")

    def harm_bound(self, look: int) -> float:
        """The bound for harm at an interim analysis (from 0), -inf where there is none."""
        if self.harm is not None:
            return self.harm.z[look] if look < len(self.interims) else -math.inf
        return -math.inf if self.boundaries.harm_z is None else float(self.boundaries.harm_z[look])

    @property
    def others(self) -> tuple[str, ...]:
        """Names of the analyses beside the monitored one that can end the trial."""
        names = [*self.efficacy, *(judge.analysis for judge in self.futility if judge is not None)]
        names += [] if self.harm is None else [self.harm.analysis]
        return tuple(name for name in dict.fromkeys(names) if name != self.analysis)

    @property
    def tested(self) -> tuple[str, ...]:
        """Name of the analysis that is tested for efficacy at each analysis (K,)."""
        return (*self.efficacy, self.analysis)

    @property
    def decisions(self) -> tuple[dict[str, Decision], ...]:
        """What decides at each analysis (K,), by the reason for which the trial can end."""
        found, futility = self.boundaries, self.boundaries.plan.futility is not None
        rows = []
        for k in range(self.looks):
            tested = self.tested[k]
            row = {"efficacy": Decision(tested, float(found.upper_z[k]))}
            if k < len(self.interims):
                judge = self.futility[k]
                bound = float(found.lower_z[k]) if futility else -math.inf
                row["futility"] = Decision(tested, bound) if judge is None else Decision(judge.analysis, judge.z)
            row["harm"] = Decision(tested if self.harm is None else self.harm.analysis, self.harm_bound(k))
            rows.append({reason: estimate for reason, estimate in row.items() if math.isfinite(estimate.z)})
        return tuple(rows)

    @property
    def looks(self) -> int:
        """Number of analyses, the last one included."""
        return len(self.interims) + 1

    @property
    def triggers(self) -> tuple[Trigger | None, ...]:
        """What triggers each analysis (K,), None for a last one once every outcome is complete."""
        return (*self.interims, self.last)

    def scaled(self, ratio: float) -> Monitoring:
        """The same analyses in a trial of so many times the patients; calendar days stay."""
        return replace(
            self,
            interims=tuple(grown(interim, ratio) for interim in self.interims),
            last=None if self.last is None else grown(self.last, ratio),
            maximum=None if self.maximum is None else max(1.0, round(self.maximum * ratio)),
        )

    def check(self, trial: TrialParts) -> None:
        """InputError where the analyses do not fit the trial."""
        plan = plan_named(trial, self.analysis, "monitoring")
        alpha, sides = self.boundaries.plan.alpha, self.boundaries.plan.sides
        if sides != plan.sides or abs(alpha - plan.alpha) > 1e-12:
            raise InputError(
                f"the boundaries are {sides}-sided at {alpha:g}, the analysis {plan.sides}-sided at {plan.alpha:g}",
                where="monitoring",
                allowed="the level and sides of the analysis",
            )
        self._check_size(trial.population.patients)
        watched_endpoint(trial, plan.endpoint)
        for name in dict.fromkeys(self.efficacy):
            _check_same_hypothesis(plan_named(trial, name, "monitoring.interim, analysis"), plan)
        for judge in self.futility:
            if judge is not None:
                _check_judge(trial, judge.analysis, plan, "monitoring.interim, futility_analysis")
        if self.harm is not None:
            _check_judge(trial, self.harm.analysis, plan, "monitoring, harm_analysis")
        for trigger in self.triggers:
            if trigger is not None:
                trigger.check(trial, plan.endpoint, "monitoring, trigger")

    def _check_size(self, patients: int) -> None:
        """Raise InputError where a trial of so many patients never gets to an analysis, or to one before the next."""
        if self.maximum is not None and self.maximum > patients:
            raise InputError(
                "the last analysis is planned with more than all patients can give",
                where="monitoring.maximum",
                allowed=f"at most {patients}",
                got=self.maximum,
            )
        planned = {"events": self.maximum or patients}
        before: tuple[Condition, float] | None = None
        for trigger in self.triggers:
            for one in trigger.conditions if trigger is not None else ():
                if one.quantity != "day" and not one.share and one.value > patients:
                    raise InputError(
                        f"the trial has {patients} patients",
                        where="monitoring, trigger",
                        allowed=f"numbers up to {patients}",
                        got=str(one),
                    )
            if trigger is None or len(trigger.conditions) > 1:
                before = None
                continue
            (one,) = trigger.conditions
            number = one.value * planned.get(one.quantity, patients) if one.share else one.value
            if before is not None and _same(one, before[0]) and number <= before[1]:
                raise InputError(
                    "an analysis is due no later than the one before it",
                    where="monitoring, trigger",
                    allowed=f"more than '{before[0]}'",
                    got=str(one),
                )
            before = (one, number)


def _same(one: Condition, other: Condition) -> bool:
    return (one.quantity, one.endpoint) == (other.quantity, other.endpoint)


def _check_same_hypothesis(plan: AnalysisPlan, monitored: AnalysisPlan) -> None:
    """An analysis that is tested for efficacy in place of the monitored one differs in its method alone."""
    where = "monitoring.interim, analysis"
    what = plan.difference(monitored, ("endpoint", "pairs", "strata", "hypothesis"))
    if what is not None:
        raise InputError(
            f"{plan.name!r} and {monitored.name!r} differ in their {what}, so they test different hypotheses",
            where=where,
            allowed=f"another method for the same {what}",
        )
    if plan.name != monitored.name and (plan.margin, monitored.margin) != (None, None):
        raise InputError(
            "margins of different methods are not the same hypothesis",
            where=where,
            allowed="superiority without a margin",
        )


def _check_judge(trial: TrialParts, name: str, monitored: AnalysisPlan, where: str) -> None:
    """The analysis that judges in place of the monitored one compares the same arms, at a data cut."""
    judge = plan_named(trial, name, where)
    if judge.pairs != monitored.pairs:
        raise InputError(
            f"the analysis does not compare the arms of {monitored.name!r}",
            where=where,
            allowed=f"{monitored.active} against {monitored.reference}",
            got=f"{judge.active} against {judge.reference}",
        )
    watched_endpoint(trial, judge.endpoint)
