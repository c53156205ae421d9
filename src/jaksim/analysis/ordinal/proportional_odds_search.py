"""What searches for the maximum of a likelihood with ordered thresholds share: how long a step is, and when it ends.

They run inside kernels, with the information factorised in place, and shorten a step by the slope alone, for which no
logarithm is needed; `analysis.newton.maximise`, which takes functions of Python and compares values, cannot serve them.
"""

from __future__ import annotations

from typing import Any, Final

from jaksim.kernel.jit import inlined

MOST_HALVINGS: Final = 40
DECREMENT: Final = 1e-20
"""Squared length of the last Newton step in standard errors; convergence is quadratic, so the step after is nil."""
ROUNDING: Final = 1e-31
"""What rounding leaves of that length, per cubed number of thresholds: gaps between many thresholds are narrow."""
NEARLY: Final = 1e-10
"""Below it a length that no longer falls is what rounding leaves, as beside a category of few patients of millions."""


@inlined
def tolerance_for(m: Any) -> Any:
    """The squared length below which a step of a model with m thresholds is the last."""
    return max(DECREMENT, ROUNDING * float(m) ** 3)


@inlined
def settled(decrement: Any, before: Any, tolerance: Any) -> Any:
    """Whether a step of this squared length, after one of the length `before`, is the last."""
    return decrement < tolerance or before <= decrement < NEARLY


@inlined
def uncrossed(alpha: Any, direction: Any) -> Any:
    """The longest part of a step, 1 at most, in which no two thresholds cross."""
    length = 1.0
    for j in range(1, len(alpha)):
        closing = direction[j - 1] - direction[j]
        if closing > 0.0:
            length = min(length, 0.9 * (alpha[j] - alpha[j - 1]) / closing)
    return length


@inlined
def move_by(move: Any, alpha: Any, direction: Any, theta: Any, step: Any) -> None:
    """Take thresholds and coefficients a part of the step on."""
    for j in range(len(alpha)):
        alpha[j] += move * direction[j]
    for i in range(len(theta)):
        theta[i] += move * step[i]


@inlined
def slope_along(score: Any, direction: Any, gradient: Any, step: Any, m: Any) -> Any:
    """Slope of the log likelihood along the step; below 0 where its maximum was overshot."""
    slope = 0.0
    for j in range(m):
        slope += score[j] * direction[j]
    for i in range(len(step)):
        slope += gradient[i] * step[i]
    return slope
