"""The funnel plot of a synthesis: the ratio of each trial against its standard error, a panel for each class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.evidence.answers import SynthesisResult
from jaksim.report.plots.conduct import BLUE, GREEN, GREY, ORANGE
from jaksim.report.plots.figure_file import check_plot, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = (BLUE, ORANGE, GREEN, "#cc79a7", "#56b4e9", "#d55e00", "#000000")
TICKS: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
FINE_TICKS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 3.0, 4.0)
LEVEL: Final = 1.959963984540054


def plot_funnel(found: SynthesisResult, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(funnel_figure(found), path)


def funnel_figure(found: SynthesisResult) -> Figure:
    """Trials by class and agent, and where 95 % of them lie if only chance, or chance and tau, sets them apart."""
    from matplotlib.figure import Figure

    answers = found.as_dict()
    parts = [part for part in answers["classes"].values() if len(part["trials"]) > 1]
    parts = parts or list(answers["classes"].values())
    figure = Figure(figsize=(1.0 + 4.6 * len(parts), 6.0), layout="constrained")
    figure.suptitle(f"{answers['title']}\nsmall trials below, large trials above", fontsize=10)
    trials = {trial["study"]: trial for trial in answers["trials"]}
    for axes, part in zip(np.atleast_1d(figure.subplots(1, len(parts))), parts, strict=True):
        _draw(axes, part, [trials[study] for study in part["trials"]])
        axes.set_xlabel(answers["measure"].replace("_", " "), fontsize=9)
    return figure


def _draw(axes: Any, part: Mapping[str, Any], trials: list[Mapping[str, Any]]) -> None:
    errors = np.array([trial["standard_error"] for trial in trials])
    pooled = part["pooled"].get("REML", part["pooled"]["fixed effect"])
    centre, tau = pooled["estimate"], part["between_trials"]["tau"]["median"]
    depth = np.linspace(0.0, 1.08 * errors.max(), 100)
    for spread, style, words in (
        (depth, "-", "chance alone"),
        (np.hypot(depth, tau), "--", f"chance and tau {tau:.2f}"),
    ):
        for sign in (-1.0, 1.0):
            label = words if sign > 0 else None
            edge = np.exp(centre + sign * LEVEL * spread)
            axes.plot(edge, depth, style, color=GREY, linewidth=0.9, label=label)
    axes.axvline(np.exp(centre), color=GREY, linewidth=0.9)
    for colour, agent in zip(COLOURS, dict.fromkeys(trial["agent"] for trial in trials), strict=False):
        own = [trial for trial in trials if trial["agent"] == agent]
        ratios = [trial["ratio"] for trial in own]
        axes.plot(ratios, [trial["standard_error"] for trial in own], "o", color=colour, markersize=5, label=agent)
    axes.set_xscale("log")
    edges = np.exp(centre + np.array([-1, 1]) * 1.05 * LEVEL * float(np.hypot(depth[-1], tau)))
    low = min(edges[0], *(0.95 * trial["ratio"] for trial in trials))
    high = max(edges[1], *(1.05 * trial["ratio"] for trial in trials))
    axes.set_xlim(low, high)
    shown = [tick for tick in (TICKS if high / low > 8.0 else FINE_TICKS) if low <= tick <= high]
    axes.set_xticks(shown, [f"{tick:g}" for tick in shown])
    axes.minorticks_off()
    axes.set_ylim(depth[-1], 0.0)
    axes.set_ylabel("standard error of the log ratio", fontsize=9)
    axes.set_title(part["label"][:1].upper() + part["label"][1:], loc="left", fontsize=10)
    axes.grid(alpha=0.25)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.legend(frameon=False, fontsize=8, ncols=2, loc="upper center", bbox_to_anchor=(0.5, -0.13))
