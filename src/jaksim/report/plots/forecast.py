"""The plot of a forecast: enrolment so far and to come with its bands, sites open, and when analyses and ends come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from jaksim.report.plots.conduct import BLUE, GREEN, GREY, ORANGE, add_dates, draw_bands
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.verbs.forecast_result import Expected, ForecastResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTHS: Final = {"95": 1.0, "80": 2.5, "50": 5.0}


def plot_forecast(found: ForecastResult, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(forecast_figure(found), path)


def forecast_figure(found: ForecastResult) -> Figure:
    """Patients above, sites in the middle, analyses and ends below, over the same days."""
    from matplotlib.figure import Figure

    events = _events(found)
    heights = [3.4, 1.5, 0.35 + 0.28 * len(events)]
    figure = Figure(figsize=(10.5, 1.4 + sum(heights)), layout="constrained")
    panels = list(figure.subplots(3, 1, sharex=True, gridspec_kw={"height_ratios": heights}))
    when = found.on_date or f"day {found.on}"
    figure.suptitle(
        f"{found.title}\n{found.so_far.randomised:,} of {found.n_patients:,} patients on {when}, "
        f"{found.replicates:,} continuations",
        fontsize=10,
    )
    _draw_curve(panels[0], found, "recruited", BLUE)
    panels[0].axhline(found.n_patients, color=GREY, linewidth=0.8)
    panels[0].set_ylabel("patients randomised", fontsize=9)
    panels[0].legend(frameon=False, fontsize=8, loc="lower right")
    _draw_curve(panels[1], found, "sites_opened", GREEN)
    panels[1].set_ylabel("sites opened", fontsize=9)
    _draw_events(panels[2], events)
    for panel in panels:
        panel.axvline(found.on, color=GREY, linewidth=0.8, linestyle=":")
        panel.grid(alpha=0.25)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    last = max((one.bands["95"][1] for one in events if math.isfinite(one.bands["95"][1])), default=math.nan)
    panels[-1].set_xlim(0.0, 1.05 * last if math.isfinite(last) else None)
    panels[-1].set_xlabel("day of the trial", fontsize=9)
    if found.start:
        add_dates(panels[0], found.start)
    return figure


def _events(found: ForecastResult) -> list[Expected]:
    """Days of analyses and ends, from the bottom up."""
    named = [found.numbers[name] for name in ("full_day", "complete_day")]
    days = [one["analysis_day"] for one in found.analyses.values()]
    return [one for one in reversed([*days, *named]) if math.isfinite(one.median)]


def _draw_curve(panel: Any, found: ForecastResult, name: str, colour: str) -> None:
    curve = found.curves[name]
    draw_bands(panel, curve, colour)
    panel.plot(curve.days, curve.median, color=colour, linewidth=1.6, label="median")
    panel.set_ylim(bottom=0.0)


def _draw_events(panel: Any, events: list[Expected]) -> None:
    """The bands in lines, the thickest the 50 %, and the median as a mark."""
    for place, one in enumerate(events):
        colour = ORANGE if one.section == "analyses" else BLUE
        for level, width in _WIDTHS.items():
            low, high = one.bands[level]
            if math.isfinite(high):
                panel.plot([low, high], [place, place], color=colour, linewidth=width, solid_capstyle="butt")
        panel.plot([one.median], [place], "o", color="white", markeredgecolor=colour, markersize=5)
    panel.set_yticks(range(len(events)))
    panel.set_yticklabels([f"analysis {one.part}" if one.part else one.words for one in events], fontsize=8)
    panel.set_ylim(-0.6, len(events) - 0.4)
    panel.set_title("Analyses and ends: median, 50, 80 and 95 %", loc="left", fontsize=10)
