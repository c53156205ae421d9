"""The figure of an assurance: power averaged over what is not known, against patients."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jaksim.design.assurance import AssuranceResult
from jaksim.errors import InputError
from jaksim.report.plots.powers.sweep import COLOURS, MARKS
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, plain_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def assurance_figure(found: AssuranceResult) -> Figure:
    """A curve for each analysis, and where it ends however many patients there are; InputError without any curve."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    if not found.by_patients:
        raise InputError(
            "the assurance is known at one number of patients only",
            where="plot",
            allowed="a trial analysed once at complete data",
        )
    figure = Figure(figsize=(7.5, 5.2), layout="constrained")
    panel = figure.subplots()
    figure.suptitle(wrapped(found.title, 80), fontsize=SIZE + 1)
    limits = {one.analysis: one.limit for one in found.analyses}
    for place, (name, curve) in enumerate(found.by_patients.items()):
        days, colour = np.array(curve), COLOURS[place % len(COLOURS)]
        panel.plot(
            days[:, 0],
            100.0 * days[:, 1],
            color=colour,
            marker=MARKS[place % len(MARKS)],
            markersize=4,
            linewidth=1.5,
            label=f"{name} (limit {100.0 * limits[name]:.0f} %)",
        )
    if found.target is not None:
        panel.axhline(100.0 * found.target, color=GREY, linewidth=0.9, linestyle=(0, (4, 3)))
    at = found.n_patients or found.n_in_scenario
    panel.axvline(at, color=GREY, linewidth=0.9)
    panel.annotate(
        f"{at:,} patients", (at, 0.985), xycoords=("data", "axes fraction"), xytext=(4, 0),
        textcoords="offset points", fontsize=SMALL, va="top",
    )  # fmt: skip
    panel.set_xscale("log")
    ticks = sorted({point[0] for curve in found.by_patients.values() for point in curve})
    panel.set_xticks(ticks[:: max(1, len(ticks) // 6)])
    panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    panel.minorticks_off()
    panel.set_ylim(0.0, 100.0)
    panel.set_xlabel("patients, all arms together", fontsize=SIZE)
    panel.set_ylabel("assurance, %", fontsize=SIZE)
    panel.grid(alpha=0.25)
    panel.set_axisbelow(True)
    plain_axes(panel)
    figure.legend(loc="outside lower center", fontsize=SMALL, frameon=False, ncols=1)
    return figure
