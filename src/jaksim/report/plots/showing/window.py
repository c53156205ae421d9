"""The figure of windows: hazard ratios by day, and what they do to the patients of an arm by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.design.expected.windows import WindowEffect
from jaksim.errors import InputError
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, day_axis, plain_axes, wrapped
from jaksim.verbs.showing.shown import ShownScenario

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#000000", "#cc79a7", "#56b4e9", "#e69f00")
STYLES: Final = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (8, 2)), (0, (1, 3)))
_MOST_SETS: Final = 4
_TICKS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0)
_NEAREST: Final = 0.075
"""Ticks of the ratio closer than this, on the log scale, are left out."""


def window_figure(shown: ShownScenario) -> Figure:
    """A row for each arm whose effects act on some days only; InputError where there is none."""
    from matplotlib.figure import Figure

    if not shown.windows:
        raise InputError(
            "no effect of any arm has a window within the follow-up",
            where="‹figure›",
            allowed="occupation, moves or patients",
            got="window",
        )
    rows = len(shown.windows)
    figure = Figure(figsize=(10.5, 4.1 * rows + 0.5), layout="constrained")
    panels = figure.subplots(rows, 2, squeeze=False)
    figure.suptitle(wrapped(shown.title, 110), fontsize=SIZE + 1)
    for (ratios, course), one in zip(panels, shown.windows, strict=True):
        _draw_ratios(ratios, one, shown.horizon)
        _draw_course(course, one, shown)
        for panel in (ratios, course):
            day_axis(panel, shown.horizon)
            panel.set_xlabel("days since randomisation", fontsize=SIZE)
            panel.grid(alpha=0.25)
            panel.set_axisbelow(True)
            plain_axes(panel)
    return figure


def _draw_ratios(panel: Any, one: WindowEffect, horizon: int) -> None:
    for place, line in enumerate(one.ratios):
        style = {"color": COLOURS[place % len(COLOURS)], "linestyle": STYLES[place % len(STYLES)], "linewidth": 1.8}
        words = f"{line.moves}, {line.patients}" if line.patients else line.moves
        panel.step(
            [*line.starts, horizon], [*line.ratios, line.ratios[-1]], where="post", label=wrapped(words), **style
        )
    panel.axhline(1.0, color=GREY, linewidth=0.8)
    panel.set_yscale("log")
    every = [ratio for line in one.ratios for ratio in line.ratios] + [1.0]
    low, high = min(every) / 1.12, max(every) * 1.12
    ticks: list[float] = []
    for tick in _TICKS:
        if low <= tick <= high and (not ticks or np.log(tick / ticks[-1]) > _NEAREST * np.log(high / low)):
            ticks.append(tick)
    panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.minorticks_off()
    panel.set_ylim(low, high)
    panel.set_ylabel("hazard ratio against\nthe natural history", fontsize=SIZE)
    panel.set_title(wrapped(f"{one.arm}: effects act {', '.join(one.windows)}", 60), fontsize=SIZE, loc="left")
    _legend(panel)


def _draw_course(panel: Any, one: WindowEffect, shown: ShownScenario) -> None:
    days = np.arange(shown.horizon + 1)
    for place, (name, scores) in enumerate(_sets(shown).items()):
        columns = [one.states.index(str(score)) for score in scores]
        without, planned, throughout = (
            100.0 * np.array(curve)[:, columns].sum(axis=1) for curve in (one.untreated, one.as_planned, one.throughout)
        )
        colour = COLOURS[place]
        panel.plot(days, planned - without, color=colour, linewidth=1.8, label=name)
        panel.plot(days, throughout - without, color=colour, linewidth=1.2, linestyle=(0, (3, 2)))
    panel.plot([], [], color=GREY, linewidth=1.2, linestyle=(0, (3, 2)), label="the same effects throughout")
    panel.axhline(0.0, color=GREY, linewidth=0.8)
    panel.set_ylabel("change by the effects,\n% points of the patients", fontsize=SIZE)
    panel.set_title("share of patients in sets of scores", fontsize=SIZE, loc="left")
    _legend(panel)


def _legend(panel: Any) -> None:
    """Below the axis, where no line can be behind it."""
    panel.legend(fontsize=SMALL, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.17), ncols=2)


def _sets(shown: ShownScenario) -> dict[str, tuple[int, ...]]:
    """The named sets that are drawn: the last ones, which are the worst, with the first."""
    names = list(shown.sets)
    chosen = names if len(names) <= _MOST_SETS else [names[0], *names[1 - _MOST_SETS :]]
    labels = {name: f"{name} (score {', '.join(map(str, shown.sets[name]))})" for name in chosen}
    return {labels[name]: shown.sets[name] for name in chosen}
