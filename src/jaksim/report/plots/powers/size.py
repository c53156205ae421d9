"""The figure of a sample size: power against patients, in the steps of the search and by the analytic law."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.design.sizing import SampleSize, analytic_curve
from jaksim.design.sums.precision import wilson
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, plain_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIMULATED, ANALYTIC, ANSWER = "#0072b2", "#d55e00", "#009e73"
_SIZES: Final = 25
_AROUND: Final = (0.35, 2.2)
"""Sizes that are drawn, in parts of the answer; those of the steps too, up to this factor away from it."""
_FURTHEST: Final = 5.0


def size_figure(found: SampleSize) -> Figure:
    """Steps with their 95 % Monte Carlo intervals, the analytic curve where there is one, and the answer."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    panel = figure.subplots()
    figure.suptitle(f"{wrapped(found.title, 80)}\n{wrapped(found.analysis, 80)}", fontsize=SIZE + 1)
    steps = [one for one in found.steps if 1 / _FURTHEST <= one.n_patients / found.n_patients <= _FURTHEST]
    low = min([_AROUND[0] * found.n_patients, *(0.95 * one.n_patients for one in steps)])
    high = max([_AROUND[1] * found.n_patients, *(1.05 * one.n_patients for one in steps)])
    if found.asked is not None:
        sizes = sorted({max(round(n / found.multiple), 1) * found.multiple for n in np.linspace(low, high, _SIZES)})
        curve = [(n, power) for n, power in analytic_curve(found.asked.trial, found.analysis, sizes) if power == power]
        if curve:
            days = np.array(curve)
            panel.plot(days[:, 0], 100.0 * days[:, 1], color=ANALYTIC, linewidth=1.8, label="analytic", zorder=2)
    most = max(one.replicates for one in found.steps)
    for full, label, filled in ((True, f"simulated, {most:,} replicates", SIMULATED), (False, "first steps", "white")):
        own = [one for one in steps if (one.replicates == most) == full]
        if own:
            limits = np.array([wilson(round(one.power * one.replicates), one.replicates) for one in own])
            power = np.array([one.power for one in own])
            panel.errorbar(
                [one.n_patients for one in own],
                100.0 * power,
                yerr=100.0 * np.abs(limits - power[:, None]).T,
                fmt="o",
                color=SIMULATED,
                markerfacecolor=filled,
                markersize=5.5,
                elinewidth=1.2,
                label=label,
                zorder=3,
            )
    panel.axhline(100.0 * found.target, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    first, last = (end for end in found.interval)
    if math.isfinite(last):
        panel.axvspan(max(first, low), min(last, high), color=ANSWER, alpha=0.18, linewidth=0.0)
    words = f"answer: {found.n_patients:,} ({first:,} to {last:,})"
    panel.axvline(found.n_patients, color=ANSWER, linewidth=1.4, label=words)
    panel.set_xlim(low, high)
    panel.set_ylim(0.0, 100.0)
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.set_xlabel("patients, all arms together", fontsize=SIZE)
    panel.set_ylabel("power, % of the trials", fontsize=SIZE)
    panel.grid(alpha=0.25)
    panel.set_axisbelow(True)
    plain_axes(panel)
    panel.legend(fontsize=SMALL, frameon=False, loc="lower right")
    return figure
