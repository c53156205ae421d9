"""Plans for recovery with death as its competing event: every patient is followed to one day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from jaksim.checks import known, number
from jaksim.errors import InputError
from jaksim.formulas.recovery import CENSORED, KEPT, Illness, RecoveryTrial, active_course, illness_of, with_mortality
from jaksim.formulas.recovery_draws import simulated_recovery
from jaksim.plan.allocation import allocation_of
from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.options import PlanOptions, varied, varied_words
from jaksim.plan.question import Beside, Formula, Question, Table
from jaksim.plan.recovery_scenario import recovery_scenario
from jaksim.plan.rule import Rule
from jaksim.plan.statistic import Scale, Statistic
from jaksim.plan.times.hazards import only_one, positive
from jaksim.verbs.options.base import option, takes

_NORMAL = NormalDist()
SCHOENFELD: Final = "schoenfeld"
LAKATOS: Final = "lakatos"
FEW_RECOVERIES: Final = 100.0
FAR: Final = math.log(2.0)
PATIENTS_DRAWN: Final = 400_000
MOST_DRAWN: Final = 4000
LEAST_DRAWN: Final = 400
FORMULAS: Final = {
    (SCHOENFELD, KEPT): Formula(
        "Schoenfeld's events for subdistributions: recoveries",
        "Latouche, Porcher and Chevret 2004, Statistics in Medicine 23:3263",
        (
            "The ratio of the subdistribution hazards never changes; with constant intensities it does, and the ratio "
            "is the one that Fine and Gray's model estimates by the last day.",
            "The ratio is near 1, and both arms keep their share of those at risk.",
        ),
    ),
    (SCHOENFELD, CENSORED): Formula(
        "Schoenfeld's events for intensities: recoveries",
        "Pintilie 2002, Statistics in Medicine 21:3317; Schoenfeld 1981, Biometrika 68:316",
        ("The ratio is near 1, and both arms keep their share of those at risk.",),
    ),
    (LAKATOS, KEPT): Formula(
        "Lakatos: expected score of Gray's log-rank test over those at risk, the dead among them",
        "Lakatos 1988, Biometrics 44:229, with the subdistributions of Fine and Gray 1999, JASA 94:496",
        (
            "Large samples: with few recoveries z is not normal.",
            "The variance of z is taken as 1 under the effect too.",
        ),
    ),
    (LAKATOS, CENSORED): Formula(
        "Lakatos: expected score of the log-rank test over those at risk, deaths censored",
        "Lakatos 1988, Biometrics 44:229",
        (
            "Large samples: with few recoveries z is not normal.",
            "The variance of z is taken as 1 under the effect too.",
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class RecoveryOptions(PlanOptions):
    """What recovery and death are like in the reference arm, and what the drug does to them."""

    control_median: float | Sequence[float] | None = varied(
        "Median days to recovery in the reference arm, the dead counted as never recovered."
    )
    control_mortality: float | Sequence[float] | None = varied(
        "Share of the reference arm that dies unrecovered by the last day.", 0.0
    )
    day: int = option(28, "Last day of follow-up, days since randomisation.", low=1)
    rate_ratio: float | Sequence[float] | None = varied(
        "Recovery rate ratio, active over reference, in the measure of the test; solved for when left out."
    )
    active_median: float | Sequence[float] | None = varied("Median days of the active arm, instead of a rate ratio.")
    death_ratio: float | Sequence[float] | None = varied(
        "Ratio of the intensities of death, active over reference; 1 when left out."
    )
    active_mortality: float | Sequence[float] | None = varied(
        "Share of the active arm that dies unrecovered by the last day, instead; needs 'active_median'."
    )
    deaths: str | Sequence[str] = varied_words(
        "kept (at risk to the last day: Gray, Fine-Gray) or censored (log-rank, Cox).", KEPT, metavar="WORD"
    )
    formula: str | Sequence[str] = varied_words(
        "lakatos (expected score) or schoenfeld (recoveries).", LAKATOS, metavar="NAME"
    )
    dropout: float | Sequence[float] | None = varied("Share of the patients lost by the last day, exponentially.")


OPTIONS: Final = RecoveryOptions


@takes(RecoveryOptions)
def recovery(options: RecoveryOptions) -> Plan:
    """Power, patients or detectable rate ratio of a trial of time to recovery in which patients die.

    The reference arm is known by its median time to recovery and its mortality; both intensities are constant. The
    rate ratio is that of the test: with deaths `kept` in the risk set to the last day the ratio that Fine and Gray's
    model estimates, with deaths `censored` the ratio of the intensities. Every patient is followed to the last day.
    Raises InputError for what is contradictory or out of range.
    """
    return answer("recovery", options, question_of)


@dataclass(frozen=True)
class RecoveryQuestion(Question):
    """Two courses of an illness; the effect is the rate ratio in the measure of the test."""

    control: Illness = field(kw_only=True)
    death_ratio: float = field(kw_only=True)
    day: int = field(kw_only=True)
    deaths: str = field(kw_only=True)
    method: str = field(kw_only=True)
    dropout: float = field(kw_only=True)

    def trial(self, effect: float, size: float) -> RecoveryTrial:
        """The trial of this size."""
        active = active_course(
            self.control,
            effect,
            deaths=self.deaths,
            death_ratio=self.death_ratio,
            day=self.day,
            share=self.allocation.active_share,
        )
        counts = self.allocation.counts(size)
        return RecoveryTrial(self.control, active, (counts[1], counts[0]), float(self.day), self.dropout)

    def formula(self) -> Formula:
        """The formula by its name."""
        return FORMULAS[self.method, self.deaths]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z when all have been followed."""
        trial = self.trial(effect, size)
        if self.method == SCHOENFELD:
            share = self.allocation.active_share
            return Statistic(math.log(effect / null) * math.sqrt(sum(trial.recoveries()) * share * (1.0 - share)))
        mean, variance = trial.score(self.deaths, null)
        return Statistic(mean / math.sqrt(variance))

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Patients that have the recoveries, or the information."""
        nulls = rule.nulls(self.scale)
        if len(nulls) > 1:
            return None
        law = self.statistic(effect, 1.0, nulls[0])
        return float(((rule.critical + _NORMAL.inv_cdf(power)) / law.mean) ** 2)

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """Recoveries, and the rate ratio in the other measure."""
        trial = self.trial(effect, size)
        other = KEPT if self.deaths == CENSORED else CENSORED
        return {"recoveries": sum(trial.recoveries()), f"rate_ratio_with_deaths_{other}": trial.ratio(other)}

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """Cumulative incidence by day."""
        trial = self.trial(effect, size)
        counts, seen, last = trial.patients, trial.recoveries(), np.array(float(self.day))
        arms = [
            (name, n, recovered, _median(course), float(course.recovered(last)), float(course.died(last)))
            for name, n, recovered, course in (
                ("active", counts[1], seen[1], trial.active),
                ("reference", counts[0], seen[0], trial.reference),
            )
        ]
        rows = []
        for day in _days(self.day):
            at = np.array(float(day))
            curves = (trial.active.recovered, trial.active.died, trial.reference.recovered, trial.reference.died)
            rows.append((day, *(round(float(curve(at)), 4) for curve in curves)))
        by_day = f"by day {self.day}"
        return (
            Table(
                "Expected by arm",
                ("Arm", "Patients", "Recoveries seen", "Median (days)", f"Recovered {by_day}", f"Died {by_day}"),
                tuple(arms),
            ),
            Table(
                "Cumulative incidence",
                ("Day", "Recovered, active", "Died, active", "Recovered, reference", "Died, reference"),
                tuple(rows),
                "Deaths are those before recovery.",
            ),
        )

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The expected score, and drawn trials, where the formula is known to be off."""
        return tuple(_besides(self, effect, size, rule))

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """The scenario with three states and these intensities."""
        trial = self.trial(effect, size)
        return recovery_scenario(trial, self.allocation, rule, self.scale, deaths=self.deaths, about=self.about)


def _median(course: Illness) -> float | str:
    return course.median if math.isfinite(course.median) else "never"


def _days(last: int) -> Iterator[int]:
    step = max(1, math.ceil(last / 8))
    yield from range(step, last, step)
    yield last


def _besides(question: RecoveryQuestion, effect: float, size: float, rule: Rule) -> Iterator[Beside]:
    trial = question.trial(effect, size)
    reasons = []
    if sum(trial.recoveries()) < FEW_RECOVERIES:
        reasons.append(f"there are fewer than {FEW_RECOVERIES:g} recoveries")
    if abs(math.log(effect)) > FAR:
        reasons.append("the rate ratio is far from 1")
    if question.method == SCHOENFELD and question.allocation.active != question.allocation.reference:
        reasons.append("the arms are unequal")
    if not reasons:
        return
    why, nulls = ", and ".join(reasons), rule.nulls(question.scale)
    if question.method == SCHOENFELD:
        scores = [trial.score(question.deaths, null) for null in nulls]
        laws = [Statistic(mean / math.sqrt(variance)) for mean, variance in scores]
        yield Beside(rule.power(laws), "expected score over those at risk (Lakatos)", why)
    drawn = min(MOST_DRAWN, int(PATIENTS_DRAWN / size)) // 100 * 100
    if drawn >= LEAST_DRAWN:
        better = rule.either_way and effect < 1.0
        power, error = simulated_recovery(
            trial, question.deaths, nulls=nulls, critical=rule.critical, mirrored=better, replicates=drawn, seed=1
        )
        yield Beside(power, f"{drawn:,} trials drawn patient by patient", why, error)


def question_of(options: RecoveryOptions) -> RecoveryQuestion:
    """The question; InputError for what is missing, contradictory or out of range."""
    known(str(options.deaths), (KEPT, CENSORED), "way with deaths", "‹deaths›")
    known(str(options.formula), (LAKATOS, SCHOENFELD), "formula", "‹formula›")
    if options.control_median is None:
        raise InputError("is needed", where="‹control_median›", allowed="days, such as 8")
    if options.day > 3650:
        raise InputError("out of range", where="‹day›", allowed="1 to 3650", got=options.day)
    day, deaths = options.day, str(options.deaths)
    control = illness_of(
        positive(options.control_median, "control_median", most=1e5),
        _share(options.control_mortality or 0.0, "control_mortality", below=0.5),
        float(day),
    )
    allocation = allocation_of(options.allocation)
    effect, death_ratio = _effect(options, control, allocation.active_share)
    lost = _share(options.dropout or 0.0, "dropout", below=1.0)
    kept = "deaths kept in the risk set" if deaths == KEPT else "deaths censored"
    return RecoveryQuestion(
        scale=Scale("rate_ratio", ratio=True, low=0.0, high=math.inf),
        allocation=allocation,
        effect=effect,
        about=f"log-rank test of recovery by day {day}, {kept}",
        control=control,
        death_ratio=death_ratio,
        day=day,
        deaths=deaths,
        method=str(options.formula),
        dropout=-math.log1p(-lost) / day,
    )


def _effect(options: RecoveryOptions, control: Illness, share: float) -> tuple[float | None, float]:
    """The rate ratio in the measure of the test, and the ratio of the intensities of death."""
    names = ("rate_ratio", "active_median")
    way = only_one({name: getattr(options, name) for name in names}, needed=False)
    dying = only_one({name: getattr(options, name) for name in ("death_ratio", "active_mortality")}, needed=False)
    if dying == "death_ratio" and control.death == 0.0:
        raise InputError("nobody dies in the reference arm", where="‹death_ratio›", allowed="with ‹control_mortality›")
    if dying == "active_mortality":
        return _both(options, control, way, share)
    death_ratio = 1.0 if dying is None else positive(options.death_ratio, "death_ratio", most=1e3)
    if way is None:
        return None, death_ratio
    if way == "rate_ratio":
        return positive(options.rate_ratio, "rate_ratio", most=1e3), death_ratio
    median = positive(options.active_median, "active_median", most=1e5)
    active = _with_median(median, control.death * death_ratio)
    return _ratio(options, control, active, share), death_ratio


def _both(options: RecoveryOptions, control: Illness, way: str | None, share: float) -> tuple[float | None, float]:
    mortality = _share(options.active_mortality, "active_mortality", below=0.5)
    if control.death == 0.0:
        what = "nobody dies in the reference arm"
        raise InputError(what, where="‹active_mortality›", allowed="with ‹control_mortality›")
    if way == "active_median":
        active = illness_of(positive(options.active_median, "active_median", most=1e5), mortality, float(options.day))
        return _ratio(options, control, active, share), active.death / control.death
    if way == "rate_ratio" and options.deaths == CENSORED:
        ratio = positive(options.rate_ratio, "rate_ratio", most=1e3)
        active = with_mortality(control.recovery * ratio, mortality, float(options.day))
        return ratio, active.death / control.death
    allowed = "with ‹active_median›, or with ‹rate_ratio› and ‹deaths› censored; or ‹death_ratio›"
    raise InputError(
        "the mortality of the active arm goes with its recovery", where="‹active_mortality›", allowed=allowed
    )


def _ratio(options: RecoveryOptions, control: Illness, active: Illness, share: float) -> float:
    trial = RecoveryTrial(control, active, (1.0 - share, share), float(options.day))
    return trial.ratio(str(options.deaths))


def _with_median(median: float, death: float) -> Illness:
    """The course with this median and this intensity of death."""
    from jaksim.root import root

    def lack(log: float) -> float:
        return float(Illness(math.exp(log), death).recovered(np.array(median))) - 0.5

    low, high = math.log(math.log(2.0) / median), math.log(math.log(2.0) / median + death) + 3.0
    while lack(high) < 0.0:
        high += 1.0
    return Illness(math.exp(root(lack, low - 1e-9, high)), death)


def _share(value: object, name: str, *, below: float) -> float:
    found = number(value, f"‹{name}›")
    if not 0.0 <= found < below:
        allowed = f"from 0 to below {below:g}"
        raise InputError("out of range", where=f"‹{name}›", allowed=allowed, got=found)
    return found
