"""The plot of the interim analyses of a scenario: bounds on z, and on the estimate over calendar days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from jaksim.design.conduct.charter.charter import MonitoringCharter
from jaksim.report.parts.estimates import estimate_name
from jaksim.report.parts.words import POINTS, unit_of_difference
from jaksim.report.plots.boundaries import EFFICACY, FUTILITY, HARM, draw_bounds
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.trial.monitoring.record import design_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS: Final = {"efficacy": EFFICACY, "futility": FUTILITY, "harm": HARM}


def plot_charter(found: MonitoringCharter, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(charter_figure(found), path)


def charter_figure(found: MonitoringCharter) -> Figure:
    """Bounds on z over information on the left; on the right the estimate at each bound on the day of its analysis."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.6), layout="constrained")
    bounds, days = figure.subplots(1, 2)
    figure.suptitle(f"{found.analysis}: {design_words(found.boundaries.plan).rstrip('.')}", fontsize=10, wrap=True)
    draw_bounds(bounds, found.boundaries)
    bounds.set_xlabel("information, in parts of the planned maximum", fontsize=9)
    bounds.set_xlim(0.0, max(1.0, float(found.boundaries.information[-1])) * 1.03)
    _draw_days(days, found)
    for panel in (bounds, days):
        panel.grid(alpha=0.25)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    return figure


def _draw_days(panel: Any, found: MonitoringCharter) -> None:
    factor = 100.0 if unit_of_difference(found.method) == POINTS and found.scale.kind == "difference" else 1.0
    for reason, colour in COLOURS.items():
        points = [
            (look.expected.numbers["analysis_day"], factor * look.bounds[reason].shown)
            for look in found.looks
            if reason in look.bounds and math.isfinite(look.bounds[reason].shown)
        ]
        if not points:
            continue
        panel.errorbar(
            [day.mean for day, _ in points],
            [estimate for _, estimate in points],
            xerr=[[day.mean - day.low for day, _ in points], [day.high - day.mean for day, _ in points]],
            fmt="o-",
            color=colour,
            markersize=4,
            capsize=3,
            linewidth=1.4,
            label=reason,
        )
    panel.axhline(factor * found.scale.shown(found.scale.against), color="black", linewidth=0.8)
    if found.scale.kind == "log_ratio":
        panel.set_yscale("log")
        panel.yaxis.set_major_formatter("{x:g}")
        panel.yaxis.set_minor_formatter("{x:g}")
    panel.set_xlim(left=0.0)
    panel.set_xlabel("calendar day of the analysis, mean with 10 to 90 %", fontsize=9)
    panel.set_ylabel(estimate_name(found.scale.method, found.scale.kind, found.scale.ratio), fontsize=9)
    panel.set_title("Estimate at the bounds", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8)
