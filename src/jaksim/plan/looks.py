"""The group-sequential test that a plan may be made for: bounds, size, and where the trial stops."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.normal_law import quantile, tail
from jaksim.plan.looks_scenario import scenario_with_looks
from jaksim.plan.question import Beside, Question, Table
from jaksim.plan.rule import Rule
from jaksim.plan.solve import solved_size
from jaksim.plan.statistic import Statistic
from jaksim.plan.test import FixedTest, sign_of
from jaksim.root import root
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import bounds_under, constants_under
from jaksim.trial.monitoring.futility import FutilityBounds
from jaksim.trial.monitoring.integration import Crossing, crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan
from jaksim.trial.monitoring.record import design_words

DEFAULT_SPENDING: Final = "obrien-fleming"
SMALLEST_BETA: Final = 1e-9
HYPOTHESES: Final = ("no_effect", "half_effect", "effect")
ABOUT_A_MARGIN: Final = ("margin", "half_way", "effect")
# Effects at a bound are sought this far from the null, in log ratios or standard deviations.
_FARTHEST: Final = 50.0


@dataclass(frozen=True)
class SequentialTest:
    """A rule applied at several analyses, with the boundaries of a monitoring plan.

    The z of the analyses have the joint law of independent increments. Futility that follows an effect, by spending
    beta or by conditional power, follows the one that the power is wanted for; where no power is wanted, `follows`, it
    follows that of the design.
    """

    rule: Rule
    plan: MonitoringPlan
    follows: bool = False
    spending: str = DEFAULT_SPENDING
    futility: str | None = None

    def power(self, question: Question, effect: float, size: float) -> float:
        """Probability of passing an upper bound at some analysis, in the direction of the effect."""
        laws = self._laws(question, effect, size)
        return float(self._stops(self._bounds(laws), laws, question, effect, size).upper.sum())

    def closed_size(self, question: Question, effect: float, power: float) -> float | None:
        """The size with one analysis times the inflation factor; None where analyses are no mere shares of the last."""
        if _own_course(question):
            return None
        fixed = solved_size(question, FixedTest(self.rule), effect, power)
        return fixed * planned(replace(self.plan, beta=1.0 - power)).inflation_factor

    def facts(self, question: Question, effect: float, size: float) -> Mapping[str, Any]:
        """Words of the plan, and the expected size under no effect, half the effect and the effect.

        Analyses are at the times that the effect of the design gives them.
        """
        laws = self._laws(question, effect, size)
        bounds = self._bounds(laws)
        found: dict[str, Any] = {"analyses": design_words(self.plan).rstrip(".")}
        critical = f"critical_{question.scale.name}"
        if critical in question.facts(effect, size, self.rule):
            found[critical] = self._effects(bounds.upper_z, question, effect, size)[-1]
        power = float(self._stops(bounds, laws, question, effect, size).upper.sum())
        found["inflation_factor"] = self._inflation(question, effect, size, power)
        for name, value in self._hypotheses(question, effect).items():
            stops = np.sum(self._crossing(bounds, question, value, effect, size), axis=0)[0]
            chances = np.append(stops[:-1], 1.0 - stops[:-1].sum())
            for what, values in self._at_stop(question, value, effect, size).items():
                found[f"expected_{what}_{name}"] = float(chances @ np.array(values))
        return found

    def _at_stop(self, question: Question, true: float, effect: float, size: float) -> Mapping[str, Sequence[float]]:
        """What a trial has reached at each analysis when the `true` effect holds: its size, or what the kind tells."""
        own = getattr(question, "stopped_at", None)
        if own is None:
            return {question.size_name: [size * share for share in self.plan.information]}
        told = [own(true, effect, size, share) for share in self.plan.information]
        return {name: [one[name] for one in told] for name in told[0]}

    def tables(self, question: Question, effect: float, size: float) -> Sequence[Table]:
        """The bounds of each analysis, and the chances of stopping there."""
        bounds = self._bounds(self._laws(question, effect, size))
        tables = [self._efficacy(bounds, question, effect, size)]
        if self.plan.futility is not None:
            tables.append(self._futility(bounds, question, effect, size))
        return [*tables, *self._chances(bounds, question, effect, size)]

    def beside(self, question: Question, effect: float, size: float) -> Sequence[Beside]:
        """What the question tells beside one analysis, as the power of a z with these analyses."""
        laws = self._laws(question, effect, size)
        found = []
        for one in question.beside(effect, size, self.rule):
            if self.rule.one_sided_alpha < one.power < 1.0:
                last = Statistic(self.rule.critical + quantile(one.power))
                moved = [last.at(share) for share in self.plan.information]
                power = float(self._stops(self._bounds(laws), moved, question, effect, size).upper.sum())
                found.append(replace(one, power=power))
        return found

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the information at the analyses."""
        return self.plan.information

    def shown(self, question: Question, effect: float, size: float, z: Floats) -> Booleans:
        """Whether z passes an upper bound before the trial has stopped otherwise."""
        bounds = self._bounds(self._laws(question, effect, size))
        signed = sign_of(question, effect, self.rule) * z[0]
        going, shown = np.ones(len(signed), dtype=np.bool_), np.zeros(len(signed), dtype=np.bool_)
        for k, (upper, lower) in enumerate(zip(bounds.upper_z, bounds.lower_z, strict=True)):
            passed = signed[:, k] > upper
            shown |= going & passed
            if self.plan.sides == 2:
                stopped = passed | (signed[:, k] < -upper)
                if self.plan.futility is not None:
                    stopped |= np.abs(signed[:, k]) < lower
            else:
                stopped = passed | (signed[:, k] < lower)
            going &= ~stopped
        return shown

    def scenario(self, question: Question, effect: float, size: int) -> str:
        """The scenario of the question with its interim analyses, and an accrual where it has none."""
        return scenario_with_looks(question, effect, size, self.rule, self.plan, self.spending, self.futility)

    def _hypotheses(self, question: Question, effect: float) -> dict[str, float]:
        scale, (null,) = question.scale, self.rule.nulls(question.scale)
        half = scale.moved(null, 0.5 * scale.benefit(effect, null))
        names = HYPOTHESES if self.rule.margin is None else ABOUT_A_MARGIN
        return dict(zip(names, (null, half, effect), strict=True))

    def _laws(self, question: Question, effect: float, size: float) -> list[Statistic]:
        """The law of z at each analysis, its mean above 0 where the effect is a benefit or may be either."""
        (null,) = self.rule.nulls(question.scale)
        if _own_course(question) or type(question).power is Question.power:
            laws = [question.statistic_at(effect, size, null, share) for share in self.plan.information]
        else:
            # A normal z with the power of the exact test.
            power = min(max(question.power(effect, size, self.rule), SMALLEST_BETA), 1.0 - SMALLEST_BETA)
            last = Statistic(self.rule.critical + quantile(power))
            laws = [last.at(share) for share in self.plan.information]
        return self._upwards(laws)

    def _upwards(self, laws: Sequence[Statistic]) -> list[Statistic]:
        """The laws with means above 0, where the effect may be either."""
        sign = -1.0 if self.rule.either_way and laws[-1].mean < 0.0 else 1.0
        return [Statistic(sign * law.mean, law.sd) for law in laws]

    def _bounds(self, laws: Sequence[Statistic]) -> Boundaries:
        if not self.follows or self.plan.futility is None or isinstance(self.plan.futility, FutilityBounds):
            return planned(self.plan)
        return planned_under(self.plan, max(laws[-1].mean / laws[-1].sd, 1e-6))

    def _crossing(self, bounds: Boundaries, question: Question, true: float, effect: float, size: float) -> Crossing:
        """Chances of crossing when the `true` effect holds in the trial that was planned for an effect."""
        under = getattr(question, "statistic_under", None)
        if under is not None and true != effect and not question.one_effect:
            return self._stops_under(bounds, question, true, effect, size)
        if not question.one_effect:
            return self._stops(bounds, self._laws(question, true, size), question, true, size)
        # The effect is not to be varied: a part of it moves z by that part.
        (null,) = self.rule.nulls(question.scale)
        part = question.scale.benefit(true, null) / question.scale.benefit(effect, null)
        laws = [Statistic(part * law.mean, 1.0 + part * (law.sd - 1.0)) for law in self._laws(question, effect, size)]
        return self._stops(bounds, laws, question, effect, size)

    def _stops_under(self, bounds: Boundaries, question: Any, true: float, effect: float, size: float) -> Crossing:
        """The same where analyses come with the information that was planned, whichever effect holds."""
        (null,) = self.rule.nulls(question.scale)
        shares = self.plan.information
        laws = [question.statistic_under(true, effect, size, null, share) for share in shares]
        times = np.array([question.information_under(true, effect, size, share) for share in shares])
        return self._crossed(bounds, self._upwards(laws), np.asarray(times / times[-1]))

    def _stops(
        self, bounds: Boundaries, laws: Sequence[Statistic], question: Question, effect: float, size: float
    ) -> Crossing:
        return self._crossed(bounds, laws, _joint_information(question, effect, size, self.plan))

    def _crossed(self, bounds: Boundaries, laws: Sequence[Statistic], times: Floats) -> Crossing:
        """Probability of crossing each bound first at each analysis (1, K): z less its mean crosses moved bounds."""
        means, sds = np.array([law.mean for law in laws]), np.array([law.sd for law in laws])

        def moved(bound: Floats) -> Floats:
            return np.asarray((bound - means) / sds)

        if self.plan.sides == 1:
            return crossing_probabilities(times, moved(bounds.lower_z), moved(bounds.upper_z), 0.0)
        inner = np.where(bounds.lower_z > 0.0, bounds.lower_z, np.nan)
        if self.plan.futility is None or np.isnan(inner).all():
            return crossing_probabilities(times, moved(-bounds.upper_z), moved(bounds.upper_z), 0.0)
        inner[-1] = np.nan
        return crossing_probabilities(
            times,
            moved(-bounds.upper_z),
            moved(bounds.upper_z),
            0.0,
            inner=moved(inner),
            inner_lower=moved(-inner),
        )

    def _inflation(self, question: Question, effect: float, size: float, power: float) -> float:
        """The size over that of one analysis with the same power; NaN where it has none."""
        if not self.rule.one_sided_alpha < power < 1.0 - SMALLEST_BETA:
            return math.nan
        if not _own_course(question):
            return planned(replace(self.plan, beta=1.0 - power)).inflation_factor
        return size / solved_size(question, FixedTest(self.rule), effect, power)

    def _efficacy(self, bounds: Boundaries, question: Question, effect: float, size: float) -> Table:
        series = self._start(question, effect, size)
        series["z"] = _finite(bounds.upper_z)
        series["Nominal p"] = _finite(bounds.nominal_p)
        series["Alpha spent"] = _finite(bounds.alpha_spent)
        series[_words(question)] = self._effects(bounds.upper_z, question, effect, size)
        note = f"At its bound the trial would find this {question.scale.words}."
        if self.plan.sides == 2:
            note += " The bounds on the other side are their mirror images."
        return _table("Bounds for efficacy", series, note)

    def _futility(self, bounds: Boundaries, question: Question, effect: float, size: float) -> Table:
        lower = bounds.lower_z[:-1]
        series: dict[str, Sequence[Any]] = {"Analysis": _numbers(len(lower))}
        series["|z|" if self.plan.sides == 2 else "z"] = _finite(lower)
        series["One-sided p"] = [None if one is None else tail(one) for one in _finite(lower)]
        series[_words(question)] = self._effects(lower, question, effect, size)
        side = "inside" if self.plan.sides == 2 else "below"
        return _table("Bounds for futility", series, f"The trial stops {side} them.")

    def _start(self, question: Question, effect: float, size: float) -> dict[str, Sequence[Any]]:
        shares = self.plan.information
        series: dict[str, Sequence[Any]] = {"Analysis": _numbers(len(shares)), "Information": list(shares)}
        own = [_at_look(question, effect, size, share) for share in shares]
        if "events" not in own[0]:
            series[question.size_name.capitalize()] = [size * share for share in shares]
        for name in own[0]:
            series[name.capitalize().replace("_", " ")] = [one[name] for one in own]
        return series

    def _effects(self, z: Floats, question: Question, effect: float, size: float) -> list[float | None]:
        """The effects at which the expected z of each analysis is at a bound; None for a bound at infinity."""
        (null,) = self.rule.nulls(question.scale)
        own = getattr(question, "effect_at", None)
        found: list[float | None] = []
        for bound, share in zip(_finite(z), self.plan.information, strict=False):
            if bound is None:
                found.append(None)
            elif own is not None:
                found.append(own(bound, effect, size, null, share))
            elif question.one_effect:
                mean = question.statistic_at(effect, size, null, share).mean
                found.append(question.scale.moved(null, bound / mean * question.scale.benefit(effect, null)))
            else:
                found.append(_effect_at(bound, question, size, null, share))
        return found

    def _chances(self, bounds: Boundaries, question: Question, effect: float, size: float) -> list[Table]:
        found = {
            name: self._crossing(bounds, question, value, effect, size)
            for name, value in self._hypotheses(question, effect).items()
        }
        looks = len(self.plan.information)
        series: dict[str, Sequence[Any]] = {"Analysis": [*_numbers(looks), "all"]}
        for name, crossing in found.items():
            series[_named(name)] = _with_sum(crossing.upper[0])
        if self.plan.sides == 2:
            first = next(iter(found))
            series[f"{_named(first)}, other side"] = _with_sum(found[first].lower[0])
        what = "no effect, half the effect," if self.rule.margin is None else "the margin, half way to the effect,"
        note = f"Under {what} and the effect of the design."
        tables = [_table("Probability of stopping for efficacy", series, note)]
        if self.plan.futility is not None:
            series = {"Analysis": [*_numbers(looks - 1), "all"]}
            for name, crossing in found.items():
                series[_named(name)] = _with_sum((crossing.inner if self.plan.sides == 2 else crossing.lower)[0, :-1])
            tables.append(_table("Probability of stopping for futility", series, note))
        return tables


@lru_cache(maxsize=256)
def planned(plan: MonitoringPlan) -> Boundaries:
    """The boundaries of a plan at the drift that gives its power; InputError where there are none."""
    from jaksim.trial.monitoring.bounds import boundaries_of

    return boundaries_of(plan)


@lru_cache(maxsize=1024)
def planned_under(plan: MonitoringPlan, drift: float) -> Boundaries:
    """The boundaries of a plan whose futility follows another drift."""
    return bounds_under(plan, constants_under(plan, drift))


def _own_course(question: Question) -> bool:
    """Whether analyses of this question have a law of their own, not that of a share of the information."""
    told = getattr(question, "own_course", None)
    if told is not None:
        return bool(told)
    return type(question).statistic_at is not Question.statistic_at or hasattr(question, "information_at")


def _joint_information(question: Question, effect: float, size: float, plan: MonitoringPlan) -> Floats:
    """Variances of the scores in parts of the last, which the correlation of the analyses follows."""
    own = getattr(question, "information_at", None)
    if own is None:
        return plan.times
    found = np.array([own(effect, size, share) for share in plan.information])
    return np.asarray(found / found[-1])


def _at_look(question: Question, effect: float, size: float, share: float) -> Mapping[str, float]:
    own = getattr(question, "at_look", None)
    return {} if own is None else own(effect, size, share)


def _effect_at(z: float, question: Question, size: float, null: float, share: float) -> float | None:
    scale = question.scale

    def distance(benefit: float) -> float:
        return question.statistic_at(scale.moved(null, benefit), size, null, share).mean - z

    if z == 0.0:
        return null
    step = math.copysign(0.1 if scale.ratio else 0.1 * question.unit, z)
    inside = 0.0
    while distance(step) * z < 0.0:
        inside, step = step, 1.5 * step
        beyond = scale.moved(null, step)
        if abs(step) > _FARTHEST * (1.0 if scale.ratio else question.unit) or not scale.low < beyond < scale.high:
            return None
    return scale.moved(null, root(distance, min(inside, step), max(inside, step)))


def _finite(values: Floats) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _with_sum(values: Floats) -> list[Any]:
    return [*values.tolist(), _total(values)]


def _total(values: Floats) -> float:
    return math.fsum(values.tolist())


def _named(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _words(question: Question) -> str:
    return question.scale.words.capitalize()


def _numbers(count: int) -> list[str]:
    return [str(k + 1) for k in range(count)]


def _table(title: str, series: Mapping[str, Sequence[Any]], note: str) -> Table:
    return Table(title, tuple(series), tuple(zip(*series.values(), strict=True)), note)
