"""The plot of the conduct of a trial: enrolment with its bands, sites open, and when analyses and ends come."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from jaksim.operations.observing.observed import CurveSummary
from jaksim.report.plots.figure_file import check_plot, write_figure
from jaksim.verbs.conduct_result import ConductResult, Described

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, GREY = "#0072b2", "#e69f00", "#009e73", "#777777"
_SHADES: Final = {"95": 0.14, "80": 0.24, "50": 0.38}
_ENDS: Final = ("full_day", "last_patient_day", "last_visit_day", "lock_day")


def plot_conduct(found: ConductResult, path: str) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(conduct_figure(found), path)


def conduct_figure(found: ConductResult) -> Figure:
    """Patients above, sites in the middle, analyses and ends below, over the same days."""
    from matplotlib.figure import Figure

    events = _events(found)
    with_sites = "sites_recruiting" in found.curves
    heights = [3.4, *([1.5] if with_sites else []), 0.35 + 0.28 * len(events)]
    figure = Figure(figsize=(10.5, 1.4 + sum(heights)), layout="constrained")
    panels = list(figure.subplots(len(heights), 1, sharex=True, gridspec_kw={"height_ratios": heights}))
    how = f"{found.replicates:,} simulated trials" if found.replicates else "by the exact law of enrolment"
    figure.suptitle(f"{found.title}\n{found.n_patients:,} patients at {found.sites:,} sites, {how}", fontsize=10)
    _draw_enrolment(panels[0], found)
    if with_sites:
        _draw_sites(panels[1], found.curves["sites_recruiting"])
    _draw_events(panels[-1], events)
    for panel in panels:
        panel.grid(alpha=0.25)
        panel.set_axisbelow(True)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    last = max(one.summary.quantiles["95"] for one in events)
    panels[-1].set_xlim(0.0, 1.05 * last if math.isfinite(last) else None)
    panels[-1].set_xlabel("day of the trial", fontsize=9)
    if found.start:
        add_dates(panels[0], found.start)
    return figure


def _events(found: ConductResult) -> list[Described]:
    """Days of analyses and ends that some trials have, from the bottom up."""
    named = [found.numbers[name] for name in _ENDS if name in found.numbers]
    days = [one["analysis_day"] for one in found.analyses.values()]
    return [one for one in reversed([*days, *named]) if math.isfinite(one.summary.mean)]


def _draw_enrolment(panel: Any, found: ConductResult) -> None:
    unless = "recruited" in found.curves
    how = "unless stopped" if unless else "as conducted"
    curve, conducted = found.curves["recruited" if unless else "randomised"], found.curves.get("randomised")
    draw_bands(panel, curve, BLUE)
    panel.plot(curve.days, curve.median, color=BLUE, linewidth=1.6, label=f"median, {how}")
    panel.plot(curve.days, curve.mean, "--", color=BLUE, linewidth=1.2, label=f"expected, {how}")
    if unless and conducted is not None and len(found.analyses) > 1:
        panel.plot(conducted.days, conducted.mean, ":", color=ORANGE, linewidth=1.6, label="expected, as conducted")
    panel.axhline(found.n_patients, color=GREY, linewidth=0.8)
    panel.set_ylim(0.0, 1.06 * found.n_patients)
    panel.set_ylabel("patients randomised", fontsize=9)
    panel.set_title("Enrolment", loc="left", fontsize=10)
    panel.legend(frameon=False, fontsize=8, loc="lower right")


def _draw_sites(panel: Any, curve: CurveSummary) -> None:
    draw_bands(panel, curve, GREEN)
    panel.plot(curve.days, curve.median, color=GREEN, linewidth=1.6)
    panel.plot(curve.days, curve.mean, "--", color=GREEN, linewidth=1.2)
    panel.set_ylim(bottom=0.0)
    panel.set_ylabel("sites", fontsize=9)
    panel.set_title("Sites open and recruiting, as conducted", loc="left", fontsize=10)


def draw_bands(panel: Any, curve: CurveSummary, colour: str) -> None:
    """Bands of a curve in shades of a colour."""
    for level, shade in _SHADES.items():
        low, high = curve.bands[level]
        panel.fill_between(curve.days, low, high, color=colour, alpha=shade, linewidth=0.0, label=f"{level} %")


def _draw_events(panel: Any, events: list[Described]) -> None:
    """From 5 to 95 % in a line, from 25 to 75 % in a thick one, the median as a mark."""
    for place, one in enumerate(events):
        at = one.summary.quantiles
        colour = ORANGE if one.section == "analyses" else BLUE if one.section == "enrolment" else GREY
        panel.plot([at["5"], at["95"]], [place, place], color=colour, linewidth=1.0)
        panel.plot([at["25"], at["75"]], [place, place], color=colour, linewidth=4.5, solid_capstyle="butt")
        panel.plot([at["50"]], [place], "o", color="white", markeredgecolor=colour, markersize=5)
    panel.set_yticks(range(len(events)))
    panel.set_yticklabels([f"analysis {one.part}" if one.part else one.words for one in events], fontsize=8)
    panel.set_ylim(-0.6, len(events) - 0.4)
    panel.set_title("Analyses and ends: median, 25 to 75 % and 5 to 95 %", loc="left", fontsize=10)


def add_dates(panel: Any, start: str) -> None:
    """Dates on the first days of months, above."""
    import datetime

    first = datetime.date.fromisoformat(start)
    above = panel.secondary_xaxis("top")
    last = int(panel.get_xlim()[1])
    months = [first + datetime.timedelta(days=day) for day in range(last + 1)]
    months = [date for date in months if date.day == 1]
    step = max(1, math.ceil(len(months) / 10))
    kept = months[::step]
    above.set_xticks([(date - first).days for date in kept])
    above.set_xticklabels([date.strftime("%b %Y") for date in kept], fontsize=8)
