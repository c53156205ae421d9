"""Names of methods and units as a protocol writes them."""

from __future__ import annotations

from jaksim.report.parts.layout import NO_BREAK

POINTS = f"%{NO_BREAK}points"
"""Unit of a difference of two percentages."""


def method_words(name: str) -> str:
    """The name of a method in words."""
    from jaksim.analysis.registry import get_method

    return get_method(name).words


def hypothesis_words(hypothesis: str, margin: float | None) -> str:
    """What is to be shown, as a fragment with a comma before it; nothing for superiority over no effect."""
    return "" if margin is None else f", {hypothesis} with margin {margin:g}"


def ratio_words(name: str | None) -> str:
    """The name of a ratio in words."""
    return (name or "ratio").replace("_", " ").replace("one step", "one-step")


def unit_of_difference(method: str) -> str:
    """What the estimate of a method on the scale of differences is counted in; nothing for that of the endpoint."""
    from jaksim.analysis.registry import get_method

    unit = get_method(method).unit
    return POINTS if unit is None else unit
