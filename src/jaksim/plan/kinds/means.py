"""Two means: t tests by their exact law, with unequal standard deviations, baseline and strata."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jaksim.arrays import Floats
from jaksim.checks import known, number, whole
from jaksim.errors import InputError
from jaksim.formulas.mean_power import MOST_DF, equivalence_power, t_power, t_quantile, welch_df, welch_power
from jaksim.normal_law import tail
from jaksim.plan.allocation import allocation_of
from jaksim.plan.answer import Plan
from jaksim.plan.ask import answer
from jaksim.plan.options import PlanOptions, varied
from jaksim.plan.question import Beside, Formula, NoScenario, Question
from jaksim.plan.rule import EQUIVALENCE, Rule
from jaksim.plan.statistic import BETTER, Scale, Statistic
from jaksim.verbs.options.base import option, takes

T: Final = "t"
WELCH: Final = "welch"
Z: Final = "z"
METHODS: Final = (T, WELCH, Z)
_EXACT_BELOW: Final = 400


@dataclass(frozen=True, kw_only=True)
class MeansOptions(PlanOptions):
    """The difference of the means, what patients vary by, and the test."""

    difference: float | Sequence[float] | None = varied(
        "Mean of the active arm less that of the reference arm; solved for when left out."
    )
    sd: float | Sequence[float] | None = varied(
        "Standard deviation of the outcome, of the reference arm if they differ."
    )
    active_sd: float | Sequence[float] | None = varied("Standard deviation in the active arm, if it is another.")
    better: str = option("higher", "Whether higher or lower means are better.")
    method: str | None = option(
        None, "t (common standard deviation), welch (Welch's t) or z (known standard deviation); welch if they differ."
    )
    baseline_correlation: float | Sequence[float] | None = varied(
        "Correlation of the outcome with its baseline, for an analysis of covariance: variance times 1 - r^2."
    )
    strata: int | None = option(None, "Strata in the model, each of which takes a degree of freedom.")
    explained: float | Sequence[float] | None = varied(
        "Share of the variance that strata and other covariates explain: variance times 1 - share."
    )


@dataclass(frozen=True)
class MeansQuestion(Question):
    """Standard deviations of the arms, after what the model takes away, and what the model costs in parameters."""

    active_sd: float
    reference_sd: float
    method: str
    parameters: int
    left: float = 1.0

    def formula(self) -> Formula:
        """The formula of the method."""
        return FORMULAS[self.method]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The law of z with known standard deviations."""
        return Statistic((effect - null) * self._sign / self._error(size))

    def power(self, effect: float, size: float, rule: Rule) -> float:
        """The power of the t test; below one degree of freedom there is none."""
        df = self._df(size)
        if df < 1.0:
            return 0.0
        distances = [self.statistic(effect, size, null).mean for null in rule.nulls(self.scale)]
        if rule.hypothesis == EQUIVALENCE:
            return equivalence_power(distances[0], -distances[1], df, rule.one_sided_alpha)
        return t_power(abs(distances[0]) if rule.either_way else distances[0], df, rule.one_sided_alpha)

    def effect_at(self, z: float, effect: float, size: float, null: float, fraction: float) -> float:
        """The difference with the one-sided p-value of a z at an analysis."""
        patients = size * fraction
        df = self._df(patients)
        quantile = z if df >= MOST_DF or z == 0.0 else -t_quantile(tail(z), df) if df >= 1.0 else math.nan
        return null + self._sign * quantile * self._error(patients)

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """The standardised difference, and what the test rests on."""
        pooled = math.sqrt(0.5 * (self.active_sd**2 + self.reference_sd**2) / self.left)
        found: dict[str, Any] = {"method": self.method, "standardised_difference": effect / pooled}
        if self.left < 1.0:
            found["variance_left_by_covariates"] = self.left
        if self.method != Z:
            if self._df(size) < 1.0:
                raise InputError("leave no degree of freedom", where="‹patients›", allowed="more patients", got=size)
            found["degrees_of_freedom"] = self._df(size)
        return found

    def beside(self, effect: float, size: float, rule: Rule) -> Sequence[Beside]:
        """The power of Welch's test with the law of its degrees of freedom."""
        small = size <= _EXACT_BELOW and min(self.allocation.counts(size)) >= 2.0
        if self.method != WELCH or not small or rule.hypothesis == EQUIVALENCE:
            return ()
        mean = self.statistic(effect, size, rule.nulls(self.scale)[0]).mean
        power = welch_power(
            abs(mean) if rule.either_way else mean,
            (self.active_sd, self.reference_sd),
            self.allocation.counts(size),
            rule.one_sided_alpha,
        )
        why = "the formula takes the degrees of freedom at the true standard deviations, the test at the estimated ones"
        return (Beside(power, "Welch's test, exact integral over both estimated variances", why),)

    def draws(
        self, effect: float, size: int, rule: Rule, shares: tuple[float, ...], replicates: int, seed: int
    ) -> Floats:
        """z with the p-value of the test, of trials of normal outcomes; covariates are those of the variance left."""
        from jaksim.plan.simulated_means import simulated_means

        nulls = rule.nulls(self.scale)
        counts = self.allocation.counts(size)
        drawn = simulated_means((self.active_sd, self.reference_sd), counts, shares, replicates, seed)
        return drawn.z(effect, nulls, self._sign, self.method, self.parameters)

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """None: the endpoints of scenarios are states, events and days."""
        raise NoScenario("a normal outcome has no scenario: endpoints there are states, events and days")

    @property
    def _sign(self) -> float:
        return 1.0 if self.scale.better == "higher" else -1.0

    def _error(self, size: float) -> float:
        """True standard error of the difference."""
        n_1, n_0 = self.allocation.counts(size)
        return math.sqrt(self.active_sd**2 / n_1 + self.reference_sd**2 / n_0)

    def _df(self, size: float) -> float:
        if self.method == Z:
            return MOST_DF
        n_1, n_0 = self.allocation.counts(size)
        if self.method == WELCH:
            return welch_df((self.active_sd, self.reference_sd), (n_1, n_0)) - (self.parameters - 2)
        return size - self.parameters


def question_of(options: MeansOptions) -> MeansQuestion:
    """The question that the options of one design ask; InputError for what is contradictory or out of range."""
    known(options.better, BETTER, "side", "‹better›")
    if options.sd is None:
        raise InputError("is needed", where="‹sd›", allowed="the standard deviation of the outcome")
    reference = _positive(options.sd, "‹sd›")
    active = reference if options.active_sd is None else _positive(options.active_sd, "‹active_sd›")
    method = (T if active == reference else WELCH) if options.method is None else options.method
    known(method, METHODS, "method", "‹method›")
    if method == T and active != reference:
        what = "the t test has one standard deviation"
        raise InputError(what, where="‹method›", allowed="welch or z, with ‹active_sd›", got=method)
    correlation = _between(options.baseline_correlation, "‹baseline_correlation›", -1.0)
    explained = _between(options.explained, "‹explained›", 0.0)
    strata = 1 if options.strata is None else whole(options.strata, "‹strata›")
    if not 1 <= strata <= 1000:
        raise InputError("is no number of strata", where="‹strata›", allowed="1 to 1,000", got=strata)
    left = (1.0 - correlation**2) * (1.0 - explained)
    scale = Scale("difference", ratio=False, better=options.better)
    effect = None if options.difference is None else number(options.difference, "‹difference›")
    test = {T: "t test", WELCH: "Welch's t test", Z: "z test"}[method]
    return MeansQuestion(
        scale,
        allocation_of(options.allocation),
        effect,
        active * math.sqrt(left),
        reference * math.sqrt(left),
        method,
        1 + strata + (0 if options.baseline_correlation is None else 1),
        left,
        about=f"{test} of two means",
        unit=reference,
    )


def _positive(value: object, where: str) -> float:
    found = number(value, where)
    if not 0.0 < found < math.inf:
        raise InputError("is no standard deviation", where=where, allowed="a number above 0", got=found)
    return found


def _between(value: object, where: str, low: float) -> float:
    found = 0.0 if value is None else number(value, where)
    if not (low < found < 1.0 or found == 0.0):
        raise InputError("out of range", where=where, allowed=f"above {low:g} and below 1", got=found)
    return found


FORMULAS: Final = {
    T: Formula(
        "Student's t test by the noncentral t distribution",
        "Owen 1965, Biometrika 52:437; Julious 2004, Statistics in Medicine 23:1921; as power.t.test",
        (
            "Outcomes are normal with one standard deviation, which the trial estimates.",
            "Covariates reduce the variance as in a large trial and take a degree of freedom each.",
        ),
    ),
    WELCH: Formula(
        "Welch's t test by the noncentral t distribution with Satterthwaite's degrees of freedom",
        "Welch 1947, Biometrika 34:28; Moser, Stevens and Watts 1989, Communications in Statistics 18:3963",
        ("Outcomes are normal.", "The degrees of freedom are those of the true standard deviations."),
    ),
    Z: Formula(
        "z test with known standard deviations",
        "Julious 2004, Statistics in Medicine 23:1921",
        ("The standard deviations are known; a trial that estimates them needs a few more patients.",),
    ),
}


@takes(MeansOptions)
def means(options: MeansOptions) -> Plan:
    """Plan a trial that compares two means.

    Of `power`, `patients` and `difference` two are given; `sd` is always needed. The power of t tests is that of the
    noncentral t distribution, of equivalence that of both one-sided tests together. Raises InputError for what is
    contradictory or out of range.
    """
    return answer("means", options, question_of)


OPTIONS: Final = MeansOptions
