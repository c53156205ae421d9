"""The plot of an endpoint shoot-out: power of every analysis beside the correlation of the statistics."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.design.shoot_out import ShootOut
from jaksim.endpoint.kinds import KINDS
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.report.shoot_out import analysis_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_shoot_out(result: ShootOut, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(shoot_out_figure(result), path)


def shoot_out_figure(result: ShootOut) -> Figure:
    """Power with its 95 % Monte Carlo interval and analytic twin, and the correlation matrix, in the same order."""
    from matplotlib.figure import Figure

    count = len(result.analyses)
    figure = Figure(figsize=(19.0, max(3.5, 0.24 * count + 1.6)), layout="constrained")
    power, matrix = figure.subplots(1, 2, width_ratios=[0.7, 1.0])
    figure.suptitle(f"{result.title}\n{result.n_patients:,} patients, {result.active} against {result.reference}")
    _draw_power(power, result)
    image = matrix.imshow(np.array(result.correlation), cmap="RdBu_r", vmin=-1.0, vmax=1.0, aspect="auto")
    matrix.set_yticks(range(count), [str(number) for number in range(1, count + 1)], fontsize=7)
    shown = range(0, count, 1 + count // 50)
    matrix.set_xticks(shown, [str(number + 1) for number in shown], fontsize=7, rotation=90)
    matrix.set_title("Correlation of the test statistics", fontsize=10)
    figure.colorbar(image, ax=matrix, shrink=0.5)
    return figure


def _draw_power(axes: Any, result: ShootOut) -> None:
    analyses = result.analyses
    places = np.arange(len(analyses))
    power = np.array([analysis.power for analysis in analyses])
    interval = np.array([analysis.ci for analysis in analyses]).T
    colours = [KINDS[result.kinds[analysis.endpoint]].colour for analysis in analyses]
    axes.barh(places, power, color=colours, alpha=0.75)
    axes.errorbar(power, places, xerr=np.maximum(np.abs(interval - power), 0.0), fmt="none", ecolor="black", lw=1)
    credible = [math.nan if analysis.analytic_caution else analysis.analytic_power for analysis in analyses]
    axes.plot(credible, places, "k|", ms=8, label="analytic power")
    for kind in dict.fromkeys(result.kinds[analysis.endpoint] for analysis in analyses):
        axes.barh(0, 0, color=KINDS[kind].colour, alpha=0.75, label=KINDS[kind].words)
    labels = [f"{analysis_label(result, analysis)}  {number}" for number, analysis in enumerate(analyses, start=1)]
    axes.set_yticks(places, labels, fontsize=7)
    axes.set_ylim(len(analyses) - 0.5, -0.5)
    axes.set_xlim(0.0, 1.0)
    axes.set_xlabel("share of trials that reject")
    axes.set_title("Type I error" if result.null else "Power, * planned by the scenario", fontsize=10)
    axes.grid(axis="x", alpha=0.3)
    axes.legend(fontsize=8, loc="lower right")
