"""Two risks of an event: their difference, ratio or odds ratio."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist
from typing import Any, Final

import numpy as np

from jaksim.arrays import Booleans, Floats
from jaksim.checks import known, number
from jaksim.errors import InputError
from jaksim.formulas.binary_size import SCALES, distance, exact_probability, fisher_passes, likely_cells, variance_of
from jaksim.formulas.restricted_risks import RESTRICTED, log_odds_ratio_z, standardised
from jaksim.plan.allocation import allocation_of
from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.distribution import shares_of, strata_words
from jaksim.plan.options import PlanOptions, distributions, varied
from jaksim.plan.question import Beside, Formula, Question
from jaksim.plan.rule import Rule
from jaksim.plan.scenario_text import Categories, rule_keys, scenario_text
from jaksim.plan.statistic import BETTER, Scale, Statistic
from jaksim.verbs.options.base import option, takes

POOLED: Final = "pooled"
UNPOOLED: Final = "unpooled"
FARRINGTON_MANNING: Final = "farrington_manning"
METHODS: Final = (POOLED, UNPOOLED, FARRINGTON_MANNING)
FEW: Final = 40.0
"""Expected patients with and without the event in an arm, below which the power is also computed exactly."""
_MOST_CELLS: Final = 400_000
LARGEST: Final = 1e6
"""An odds ratio is sought from one over this up to this."""


@dataclass(frozen=True, kw_only=True)
class RisksOptions(PlanOptions):
    """The risk of the event in each arm, the scale they are compared on, and the variance of the test."""

    control: float | Sequence[float] | None = varied("Risk of the event in the reference arm.")
    active: float | Sequence[float] | None = varied("Risk of the event in the active arm.")
    risk_difference: float | Sequence[float] | None = varied("Risk of the active arm minus that of the reference arm.")
    risk_ratio: float | Sequence[float] | None = varied("Risk of the active arm over that of the reference arm.")
    odds_ratio: float | Sequence[float] | None = varied("Odds of the active arm over those of the reference arm.")
    scale: str | None = option(
        None,
        "risk_difference, risk_ratio or odds_ratio: what is tested, and what a margin is on; that of the effect when "
        "left out, with two risks their difference.",
    )
    better: str = option("lower", "Whether lower or higher risks of the event are better.")
    strata: Sequence[float] | None = distributions("Risk in the reference arm of each stratum, instead of one.")
    shares: Sequence[float] | None = distributions("Share of each stratum among the patients; equal when left out.")
    method: str | None = option(
        None,
        "Variance of the test: pooled (both arms together), unpooled, farrington_manning (risks fitted under the "
        "margin); pooled without a margin, farrington_manning with one.",
    )


@dataclass(frozen=True)
class RisksQuestion(Question):
    """Risks (S,) of the reference arm in strata that have these shares."""

    control: Floats
    shares: Floats
    method: str

    def formula(self) -> Formula:
        """The formula of the method."""
        return FORMULAS[self.method, self.scale.name == "odds_ratio"]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z; strata are summed with the weights of Mantel and Haenszel, log odds ratios by information."""
        n_1, n_0 = self.allocation.counts(size)
        mean, of_null, true = 0.0, 0.0, 0.0
        for p_0, share in zip(self.control, self.shares, strict=True):
            one, other = share * n_1, share * n_0
            p_1 = active_risk(self.scale.name, float(p_0), effect)
            off = distance(self.scale.name, p_1, float(p_0), null)
            variance = variance_of(self.scale.name, null, p_1, float(p_0), one, other)
            used = variance if self.method == UNPOOLED else self._null_variance(p_1, float(p_0), one, other, null)
            weight = 1.0 / used if self.scale.name == "odds_ratio" else one * other / (one + other)
            mean, of_null, true = mean + weight * off, of_null + weight**2 * used, true + weight**2 * variance
        sign = 1.0 if self.scale.better == "higher" else -1.0
        return Statistic(sign * mean / math.sqrt(of_null), math.sqrt(true / of_null))

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """The sum of both quantiles' spreads over the distance, squared; equivalence has no closed form."""
        nulls = rule.nulls(self.scale)
        if len(nulls) > 1 or power <= 0.5:
            return None
        law = self.statistic(effect, 1.0, nulls[0])
        mean = abs(law.mean) if rule.either_way else law.mean
        return ((rule.critical + law.sd * NormalDist().inv_cdf(power)) / mean) ** 2

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """The risks of both arms and how they compare on each scale; averages over the strata."""
        p_0 = float(self.shares @ self.control)
        p_1 = float(self.shares @ [active_risk(self.scale.name, float(one), effect) for one in self.control])
        found = {"reference_risk": p_0, "active_risk": p_1}
        on = {name: compared(name, p_1, p_0) for name in SCALES if name != self.scale.name}
        return found | on | {"method": self.method, **strata_words(self.shares)}

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """With few patients with or without the event the power of the same test, summed over all counts."""
        n_1, n_0 = (round(one) for one in self.allocation.counts(size))
        if len(self.control) > 1 or min(n_1, n_0) < 1:
            return ()
        p_0, p_1 = float(self.control[0]), active_risk(self.scale.name, float(self.control[0]), effect)
        least = min(n_1 * p_1, n_1 * (1.0 - p_1), n_0 * p_0, n_0 * (1.0 - p_0))
        if least >= FEW or likely_cells(p_1, p_0, n_1, n_0) > _MOST_CELLS:
            return ()
        better = self.scale.better
        if rule.either_way and self.scale.benefit(effect, self.scale.neutral) < 0.0:
            better = BETTER[better == "higher"]
        passes = partial(self._passes, rule, better, n_1, n_0)
        power = exact_probability(p_1, p_0, n_1, n_0, passes)
        null = rule.nulls(self.scale)[0]
        level = exact_probability(active_risk(self.scale.name, p_0, null), p_0, n_1, n_0, passes)
        why = (
            f"with {least:.3g} patients expected in the smallest cell z is not normal; a true effect at the null would "
            f"pass in {100.0 * level:.2f} % instead of {100.0 * rule.one_sided_alpha:g} %"
        )
        found = Beside(power, "exact, the same test summed over all counts", why, name="exact")
        if rule.margin is not None or n_1 * n_0 > _MOST_CELLS:
            return (found,)
        fisher = exact_probability(
            p_1,
            p_0,
            n_1,
            n_0,
            lambda x_1, x_0: fisher_passes(x_1, n_1, x_0, n_0, alpha=rule.one_sided_alpha, more=(better == "higher")),
        )
        return found, Beside(
            fisher, "exact, of Fisher's exact test", "its level is kept with any number of events", name="Fisher"
        )

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """A scenario with exactly these risks on its last day."""
        good = self.scale.better == "higher"
        risks = np.array([active_risk(self.scale.name, float(p_0), effect) for p_0 in self.control])
        order = slice(None, None, -1 if good else 1)
        outcome = Categories(
            ["no event", "event"][order],
            np.column_stack([1.0 - self.control, self.control])[:, order],
            np.column_stack([1.0 - risks, risks])[:, order],
            self.shares,
            {"event": [1 if good else 2]},
        )
        return scenario_text(
            "Two risks, written by jaksim plan",
            f"{self.formula().name}: {self.scale.words} {effect:.6g}.",
            outcome,
            {"kind": "event_by_day", "set": "event", "better": "event" if good else "no event"},
            {**self._analysis(rule), **rule_keys(rule, self.scale)},
            size,
            self.allocation,
        )

    def _analysis(self, rule: Rule) -> dict[str, Any]:
        """The method of analysis that the formula is of."""
        if len(self.control) > 1:
            test = "wald" if self.method == UNPOOLED or rule.margin is not None else "cmh"
            return {"method": f"{self.scale.name}_mh", "options": {"test": test}}
        wald = "unpooled" if self.scale.name == "risk_difference" else "wald"
        return {"method": self.scale.name, "options": {"test": wald if self.method == UNPOOLED else "pooled"}}

    def _null_variance(self, p_1: float, p_0: float, n_1: float, n_0: float, null: float) -> float:
        at = RESTRICTED[self.scale.name](n_1 * p_1, n_1, n_0 * p_0, n_0, null)
        return variance_of(self.scale.name, null, *at, n_1, n_0)

    def _passes(self, rule: Rule, better: str, n_1: int, n_0: int, x_1: Floats, x_0: Floats) -> Booleans:
        sign = 1.0 if better == "higher" else -1.0
        nulls = rule.nulls(self.scale)
        found: Booleans = sign * self._z(x_1, n_1, x_0, n_0, nulls[0]) > rule.critical
        if len(nulls) > 1:
            found &= sign * self._z(x_1, n_1, x_0, n_0, nulls[1]) < -rule.critical
        return found

    def _z(self, x_1: Floats, n_1: int, x_0: Floats, n_0: int, null: float) -> Floats:
        """z of counts that broadcast; NaN where it has none, which passes nothing."""
        if self.scale.name == "odds_ratio" and self.method != UNPOOLED:
            return log_odds_ratio_z(x_1, n_1, x_0, n_0, null)
        p_1, p_0 = x_1 / n_1, x_0 / n_0
        if self.scale.name == "odds_ratio":
            with np.errstate(divide="ignore", invalid="ignore"):
                off = np.log(x_1 * (n_0 - x_0)) - np.log(x_0 * (n_1 - x_1)) - math.log(null)
                variance = 1.0 / x_1 + 1.0 / (n_1 - x_1) + 1.0 / x_0 + 1.0 / (n_0 - x_0)
                z: Floats = np.where(np.isfinite(variance), off / np.sqrt(variance), math.nan)
            return z
        factor = null if self.scale.name == "risk_ratio" else 1.0
        shift = null if self.scale.name == "risk_difference" else 0.0
        at = (p_1, p_0) if self.method == UNPOOLED else RESTRICTED[self.scale.name](x_1, n_1, x_0, n_0, null)
        spread = at[0] * (1.0 - at[0]) / n_1 + factor**2 * at[1] * (1.0 - at[1]) / n_0
        return standardised(p_1 - factor * p_0 - shift, spread)


def active_risk(scale: str, p_0: float, effect: float) -> float:
    """The risk of the active arm."""
    if scale == "risk_difference":
        return min(max(p_0 + effect, 0.0), 1.0)
    if scale == "risk_ratio":
        return min(effect * p_0, 1.0)
    return effect * p_0 / (1.0 - p_0 + effect * p_0)


def compared(scale: str, p_1: float, p_0: float) -> float:
    """The comparison of two risks on a scale."""
    if scale == "risk_difference":
        return p_1 - p_0
    return p_1 / p_0 if scale == "risk_ratio" else p_1 * (1.0 - p_0) / (p_0 * (1.0 - p_1))


def question_of(options: RisksOptions) -> RisksQuestion:
    """The question that the options of one design ask; InputError for what are no risks or contradict each other."""
    known(options.better, BETTER, "side", "‹better›")
    control = _control(options)
    given = [name for name in ("active", *SCALES) if getattr(options, name) is not None]
    if len(given) > 1:
        places = ", ".join(f"‹{name}›" for name in given)
        raise InputError("say the effect more than once", where=places, allowed="one of them")
    by_scale = given[0] if given and given[0] in SCALES else None
    name = options.scale or by_scale or SCALES[0]
    known(name, SCALES, "scale", "‹scale›")
    low = {"risk_difference": -float(control.min())}.get(name, 1.0 / LARGEST)
    high = {"risk_difference": 1.0 - float(control.max()), "risk_ratio": 1.0 / float(control.max())}.get(name, LARGEST)
    scale = Scale(name, ratio=name != "risk_difference", better=options.better, low=low, high=high)
    method = options.method or (POOLED if options.margin is None else FARRINGTON_MANNING)
    known(method, METHODS, "method", "‹method›")
    if method == POOLED and options.margin is not None:
        raise InputError("a margin has no pooled variance", where="‹method›", allowed=METHODS[1:], got=method)
    if not scale.ratio and options.margin is not None and number(options.margin, "‹margin›") >= 1.0:
        raise InputError("risks do not differ by that much", where="‹margin›", allowed="below 1", got=options.margin)
    shares = shares_of(options.shares, len(control))
    about = f"test of the {scale.words} of an event"
    return RisksQuestion(
        scale,
        allocation_of(options.allocation),
        _effect(options, given[0] if given else None, name, control),
        control,
        shares,
        method,
        about=about,
        unit=0.5,
        said_by=given[0] if given else None,
    )


def _control(options: RisksOptions) -> Floats:
    if options.control is not None and options.strata is not None:
        raise InputError("are given both", where="‹control›, ‹strata›", allowed="one of the two")
    if options.strata is None:
        if options.control is None:
            raise InputError("is missing", where="‹control›", allowed="a risk between 0 and 1")
        return np.array([_risk(options.control, "‹control›")])
    given = options.strata
    found = [_risk(one, "‹strata›") for one in given]
    if not found:
        raise InputError("is empty", where="‹strata›", allowed="risks with commas between them")
    if options.active is not None:
        allowed = ", ".join(f"‹{name}›" for name in SCALES)
        raise InputError("strata have one effect in common", where="‹active›", allowed=allowed)
    return np.array(found)


def _effect(options: RisksOptions, given: str | None, scale: str, control: Floats) -> float | None:
    """The effect on the scale, whichever way it was said."""
    if given is None:
        return None
    value = number(getattr(options, given), f"‹{given}›")
    if given == "active":
        return compared(scale, _risk(value, "‹active›"), float(control[0]))
    if given != "risk_difference" and not 1.0 / LARGEST <= value <= LARGEST:
        allowed = f"a number above 0, from {1.0 / LARGEST:g} to {LARGEST:,.0f}"
        raise InputError("is no ratio", where=f"‹{given}›", allowed=allowed, got=value)
    for p_0 in control:
        p_1 = float(p_0) + value if given == "risk_difference" else active_risk(given, float(p_0), value)
        if given == "risk_ratio":
            p_1 = float(p_0) * value
        if not 0.0 < p_1 < 1.0:
            what = f"with a risk of {float(p_0):g} in the reference arm that of the active arm would be {p_1:g}"
            raise InputError(what, where=f"‹{given}›", allowed="a risk between 0 and 1", got=value)
    if given == scale:
        return value
    if len(control) > 1:
        raise InputError("strata have the effect in common on its own scale", where="‹scale›", allowed=given, got=scale)
    return compared(scale, active_risk(given, float(control[0]), value), float(control[0]))


def _risk(given: Any, where: str) -> float:
    found = number(given, where)
    if not 0.0 < found < 1.0:
        raise InputError("is no risk", where=where, allowed="between 0 and 1, such as 0.3 or 30%", got=found)
    return found


_FEW: Final = "z is normal, which it is not where few patients have the event, or few do not."
_WITHOUT: Final = "Without continuity correction: for Fisher's exact test more patients are needed."
_ODDS: Final = "The log odds ratio has no finite value in a trial with an empty cell, which then shows nothing."
_FITTED: Final = "Farrington and Manning 1990, Statistics in Medicine 9:1447"
FORMULAS: Final = {
    (POOLED, False): Formula(
        "Normal test of two proportions, pooled variance without effect and unpooled variance with it",
        "Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, section 4.2, as power.prop.test",
        (_FEW, _WITHOUT),
    ),
    (UNPOOLED, False): Formula(
        "Wald test of two proportions, unpooled variance",
        "Chow, Shao, Wang and Lokhnygina 2018, Sample Size Calculations in Clinical Research, section 4.2",
        (_FEW, "The unpooled test passes its level where arms are small or of different size."),
    ),
    (FARRINGTON_MANNING, False): Formula(
        "Score test of two proportions, variance at the proportions fitted under the null",
        f"{_FITTED}, as gsDesign::nBinomial",
        (_FEW,),
    ),
    (POOLED, True): Formula(
        "Test of the log odds ratio, variance at the pooled proportion",
        f"{_FITTED}, on the log scale as gsDesign::nBinomial",
        (_FEW, _ODDS),
    ),
    (UNPOOLED, True): Formula(
        "Wald test of the log odds ratio", "Woolf 1955, Annals of Human Genetics 19:251", (_FEW, _ODDS)
    ),
    (FARRINGTON_MANNING, True): Formula(
        "Test of the log odds ratio, variance at the proportions fitted under the null",
        f"{_FITTED}, on the log scale as gsDesign::nBinomial",
        (_FEW, _ODDS),
    ),
}
"""By method, and whether the log odds ratio is tested."""


@takes(RisksOptions)
def risks(options: RisksOptions) -> Plan:
    """Plan a trial that compares the risk of an event in two arms.

    Of `power`, `patients` and the effect (the risk of the `active` arm, or a `risk_difference`, `risk_ratio` or
    `odds_ratio`) two are given. Raises InputError for what is contradictory or out of range.
    """
    return answer("risks", options, question_of)


OPTIONS: Final = RisksOptions
