"""The forest plot of a synthesis: every trial with its interval, and each class pooled, on a log axis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.evidence.answers import SynthesisResult
from jaksim.report.plots.conduct import BLUE, GREY, ORANGE
from jaksim.report.plots.figure_file import check_plot, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

WIDEST: Final = 12.0
"""The axis reaches no further than this factor from 1; intervals that do end in an arrow."""
LARGEST_SQUARE: Final = 9.0
TICKS: Final = (0.1, 0.2, 0.5, 0.7, 1.0, 1.5, 2.0, 5.0, 10.0)
EDGE: Final = 0.15
"""Inches that stay free at both sides."""
_WEIGHTS, _NUMBERS = 1.09, 1.11
POOLED: Final = "REML, Hartung-Knapp"
"""The row of the report that the diamond is of; the next trial is that of the Bayesian row."""


@dataclass(frozen=True)
class Line:
    """One line of the plot: of a heading, a trial, a pooled effect, or what the next trial may have."""

    kind: str
    label: str
    ratio: float = 1.0
    interval: tuple[float, float] = (1.0, 1.0)
    weight: float = 0.0
    aside: str = ""


def plot_forest(found: SynthesisResult, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(forest_figure(found), path)


def forest_figure(found: SynthesisResult) -> Figure:
    """Trials with squares as large as their REML weight, a diamond for each class, and the interval of the next trial.

    Diamond and interval are labelled as the rows of the report that have the same numbers.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    answers = found.as_dict()
    lines = forest_lines(answers)
    figure = Figure(figsize=(10.0, 1.5 + 0.235 * len(lines)), layout=ConstrainedLayoutEngine(w_pad=EDGE))
    axes = figure.subplots()
    figure.suptitle(f"{answers['title']}\n{answers['measure'].replace('_', ' ')}, 95 % intervals", fontsize=10)
    low, high = _limits(lines)
    for place, line in enumerate(lines):
        _draw(axes, -float(place), line, low, high)
    beside = axes.get_yaxis_transform()
    axes.text(_NUMBERS, 0.9, "ratio (95 % interval)", transform=beside, ha="left", va="center", fontsize=8, color=GREY)
    axes.text(_WEIGHTS, 0.9, "REML weight", transform=beside, ha="right", va="center", fontsize=8, color=GREY)
    axes.axvline(1.0, color=GREY, linewidth=0.9)
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_ylim(-len(lines) + 0.3, 1.3)
    shown = [tick for tick in TICKS if low <= tick <= high]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.xaxis.set_minor_locator(_no_ticks())
    axes.set_yticks([])
    axes.grid(axis="x", alpha=0.25)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    sides = ("better", "worse") if answers["better"] == "lower" else ("worse", "better")
    axes.set_xlabel(f"{sides[0]} than control      ratio      {sides[1]} than control", fontsize=9)
    return figure


def forest_lines(answers: Mapping[str, Any]) -> list[Line]:
    """What is drawn, from the top down."""
    lines = []
    trials = {trial["study"]: trial for trial in answers["trials"]}
    for pooled in answers["classes"].values():
        label = pooled["label"][:1].upper() + pooled["label"][1:]
        lines.append(Line("heading", label, aside=pooled["definition"]))
        methods = pooled["pooled"]
        several = len(pooled["trials"]) > 1
        weights = methods["REML"]["weights"] if several else [1.0]
        for study, weight in zip(pooled["trials"], weights, strict=True):
            trial = trials[study]
            low, high = trial["ratio_interval"]
            lines.append(
                Line(
                    "trial",
                    f"{study}  ({trial['agent']})",
                    trial["ratio"],
                    (low, high),
                    weight,
                    f"{100 * weight:.1f} %",
                )
            )
        if several:
            mean, tau = methods[POOLED], pooled["between_trials"]["tau"]["median"]
            lines.append(Line("pooled", POOLED, mean["ratio"], tuple(mean["ratio_interval"])))
            new = pooled["bayes"]["new_study"]
            lines.append(
                Line("next", f"Bayesian: next trial, tau {tau:.2f}", new["ratio"], tuple(new["ratio_interval"]))
            )
        lines.append(Line("gap", ""))
    return lines[:-1]


def _draw(axes: Any, place: float, line: Line, low: float, high: float) -> None:
    """Label at the left, mark in the middle, weight and numbers at the right."""
    beside = axes.get_yaxis_transform()
    bold = "bold" if line.kind in ("heading", "pooled") else "normal"
    axes.text(-0.02, place, line.label, transform=beside, ha="right", va="center", fontsize=8, fontweight=bold)
    if line.kind in ("heading", "gap"):
        if line.aside:
            own = {"transform": beside, "backgroundcolor": "white", "color": GREY}
            axes.text(0.01, place, line.aside, ha="left", va="center", fontsize=8, **own)
        return
    words = f"{line.ratio:.2f} ({line.interval[0]:.2f} to {line.interval[1]:.2f})"
    words = words if line.kind != "next" else f"{line.interval[0]:.2f} to {line.interval[1]:.2f}"
    axes.text(_NUMBERS, place, words, transform=beside, ha="left", va="center", fontsize=8, fontweight=bold)
    axes.text(_WEIGHTS, place, line.aside, transform=beside, ha="right", va="center", fontsize=8)
    left, right = np.clip(line.interval, low, high)
    colour = BLUE if line.kind == "trial" else ORANGE
    if line.kind == "pooled":
        axes.fill([left, line.ratio, right, line.ratio], [place, place + 0.32, place, place - 0.32], color=colour)
    else:
        style = "-" if line.kind == "trial" else (0, (3, 1.5))
        axes.plot([left, right], [place, place], color=colour, linewidth=1.2, linestyle=style, solid_capstyle="butt")
    for limit, clipped, mark in ((line.interval[0], low, "<"), (line.interval[1], high, ">")):
        if (limit < clipped) if mark == "<" else (limit > clipped):
            axes.plot([clipped], [place], mark, color=colour, markersize=4, clip_on=False)
    if line.kind == "trial" and low <= line.ratio <= high:
        size = max(2.5, LARGEST_SQUARE * line.weight**0.5)
        axes.plot([line.ratio], [place], "s", color=colour, markersize=size)


def _limits(lines: list[Line]) -> tuple[float, float]:
    """Wide enough for nine in ten of the limits, both sides alike, and not beyond `WIDEST`."""
    reach = [abs(np.log(limit)) for line in lines if line.kind != "heading" for limit in line.interval if limit > 0]
    side = float(np.exp(np.clip(np.quantile(reach, 0.9) * 1.05, np.log(1.6), np.log(WIDEST))))
    return 1 / side, side


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()
