"""The figure of phases: their levels by days since onset, hazard ratios by group, and published odds ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, wrapped
from jaksim.verbs.showing.phases_result import ShownPhases

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#000000", "#cc79a7", "#56b4e9", "#e69f00")


def phases_figure(shown: ShownPhases) -> Figure:
    """Levels at the left, hazard ratios with the limits that the phase leaves at the right, publications below."""
    from matplotlib.figure import Figure

    rows = 2 if shown.published else 1
    figure = Figure(figsize=(10.5, 4.4 * rows), layout="constrained")
    figure.suptitle(wrapped(shown.title, 110), fontsize=SIZE + 1)
    panels = figure.subplots(rows, 2, squeeze=False)
    _levels(panels[0][0], shown)
    _ratios(panels[0][1], shown)
    if shown.published:
        grid = panels[1][0].get_gridspec()
        for panel in panels[1]:
            panel.remove()
        _published(figure.add_subplot(grid[1, :]), shown)
    return figure


def _levels(axes: Any, shown: ShownPhases) -> None:
    for one, colour in zip(shown.phases, COLOURS, strict=False):
        days = np.arange(len(one.level))
        axes.fill_between(days, one.low, one.high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(days, one.level, color=colour, label=one.phase)
    axes.set_xlabel("days since onset", fontsize=SMALL)
    axes.set_ylabel("level, with 95 % limits", fontsize=SMALL)
    axes.legend(fontsize=SMALL, frameon=False)
    _plain(axes)


def _ratios(axes: Any, shown: ShownPhases) -> None:
    groups = [one.name for one in shown.groups]
    places = np.arange(len(groups))
    wide = 0.7 / max(len(shown.effects), 1)
    for number, one in enumerate(shown.effects):
        colour = COLOURS[number % len(COLOURS)]
        at = places + wide * (number - (len(shown.effects) - 1) / 2)
        axes.vlines(at, one.low, one.high, color=colour, linewidth=1.2)
        axes.plot(at, one.ratio, "o", color=colour, markersize=4, label=wrapped(f"{one.treatment}, {one.moves}", 40))
    axes.axhline(1.0, color=GREY, linewidth=0.9)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.yaxis.set_minor_formatter(lambda value, _: f"{value:g}")
    axes.tick_params(axis="y", which="both", labelsize=SMALL)
    axes.set_xticks(places, [wrapped(name, 12) for name in groups], fontsize=SMALL)
    axes.set_ylabel("hazard ratio, average in the group", fontsize=SMALL)
    axes.legend(fontsize=SMALL - 1, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.16), ncols=2)
    _plain(axes)


def _published(axes: Any, shown: ShownPhases) -> None:
    for place, one in enumerate(reversed(shown.published)):
        axes.plot(one.interval, [place, place], color="black", linewidth=1.1)
        axes.plot([one.estimate], [place], "s", color="black", markersize=5, label="published" if place == 0 else None)
        axes.plot([one.expected], [place], "D", color=COLOURS[0], markersize=5, label="here" if place == 0 else None)
        kept = "with constant effects" if place == 0 else None
        axes.plot([one.constant], [place], "x", color=COLOURS[1], markersize=6, label=kept)
    axes.axvline(1.0, color=GREY, linewidth=0.9)
    axes.set_xscale("log")
    names = [f"{one.study}, {one.group} days" for one in reversed(shown.published)]
    axes.set_yticks(range(len(names)), names, fontsize=SMALL)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.xaxis.set_minor_formatter(lambda value, _: "")
    axes.set_xlabel("odds ratio of death, 95 % intervals", fontsize=SMALL)
    axes.legend(fontsize=SMALL, frameon=False)
    _plain(axes)


def _plain(axes: Any) -> None:
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
