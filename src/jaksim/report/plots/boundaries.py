"""The plot of boundaries: bounds on the z scale, and the chance of having stopped, by information."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.record import design_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

EFFICACY, FUTILITY, HARM = "#0072b2", "#e69f00", "#d55e00"
LARGEST = 6.0


def plot_boundaries(found: Boundaries, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(boundaries_figure(found), path)


def boundaries_figure(found: Boundaries) -> Figure:
    """Bounds on the left, cumulative chances of crossing them under null and effect on the right."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 4.6), layout="constrained")
    bounds, chances = figure.subplots(1, 2)
    figure.suptitle(design_words(found.plan).rstrip("."), fontsize=10, wrap=True)
    draw_bounds(bounds, found)
    _draw_chances(chances, found)
    for panel in (bounds, chances):
        panel.set_xlabel("information, in parts of the planned maximum", fontsize=9)
        panel.set_xlim(0.0, max(1.0, float(found.information[-1])) * 1.03)
        panel.grid(alpha=0.25)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    return figure


def draw_bounds(panel: Any, found: Boundaries) -> None:
    """The bounds on z of each analysis, over its information."""
    two_sided, futility = found.plan.sides == 2, found.plan.futility is not None
    _line(panel, found, found.upper_z, EFFICACY, "efficacy")
    if two_sided:
        _line(panel, found, -found.upper_z, EFFICACY, None)
    if futility:
        _line(panel, found, found.lower_z, FUTILITY, "futility")
        if two_sided:
            _line(panel, found, -found.lower_z, FUTILITY, None)
    if found.harm_z is not None:
        _line(panel, found, found.harm_z, HARM, "harm")
    panel.axhline(0.0, color="black", linewidth=0.8)
    panel.margins(y=0.1)
    panel.set_ylabel("z", fontsize=9)
    panel.set_title("Bounds", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8)


def _line(panel: Any, found: Boundaries, bounds: Any, colour: str, label: str | None) -> None:
    """A bound through the analyses that have it; a very high one is drawn at the edge. A mirrored one has no label."""
    known = np.isfinite(bounds)
    times, heights = found.information[known], np.clip(bounds[known], -LARGEST, LARGEST)
    panel.plot(times, heights, "o-", color=colour, markersize=4, linewidth=1.4, label=label)
    if label is not None and len(times) <= 6:
        for time, height, bound in zip(times, heights, bounds[known], strict=True):
            above = colour == EFFICACY and bound > 0
            panel.annotate(
                f"{bound:.2f}",
                (time, height),
                xytext=(0, 5 if above else -12),
                textcoords="offset points",
                ha="center",
                fontsize=7,
                color=colour,
            )


def _draw_chances(panel: Any, found: Boundaries) -> None:
    crossing = found.crossing([0.0, found.drift])
    two_sided = found.plan.sides == 2
    rejected = crossing.upper + crossing.lower if two_sided else crossing.upper
    stopped = crossing.inner if two_sided else crossing.lower
    for row, (style, name) in enumerate((("--", "no effect"), ("-", "planned effect"))):
        panel.plot(
            found.information,
            100.0 * rejected[row].cumsum(),
            "o" + style,
            color=EFFICACY,
            markersize=4,
            label=f"efficacy, {name}",
        )
        if stopped.any():
            panel.plot(
                found.information,
                100.0 * stopped[row].cumsum(),
                "s" + style,
                color=FUTILITY if found.plan.futility is not None else HARM,
                markersize=4,
                label=f"{'futility' if found.plan.futility is not None else 'harm'}, {name}",
            )
    panel.set_ylim(0.0, 102.0)
    panel.set_ylabel("% of trials", fontsize=9)
    panel.set_title("Chance of having crossed", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8, loc="upper left")
