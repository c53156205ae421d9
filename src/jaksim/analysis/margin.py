"""Superiority, non-inferiority and equivalence: which values of an estimate a trial is meant to rule out."""

from __future__ import annotations

import math

from jaksim.analysis.counts import CategoryMeanings
from jaksim.analysis.method import Method
from jaksim.errors import InputError
from jaksim.ratio import ratio_of

LARGEST_RATIO, LARGEST_DIFFERENCE = 1e4, 1e6
SUPERIORITY, NON_INFERIORITY, EQUIVALENCE = HYPOTHESES = ("superiority", "non-inferiority", "equivalence")


def spelled(hypothesis: str) -> str:
    """The hypothesis as it is spelled here; underscores stand for hyphens."""
    return hypothesis.replace("_", "-")


def check_hypothesis(hypothesis: str, margin: float | None) -> None:
    """Raise InputError for an unknown hypothesis, or one that lacks its margin."""
    if hypothesis not in HYPOTHESES:
        raise InputError("unknown hypothesis", where="hypothesis", allowed=HYPOTHESES, got=hypothesis)
    if margin is None and hypothesis != SUPERIORITY:
        raise InputError(f"{hypothesis} needs a margin", where="margin", allowed="a number on the scale of the method")


def targets(method: Method, endpoint: CategoryMeanings, hypothesis: str, margin: float | None) -> tuple[float, ...]:
    """The values that the estimate is tested against, on its scale (log for ratios).

    None for superiority without a margin, where the method's own test is used; one for non-inferiority or superiority
    by a margin; the lower and the upper one for equivalence, as far from the null on both sides. `margin` is given as
    a ratio, a difference or a probability. Raises InputError for one out of range or on the wrong side of the null.
    """
    check_hypothesis(hypothesis, margin)
    if margin is None:
        return ()
    null, margin = method.null, float(margin)
    if method.scale == "difference" and endpoint.kind == "binary" and not -1.0 < margin < 1.0:
        raise InputError(
            "risks cannot differ by that much", where="margin", allowed="-1 to 1, such as 0.05", got=margin
        )
    value = on_scale(method, margin)
    benefit = method.benefit_sign(endpoint) * (value - null)
    if hypothesis == EQUIVALENCE and value != null:
        return min(value, 2.0 * null - value), max(value, 2.0 * null - value)
    if hypothesis == EQUIVALENCE or (benefit >= 0.0) == (hypothesis == NON_INFERIORITY):
        wrong, allowed = _refusal(method, endpoint, hypothesis)
        raise InputError(wrong, where="margin", allowed=allowed, got=margin)
    return (value,)


def on_scale(method: Method, margin: float) -> float:
    """A margin given as a ratio, a difference or a probability on the scale of the estimate."""
    if method.scale == "log_ratio":
        if not 1.0 / LARGEST_RATIO <= margin <= LARGEST_RATIO:
            allowed = f"a number above 0, from {1.0 / LARGEST_RATIO:g} to {LARGEST_RATIO:g}"
            raise InputError("a ratio cannot be this margin", where="margin", allowed=allowed, got=margin)
        return math.log(margin)
    if method.scale == "probability" and not 0.0 < margin < 1.0:
        raise InputError(
            "a probability cannot be this margin", where="margin", allowed="a number between 0 and 1", got=margin
        )
    low, high = method.bounds
    if not (low < margin < high and abs(margin) <= LARGEST_DIFFERENCE):
        limit = min(high, LARGEST_DIFFERENCE)
        allowed = f"a number between {-limit:g} and {limit:g}"
        raise InputError("a difference cannot be this margin", where="margin", allowed=allowed, got=margin)
    return margin


def _refusal(method: Method, endpoint: CategoryMeanings, hypothesis: str) -> tuple[str, str]:
    """What is wrong with the margin, and what would be allowed."""
    null = ratio_of(method.null) if method.scale == "log_ratio" else method.null
    ratio = (method.ratio_name or "ratio").removeprefix("one_step_").replace("_", " ")
    quantity = {"log_ratio": ratio, "difference": "difference"}.get(method.scale, "probability")
    if hypothesis == EQUIVALENCE:
        return "equivalence leaves no room", f"a {quantity} other than {null:g}; the other margin mirrors it"
    favours_above = method.benefit_sign(endpoint) > 0
    harm = hypothesis == NON_INFERIORITY
    side = "above" if favours_above != harm else "below"
    arm = "active" if harm else "reference"
    return (
        f"the margin lies on the side that favours the {arm} arm",
        f"a {quantity} {side} {null:g}, since a {quantity} {'above' if favours_above else 'below'} {null:g} "
        f"favours the active arm on endpoint '{endpoint.name}'",
    )
