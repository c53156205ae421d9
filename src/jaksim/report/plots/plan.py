"""The plot of a plan: its power over the size, and over the effect."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from jaksim.plan.answer import Plan, PlannedDesign
from jaksim.plan.question import Question
from jaksim.plan.test import Test
from jaksim.report.plots.figure_file import check_plot, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#8c6bb1")
_POINTS: Final = 60
_FARTHEST: Final = 2.0
"""How many times the planned benefit the effects go."""


def plot_plan(found: Plan, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(plan_figure(found), path)


def plan_figure(found: Plan) -> Figure:
    """Power over size on the left, over the effect on the right, a line for each design, up to eight."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.6), layout="constrained")
    by_size, by_effect = figure.subplots(1, 2, sharey=True)
    figure.suptitle(f"Power of the {found.about}", fontsize=10)
    designs = list(zip(found.designs, found.asked, strict=True))[: len(COLOURS)]
    largest = max(design.size for design, _ in designs)
    for colour, (design, (question, test)) in zip(COLOURS, designs, strict=False):
        label = ", ".join(f"{name.replace('_', ' ')} {design.given[name]}" for name in found.lists)
        style = {"color": colour, "linewidth": 1.6, "label": label or None}
        _over_size(by_size, design, question, test, largest, style)
        _over_effect(by_effect, design, question, test, style)
    by_size.set_xlabel(found.size_name, fontsize=9)
    by_effect.set_xlabel(found.effect_name.replace("_", " "), fontsize=9)
    by_size.set_ylabel("power, %", fontsize=9)
    for panel in (by_size, by_effect):
        panel.set_ylim(0.0, 102.0)
        panel.grid(alpha=0.25)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    if found.lists:
        by_size.legend(frameon=False, fontsize=8)
    return figure


def _over_size(
    panel: Any, design: PlannedDesign, question: Question, test: Test, largest: float, style: dict[str, Any]
) -> None:
    least = max(4.0, largest / 20.0)
    sizes = [least + (1.6 * largest - least) * k / _POINTS for k in range(_POINTS + 1)]
    panel.plot(sizes, [100.0 * test.power(question, design.effect, size) for size in sizes], **style)
    panel.plot([design.size], [100.0 * design.power], "o", color=style["color"])


def _over_effect(panel: Any, design: PlannedDesign, question: Question, test: Test, style: dict[str, Any]) -> None:
    scale = question.scale
    planned = scale.benefit(design.effect, scale.neutral)
    if planned == 0.0:
        null = test.rule.nulls(scale)[0]
        planned = scale.benefit(scale.neutral, null)
    distances = [_FARTHEST * planned * k / _POINTS for k in range(_POINTS + 1)]
    effects = [scale.moved(scale.neutral, distance) for distance in distances]
    inside = [one for one in effects if scale.low < one < scale.high]
    panel.plot(inside, [100.0 * test.power(question, one, design.size) for one in inside], **style)
    panel.plot([design.effect], [100.0 * design.power], "o", color=style["color"])
    if scale.ratio and max(inside) / min(inside) > math.e:
        panel.set_xscale("log")
