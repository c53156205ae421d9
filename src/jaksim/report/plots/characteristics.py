"""The plot of a group-sequential trial: its bounds, and how often it ends at each analysis and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.design.sums.characteristics import Characteristics
from jaksim.design.sums.result import PowerResult
from jaksim.errors import InputError
from jaksim.report.parts.characteristics import REASONS
from jaksim.report.plots.boundaries import EFFICACY, FUTILITY, HARM, draw_bounds
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.trial import Trial

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = {"efficacy": EFFICACY, "futility": FUTILITY, "harm": HARM, "end": "#bbbbbb"}
WIDTH = 0.6
INTERVAL = 1.96


def plot_characteristics(result: PowerResult, trial: Trial, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(characteristics_figure(result, trial), path)


def power_figure(result: PowerResult) -> Figure:
    """The same figure of the scenario that was asked about."""
    if result.asked is None:
        raise InputError("the scenario is not known, so its bounds cannot be drawn", where="plot")
    return characteristics_figure(result, result.asked.trial)


def characteristics_figure(result: PowerResult, trial: Trial) -> Figure:
    """Bounds on the left, the shares of trials that end at each analysis on the right."""
    from matplotlib.figure import Figure

    if trial.monitoring is None or result.characteristics is None:
        raise InputError("the trial has no interim analyses to plot", where="monitoring")
    figure = Figure(figsize=(11.0, 4.8), layout="constrained")
    bounds, endings = figure.subplots(1, 2)
    null = ", under the null hypothesis" if result.null else ""
    figure.suptitle(f"{trial.title}{null}\n{result.replicates:,} simulated trials", fontsize=10, wrap=True)
    draw_bounds(bounds, trial.monitoring.boundaries)
    bounds.set_xlabel("information, in parts of the planned maximum", fontsize=9)
    bounds.set_xlim(0.0, 1.05)
    _draw_endings(endings, result.characteristics)
    for panel in (bounds, endings):
        panel.grid(alpha=0.25)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    return figure


def _draw_endings(panel: Any, found: Characteristics) -> None:
    """Bars side by side for each analysis with their 95 % Monte Carlo intervals, the integrated values as marks."""
    reasons = [one for one in REASONS if any(look.stopped[one].share > 0.0 for look in found.looks)]
    width = WIDTH / max(len(reasons), 1)
    marked = False
    for place, reason in enumerate(reasons):
        at = np.arange(1, len(found.looks) + 1) + (place - (len(reasons) - 1) / 2) * width
        shares = [100.0 * look.stopped[reason].share for look in found.looks]
        errors = [100.0 * INTERVAL * look.stopped[reason].mc_se for look in found.looks]
        panel.bar(at, shares, width, yerr=errors, color=COLOURS[reason], ecolor="#444444", label=REASONS[reason])
        exact = [100.0 * (look.analytic.get(reason) or np.nan) for look in found.looks]
        if np.isfinite(exact).any():
            label = None if marked else "by integration"
            panel.plot(at, exact, "D", color="black", markersize=4, markerfacecolor="none", label=label)
            marked = True
    panel.set_ylim(bottom=0.0)
    panel.set_xticks(range(1, len(found.looks) + 1))
    panel.set_xlabel("analysis", fontsize=9)
    panel.set_ylabel("% of trials that end there", fontsize=9)
    panel.set_title("Endings", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8)
