"""The plot of a plan: its power over the size, and over the effect."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from jaksim.plan.answer import Plan, PlannedDesign
from jaksim.plan.question import Question
from jaksim.plan.test import Test
from jaksim.report.plots.figure_file import check_plot, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6bb1")
STYLES: Final = ("-", "--", ":", "-.")
_POINTS: Final = 60
_FARTHEST: Final = 2.0
"""How many times as far as the planned effect from the null the effects go."""


def plot_plan(found: Plan, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(plan_figure(found), path)


def plan_figure(found: Plan) -> Figure:
    """Power over size on the left, over the effect on the right, a line for each design, up to eight.

    Designs that differ in their power or size alone have one colour, and one line over the size.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.6), layout="constrained")
    designs = list(zip(found.designs, found.asked, strict=True))[: len(COLOURS)]
    several = not all(question.one_effect for _, (question, _) in designs)
    panels = figure.subplots(1, 2 if several else 1, sharey=True, squeeze=False)[0]
    by_size, by_effect = panels[0], panels[-1]
    figure.suptitle(f"Power of the {found.about}", fontsize=10)
    largest = max(design.size for design, _ in designs)
    seen: dict[tuple[tuple[str, Any], ...], int] = {}
    for design, (question, test) in designs:
        given = [(name, design.given[name]) for name in found.lists]
        alike = tuple(pair for pair in given if pair[0] not in ("power", found.size_name))
        number = seen[alike] = seen.get(alike, -1) + 1
        style = {"color": COLOURS[list(seen).index(alike)], "linewidth": 1.6}
        dashed = {**style, "linestyle": STYLES[number % len(STYLES)]}
        if number == 0:
            _over_size(by_size, design, question, test, largest, {**style, "label": _label(alike)})
        by_size.plot([design.size], [100.0 * design.power], "o", color=style["color"])
        if not question.one_effect:
            _over_effect(by_effect, design, question, test, {**dashed, "label": _label(given)})
    by_effect.set_xlabel(found.effect_name.replace("_", " "), fontsize=9)
    by_size.set_xlabel(found.size_name, fontsize=9)
    by_size.set_ylabel("power, %", fontsize=9)
    for panel in panels:
        panel.set_ylim(0.0, 102.0)
        panel.grid(alpha=0.25)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
        if any(line.get_label()[:1] != "_" for line in panel.lines):
            panel.legend(frameon=False, fontsize=8)
    return figure


def _label(given: Iterable[tuple[str, Any]]) -> str | None:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in given) or None


def _over_size(
    panel: Any, design: PlannedDesign, question: Question, test: Test, largest: float, style: dict[str, Any]
) -> None:
    least = max(4.0, largest / 20.0)
    most = min(1.6 * largest, question.largest_size(design.effect))
    sizes = [least + (most - least) * k / _POINTS for k in range(_POINTS + 1)]
    panel.plot(sizes, [100.0 * test.power(question, design.effect, size) for size in sizes], **style)


def _over_effect(panel: Any, design: PlannedDesign, question: Question, test: Test, style: dict[str, Any]) -> None:
    """From the null to twice as far as the design's effect; of equivalence from one null to the other."""
    scale, nulls = question.scale, test.rule.nulls(question.scale)
    end = _FARTHEST * scale.benefit(design.effect, nulls[0])
    if len(nulls) > 1:
        end = scale.benefit(nulls[1], nulls[0])
    effects = [scale.moved(nulls[0], end * k / _POINTS) for k in range(_POINTS + 1)]
    inside = [one for one in effects if scale.low < one < scale.high and design.size <= question.largest_size(one)]
    panel.plot(inside, [100.0 * test.power(question, one, design.size) for one in inside], **style)
    panel.plot([design.effect], [100.0 * design.power], "o", color=style["color"])
    if scale.ratio and max(inside) / min(inside) > math.e**2:
        panel.set_xscale("log")
