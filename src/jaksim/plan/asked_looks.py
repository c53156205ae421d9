"""The group-sequential test that is asked for by its analyses, spending and futility."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from jaksim.checks import number
from jaksim.errors import InputError
from jaksim.plan.looks import DEFAULT_SPENDING, SequentialTest, planned
from jaksim.plan.rule import EQUIVALENCE, Rule
from jaksim.trial.monitoring.integration import check_information
from jaksim.trial.monitoring.plan import MonitoringPlan, fractions
from jaksim.trial.monitoring.words import efficacy_of, futility_of

DEFAULT_BETA: Final = 0.1
MOST_LOOKS: Final = 20


def sequential_test(
    rule: Rule,
    *,
    looks: Any,
    spending: str | None = None,
    futility: str | None = None,
    binding: bool = False,
    power: float | None = None,
) -> SequentialTest:
    """The test at some `looks`, a number of equally spaced analyses or their shares of the information.

    `spending` and `futility` are in the words of `jaksim boundaries`; futility spends one less the `power`, or
    0.1 where the power is what is sought. InputError for what contradicts itself.
    """
    if rule.hypothesis == EQUIVALENCE:
        what = "equivalence is shown at one analysis: no bounds are known here that keep two tests at several"
        raise InputError(what, where="‹looks›", allowed="non-inferiority or superiority", got=looks)
    shares = shares_of(looks)
    times = check_information(shares, "‹looks›")
    beta = DEFAULT_BETA if power is None else 1.0 - power
    plan = MonitoringPlan(
        information=shares,
        efficacy=efficacy_of(spending or DEFAULT_SPENDING, times, rule.alpha, "‹spending›"),
        alpha=rule.alpha,
        sides=rule.sides,
        beta=beta,
        futility=None if futility is None else futility_of(futility, times, beta, "‹futility›"),
        binding=binding,
    )
    planned(plan)
    return SequentialTest(rule, plan, follows=power is None, spending=spending or DEFAULT_SPENDING, futility=futility)


def shares_of(looks: Any) -> tuple[float, ...]:
    """Shares of the information, the last 1, from a number of analyses or from the shares."""
    if isinstance(looks, Sequence) and not isinstance(looks, str):
        found = tuple(number(one, "‹looks›") for one in looks)
        if not found or any(not 0.0 < one <= 1.0 for one in found) or found[-1] != 1.0:
            allowed = "a number of analyses, or shares of the information that increase to 1, such as .5,.75,1"
            raise InputError("are no analyses", where="‹looks›", allowed=allowed, got=list(looks))
        return fractions(None, found)
    count = number(looks, "‹looks›")
    if count != int(count) or not 1 <= count <= MOST_LOOKS:
        allowed = f"1 to {MOST_LOOKS}, or shares of the information that increase to 1, such as .5,.75,1"
        raise InputError("is no number of analyses", where="‹looks›", allowed=allowed, got=looks)
    return fractions(int(count), None)
