"""An ordinal outcome on one day: the tests of Wilcoxon and of proportional odds, from the expected distributions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.formulas.ordinal_laws import informative, odds_ratio_law, rank_law, rank_z, shifted, win_probability
from jaksim.formulas.ordinal_size import ordinal_size
from jaksim.plan.allocation import allocation_of
from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.distribution import distributions_of, shares_of, strata_words
from jaksim.plan.options import PlanOptions, distributions, varied
from jaksim.plan.question import Beside, Formula, NoScenario, Question, Table
from jaksim.plan.rule import Rule
from jaksim.plan.scenario_text import Categories, rule_keys, scenario_text
from jaksim.plan.statistic import Scale, Statistic
from jaksim.verbs.options.base import option, takes

WHITEHEAD: Final = "whitehead"
WILCOXON: Final = "wilcoxon"
PROPORTIONAL_ODDS: Final = "proportional_odds"
METHODS: Final = (WHITEHEAD, WILCOXON, PROPORTIONAL_ODDS)
_MOST_SHOWN: Final = 30
FEW: Final = 50
"""Patients in an arm of a stratum, below which the power is also simulated."""
_TABLES: Final = 20_000
_SEED: Final = 1
LARGEST: Final = 1e6
_SCALE: Final = Scale("odds_ratio", ratio=True, low=1.0 / LARGEST, high=LARGEST)


@dataclass(frozen=True, kw_only=True)
class OrdinalOptions(PlanOptions):
    """The distribution of each arm over the categories, and the method."""

    control: Sequence[float] | Sequence[Sequence[float]] | None = distributions(
        "Probabilities of the categories in the reference arm, the best first; once for each stratum."
    )
    odds_ratio: float | Sequence[float] | None = varied(
        "Odds of a better category, active over reference: above 1 is better; solved for when left out."
    )
    active: Sequence[float] | Sequence[Sequence[float]] | None = distributions(
        "Probabilities in the active arm, instead of an odds ratio; once for each stratum."
    )
    average: Sequence[float] | None = distributions(
        "Probabilities in both arms together, instead of those in the reference arm."
    )
    worst_first: bool = option(False, "The distributions have the worst category first.", flag="--worst-first")
    shares: Sequence[float] | None = distributions("Share of each stratum among the patients; equal when left out.")
    method: str | None = option(
        None,
        "whitehead (variance without effect), wilcoxon (variance under the effect), proportional_odds (Wald test with "
        "the variance under the effect); whitehead for an odds ratio, wilcoxon for distributions.",
    )


@dataclass(frozen=True)
class OrdinalQuestion(Question):
    """Distributions (S strata, K categories, the best first); `active` None where it follows from the odds ratio."""

    control: Floats
    active: Floats | None
    shares: Floats
    method: str
    averaged: bool = False

    @property
    def one_effect(self) -> bool:
        """Whether the distribution of the active arm is given."""
        return self.active is not None

    def formula(self) -> Formula:
        """The formula of the method."""
        return FORMULAS[self.method]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z: about a null other than 1 by the log odds ratio."""
        n_1, n_0 = self.allocation.counts(size)
        if self.method == WHITEHEAD:
            return Statistic((math.log(effect) - math.log(null)) * math.sqrt(self._information(effect, n_1, n_0)))
        if self.method == WILCOXON:
            return self._by_ranks(effect, n_1, n_0)
        return self._by_ratio(effect, size, null)

    def closed_size(self, effect: float, rule: Rule, power: float) -> float | None:
        """Whitehead's formula for one stratum and no margin, in which N + 1 is taken for N."""
        if self.method != WHITEHEAD or len(self.shares) > 1 or rule.margin is not None:
            return None
        return ordinal_size(
            self._pooled(effect)[0],
            odds_ratio=effect,
            power=power,
            alpha=2.0 * rule.one_sided_alpha,
            active_share=self.allocation.active_share,
        )

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """The probability that an active patient does better than a reference patient."""
        if self.averaged:
            return {"method": self.method, **strata_words(self.shares)}
        pairs = zip(self._active(effect), self.control, self.shares, strict=True)
        return {
            "method": self.method,
            **strata_words(self.shares),
            "win_probability": sum(share * win_probability(one, other) for one, other, share in pairs),
        }

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """The distributions that the numbers rest on."""
        if self.control.shape[1] > _MOST_SHOWN or self.averaged:
            return ()
        rows = []
        for s, (active, reference) in enumerate(zip(self._active(effect), self.control, strict=True)):
            for k, (one, other) in enumerate(zip(active, reference, strict=True)):
                stratum = (f"{s + 1} ({self.shares[s]:.3g})",) if len(self.shares) > 1 else ()
                rows.append((*stratum, f"{k + 1}{' (best)' if k == 0 else ''}", float(other), float(one)))
        headers = (*(("Stratum (share)",) if len(self.shares) > 1 else ()), "Category", "Reference", "Active")
        return (Table("Expected distribution", headers, tuple(rows)),)

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The power with the variance that the test has under the effect."""
        if self.method == PROPORTIONAL_ODDS or rule.margin is not None or self.averaged:
            return ()
        few = self._with_few(effect, size, rule)
        if self.method == WILCOXON:
            return few
        power = rule.power([self._by_ranks(effect, *self.allocation.counts(size))])
        why = "Whitehead's formula takes the variance without effect"
        return (Beside(power, "Wilcoxon's test, mean and variance under the effect", why, name="Wilcoxon"), *few)

    def _with_few(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """With few patients in an arm of a stratum the power in simulated tables of counts."""
        arms = [[round(share * n) for share in self.shares] for n in self.allocation.counts(size)]
        least = min(map(min, arms))
        if not 1 <= least < FEW:
            return ()
        draw = np.random.Generator(np.random.Philox(_SEED)).multinomial
        active, reference = (
            np.stack([draw(n, one, size=_TABLES) for n, one in zip(counts, distributions, strict=True)], axis=1)
            for counts, distributions in zip(arms, (self._active(effect), self.control), strict=True)
        )
        z = rank_z(active.astype(np.float64), reference.astype(np.float64))
        power = float(np.mean((z if effect >= 1.0 or not rule.either_way else -z) > rule.critical))
        where = "arm of a stratum" if len(self.shares) > 1 else "arm"
        why = f"with {least} patients in the smallest {where} z is not normal"
        error = math.sqrt(power * (1.0 - power) / _TABLES)
        return (Beside(power, f"Wilcoxon's test of {_TABLES:,} simulated trials", why, error, "few patients"),)

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """A scenario with exactly these distributions on its last day."""
        if self.averaged:
            raise NoScenario("the distribution of each arm is not known from that of both together")
        outcome = Categories(
            [f"category {k + 1}" for k in range(self.control.shape[1])], self.control, self._active(effect), self.shares
        )
        description = f"{self.formula().name}: odds ratio {effect:.6g} of a better category."
        return scenario_text(
            "Ordinal outcome, written by jaksim plan",
            description,
            outcome,
            {"kind": "score_on_day"},
            {**self._analysis(), **rule_keys(rule, self.scale)},
            size,
            self.allocation,
        )

    def _analysis(self) -> dict[str, Any]:
        """The method of analysis that the formula is of."""
        if self.method == PROPORTIONAL_ODDS:
            return {"method": "proportional_odds"}
        if len(self.shares) > 1:
            return {"method": "van_elteren"}
        if self.method == WILCOXON:
            return {"method": "wilcoxon"}
        return {"method": "proportional_odds", "options": {"test": "score"}}

    def _active(self, effect: float) -> Floats:
        """Distributions (S, K) of the active arm."""
        if self.active is not None:
            return self.active
        return np.array([shifted(one, effect) for one in self.control])

    def _pooled(self, effect: float) -> Floats:
        """Distributions (S, K) of both arms together."""
        if self.averaged:
            return self.control
        share = self.allocation.active_share
        return share * self._active(effect) + (1.0 - share) * self.control

    def _information(self, effect: float, n_1: float, n_0: float) -> float:
        total = 0.0
        for share, pooled in zip(self.shares, self._pooled(effect), strict=True):
            one, other = share * n_1, share * n_0
            n = one + other
            total += one * other * n / (3.0 * (n + 1.0) ** 2) * informative(pooled)
        return total

    def _by_ranks(self, effect: float, n_1: float, n_0: float) -> Statistic:
        laws = [
            rank_law(one, other, share * n_1, share * n_0)
            for one, other, share in zip(self._active(effect), self.control, self.shares, strict=True)
        ]
        null = sum(law.null_variance for law in laws)
        return Statistic(
            sum(law.mean for law in laws) / math.sqrt(null), math.sqrt(sum(law.variance for law in laws) / null)
        )

    def _by_ratio(self, effect: float, size: float, null: float) -> Statistic:
        """Wald test of the stratified model: strata have cut points of their own, so their estimates add up."""
        laws = [
            odds_ratio_law(one, other, self.allocation.active_share)
            for one, other in zip(self._active(effect), self.control, strict=True)
        ]
        weights = np.array([share / law.model_variance for share, law in zip(self.shares, laws, strict=True)])
        ratios = np.array([law.log_odds_ratio for law in laws])
        inflation = np.array([law.variance / law.model_variance for law in laws])
        mean = float(weights @ ratios / weights.sum()) - math.log(null)
        return Statistic(
            mean * math.sqrt(size * weights.sum()), math.sqrt(float(weights @ inflation) / float(weights.sum()))
        )


def question_of(options: OrdinalOptions) -> OrdinalQuestion:
    """The question that the options of one design ask; InputError for distributions that are none."""
    given = "average" if options.average is not None else "control"
    if options.control is not None and options.average is not None:
        raise InputError("are given both", where="‹control›, ‹average›", allowed="one of the two")
    reference = getattr(options, given)
    if reference is None:
        raise InputError("is missing", where="‹control›", allowed="probabilities with commas between them")
    control = distributions_of(reference, given)
    active = None if options.active is None else distributions_of(options.active, "active", like=control)
    shares = shares_of(options.shares, len(control))
    method = _method(options, active is not None)
    if options.worst_first:
        control = control[:, ::-1]
        active = None if active is None else active[:, ::-1]
    allocation = allocation_of(options.allocation)
    effect = _odds_ratio(options, control, active, allocation.active_share, shares)
    about = (
        "proportional-odds test of an ordinal outcome" if method != WILCOXON else "Wilcoxon test of an ordinal outcome"
    )
    return OrdinalQuestion(
        _SCALE, allocation, effect, control, active, shares, method, averaged=given == "average", about=about
    )


def _method(options: OrdinalOptions, by_distribution: bool) -> str:
    fitting = WHITEHEAD
    if by_distribution:
        fitting = WILCOXON if options.margin is None else PROPORTIONAL_ODDS
    method = fitting if options.method is None else options.method
    known(method, METHODS, "method", "‹method›")
    if by_distribution and method == WHITEHEAD:
        raise InputError("the formula is for an odds ratio", where="‹method›", allowed=METHODS[1:], got=method)
    if method == WILCOXON and options.margin is not None:
        others = METHODS[2:] if by_distribution else (WHITEHEAD, PROPORTIONAL_ODDS)
        raise InputError("Wilcoxon's test has no margin", where="‹method›", allowed=others, got=method)
    if options.average is not None and (method != WHITEHEAD or by_distribution):
        raise InputError("is of Whitehead's formula alone", where="‹average›", allowed="‹control›")
    return method


def _odds_ratio(
    options: OrdinalOptions, control: Floats, active: Floats | None, active_share: float, shares: Floats
) -> float | None:
    """The odds ratio that was given, or that a large trial would find."""
    if options.odds_ratio is not None:
        if active is not None:
            raise InputError("are given both", where="‹odds_ratio›, ‹active›", allowed="one of the two")
        ratio = float(options.odds_ratio)  # type: ignore[arg-type]
        if not 1.0 / LARGEST <= ratio <= LARGEST:
            allowed = f"a number above 0, from {1.0 / LARGEST:g} to {LARGEST:,.0f}"
            raise InputError("is no odds ratio", where="‹odds_ratio›", allowed=allowed, got=ratio)
        return ratio
    if active is None:
        return None
    laws = [odds_ratio_law(one, other, active_share) for one, other in zip(active, control, strict=True)]
    weights = np.array([share / law.model_variance for share, law in zip(shares, laws, strict=True)])
    return math.exp(float(weights @ [law.log_odds_ratio for law in laws] / weights.sum()))


FORMULAS: Final = {
    WHITEHEAD: Formula(
        "Whitehead's formula for proportional odds",
        "Whitehead 1993, Statistics in Medicine 12:2257, as Hmisc::popower and posamsize",
        (
            "Odds are proportional.",
            "The variance is that without effect, which is off for odds ratios far from 1 and for few patients.",
        ),
    ),
    WILCOXON: Formula(
        "Wilcoxon's test with its mean and variance under the effect",
        "Lehmann 1975, Nonparametrics, section 2.3; variance of the test with ties as Whitehead 1993",
        (
            "The sum of ranks is normal, which it is not with few patients.",
            "The distributions need not have proportional odds; the odds ratio shown is what a large trial would find.",
        ),
    ),
    PROPORTIONAL_ODDS: Formula(
        "Wald test of the proportional-odds model with its information under the effect",
        "McCullagh 1980, J R Stat Soc B 42:109; where odds are not proportional, White 1982, Econometrica 50:1",
        (
            "The log odds ratio is normal, which it is not with few patients or nearly empty arms.",
            "Where odds are not proportional the test keeps the model's standard error, and the margin is on the odds "
            "ratio that a large trial would find.",
        ),
    ),
}


@takes(OrdinalOptions)
def ordinal(options: OrdinalOptions) -> Plan:
    """Plan a trial of an ordinal outcome on one day, from its distribution in the reference arm.

    Of `power`, `patients` and `odds_ratio` (or the distribution `active`) two are given. Categories are listed best
    first, so that an odds ratio above 1 is a benefit. Raises InputError for what is contradictory or out of range.
    """
    return answer("ordinal", options, question_of)


OPTIONS: Final = OrdinalOptions
