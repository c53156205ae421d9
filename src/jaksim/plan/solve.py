"""Power, size or effect of a trial, whichever was left out."""

from __future__ import annotations

import math
from typing import Final

from jaksim.errors import InputError
from jaksim.plan.question import Question
from jaksim.plan.rule import EQUIVALENCE
from jaksim.plan.test import Test
from jaksim.root import root

LARGEST: Final = 1e9
_SMALLEST: Final = 2.0
_MOST_STEPS: Final = 50
_FARTHEST: Final = 50.0
"""Log ratios, or differences in units of the first that was tried, that an effect is sought up to."""


def solved_size(question: Question, test: Test, effect: float, power: float) -> float:
    """The size, not rounded, that gives the power; InputError where none does."""
    _can_be_shown(question, test, effect)
    level = test.rule.one_sided_alpha
    if power <= level:
        what = "the test has this power without any effect"
        raise InputError(what, where="‹power›", allowed=f"more than {level:g}", got=power)
    closed = test.closed_size(question, effect, power)
    if closed is not None:
        if closed > LARGEST:
            raise InputError(
                f"more than {LARGEST:,.0f} {question.size_name} would be needed",
                where=f"‹{question.effect_option}›",
                allowed=f"farther from {test.rule.nulls(question.scale)[0]:g}",
                got=effect,
            )
        return closed

    def lack(log_size: float) -> float:
        return test.power(question, effect, math.exp(log_size)) - power

    most = min(LARGEST, question.largest_size(effect))
    low, high = math.log(_SMALLEST), math.log(min(64.0, most))
    while lack(high) < 0.0:
        low, high = high, min(high + math.log(4.0), math.log(most))
        if low == high:
            reached = test.power(question, effect, most)
            raise InputError(
                f"no number of {question.size_name} up to {most:,.0f} gives this power",
                where="‹power›",
                allowed=f"up to {reached:.3f}, or another {question.scale.words}",
                got=power,
            )
    if lack(low) >= 0.0:
        return math.exp(low)
    return math.exp(root(lack, low, high))


def whole_size(question: Question, test: Test, effect: float, power: float, size: float) -> int:
    """The least size in whole multiples of the allocation, at least `size`, with the power."""
    multiple = question.allocation.multiple if question.size_name == "patients" else 1
    found = math.ceil(size / multiple - 1e-9) * multiple
    for _ in range(_MOST_STEPS):
        if test.power(question, effect, found) >= power - 1e-9:
            break
        found += multiple
    return found


def solved_effect(question: Question, test: Test, size: float, power: float) -> float:
    """The least effect, better than the null, that the trial finds with the power; InputError where there is none.

    For equivalence it is the farthest on the worse side.
    """
    scale, worse = question.scale, test.rule.nulls(question.scale)[0]

    def lack(benefit: float) -> float:
        return test.power(question, scale.moved(worse, benefit), size) - power

    end = _most_benefit(question, test, worse)
    low, high = 0.0, min(end, _first_step(question))
    while lack(high) < 0.0:
        if high >= end:
            reached = lack(high) + power
            raise InputError(
                f"no {scale.words} is found with this power in a trial of this size",
                where="‹power›",
                allowed=f"up to {reached:.3f}, or more {question.size_name}",
                got=power,
            )
        low, high = high, min(2.0 * high, end)
    if lack(low) >= 0.0:
        least = f"more than {lack(low) + power:.4g}"
        raise InputError("the test has this power without any effect", where="‹power›", allowed=least, got=power)
    return scale.moved(worse, root(lack, low, high))


def _most_benefit(question: Question, test: Test, worse: float) -> float:
    """How far from the null an effect may be."""
    scale = question.scale
    if test.rule.hypothesis == EQUIVALENCE:
        return scale.benefit(scale.neutral, worse)
    edge = scale.high if scale.better == "higher" else scale.low
    if not math.isfinite(edge) or (scale.ratio and edge <= 0.0):
        return _FARTHEST * (1.0 if scale.ratio else question.unit)
    return scale.benefit(edge, worse) * (1.0 - 1e-9)


def _first_step(question: Question) -> float:
    return 0.1 if question.scale.ratio else 0.1 * question.unit


def _can_be_shown(question: Question, test: Test, effect: float) -> None:
    """InputError for an effect that no trial, however large, shows."""
    rule, scale = test.rule, question.scale
    nulls = rule.nulls(scale)
    if rule.either_way:
        if scale.benefit(effect, nulls[0]) == 0.0:
            raise _not_shown(question, f"other than {scale.neutral:g}", effect)
        return
    if scale.benefit(effect, nulls[0]) <= 0.0:
        side = "above" if scale.better == "higher" else "below"
        raise _not_shown(question, f"{side} {nulls[0]:g}: {scale.better} is better", effect)
    if len(nulls) == 2 and scale.benefit(effect, nulls[1]) >= 0.0:
        raise _not_shown(question, f"between {min(nulls):g} and {max(nulls):g}", effect)


def _not_shown(question: Question, allowed: str, effect: float) -> InputError:
    what = f"no number of {question.size_name} shows this {question.scale.words}"
    return InputError(what, where=f"‹{question.effect_option}›", allowed=allowed, got=effect)
