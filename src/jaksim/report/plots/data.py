"""Pictures of the endpoints of a data set: curves over time, and stacked bars of an ordinal status."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from jaksim.endpoint.kinds import kind_of
from jaksim.patient_data.curves import Curve, curve
from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.figure_file import check_plot, write_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from jaksim.patient_data.analyze import AnalyzedData

COLOURS = ("#4d4d4d", "#0072b2")
MOST_BARS = 30
TICKS = 7


def plot_data(data: Sequence[TrialData], path: str | os.PathLike[str]) -> None:
    """Write the plot to a PNG, SVG or PDF file, by the ending of its name."""
    check_plot(path)
    write_figure(data_figure(data), path)


def analyzed_figure(found: AnalyzedData) -> Figure:
    """The figure of the data that were analysed."""
    return data_figure(found.data)


def data_figure(data: Sequence[TrialData]) -> Figure:
    """One panel for each endpoint, reference arm first."""
    from matplotlib.figure import Figure

    tall = [4.6 if kind_of(trial.endpoint).timed else 2.9 for trial in data]
    figure = Figure(figsize=(7.2, sum(tall)), layout="constrained")
    panels = figure.subplots(len(data), 1, squeeze=False, height_ratios=tall)[:, 0]
    for panel, trial in zip(panels, data, strict=True):
        (_curves if kind_of(trial.endpoint).timed else _bars)(panel, trial)
        panel.set_title(trial.endpoint.name, loc="left", fontsize=11)
        for side in ("top", "right"):
            panel.spines[side].set_visible(False)
    return figure


def _curves(panel: Any, data: TrialData) -> None:
    """Survival where the event is bad and nothing competes, else the cumulative incidence of the event."""
    endpoint = data.at_risk.endpoint
    found = [curve(arm, endpoint.time, endpoint.status) for arm in data.at_risk.by_arm]
    competing = bool(data.counts.by_arm[:, data.endpoint.status == 2].any())
    falling = endpoint.better == "no event" and not competing
    last = max(float(curve.time[-1]) for curve in found) or 1.0
    ticks = _ticks(last)
    for name, one, colour in zip((data.arms.reference, data.arms.active), found, COLOURS, strict=True):
        _one_curve(panel, one, name, colour, falling=falling, band=not competing)
    panel.set_ylim(0.0, 1.02)
    panel.set_xlim(0.0, last)
    panel.set_xticks(ticks, [_with_risk(tick, found) for tick in ticks], fontsize=8)
    unit = f" in {data.time_unit}" if data.time_unit else ""
    panel.set_xlabel(f"time{unit}, and patients at risk (reference, active)", fontsize=9)
    panel.set_ylabel("survival without the event" if falling else "cumulative incidence", fontsize=9)
    panel.legend(frameon=False, fontsize=9, loc="best")


def _one_curve(panel: Any, one: Curve, name: str, colour: str, *, falling: bool, band: bool) -> None:
    after = one.time >= 0.0
    time = np.concatenate([[0.0], one.time[after]])
    height = np.concatenate([[1.0], one.survival[after]] if falling else [[0.0], one.incidence[after]])
    panel.step(time, height, where="post", color=colour, label=name, linewidth=1.6)
    if band:
        low, high = (np.concatenate([[1.0], limit[after]]) for limit in (one.low, one.high))
        if not falling:
            low, high = 1.0 - high, 1.0 - low
        panel.fill_between(time, low, high, step="post", color=colour, alpha=0.15, linewidth=0)


def _with_risk(tick: float, curves: Sequence[Curve]) -> str:
    return "\n".join([f"{tick:g}", *(f"{drawn.at_risk_at(tick):,}" for drawn in curves)])


def _ticks(last: float) -> list[float]:
    rough = last / (TICKS - 1)
    magnitude = 10.0 ** np.floor(np.log10(rough))
    step = next(float(factor * magnitude) for factor in (1, 2, 5, 7, 10) if factor * magnitude >= rough - 1e-12)
    return [step * number for number in range(int(last / step + 1e-9) + 1)]


def _bars(panel: Any, data: TrialData) -> None:
    """Share of the patients of each arm in every category, the best on the left."""
    endpoint = data.endpoint
    known = np.flatnonzero(endpoint.rank >= 0)
    order = known[np.argsort(endpoint.rank[known], kind="stable")]
    order = order[data.counts.by_arm[:, order].sum(axis=0) > 0]
    shares = [arm[order] / arm[order].sum() for arm in data.counts.by_arm]
    labelled = len(order) <= MOST_BARS
    names = [
        f"{name}\n(n = {int(arm.sum()):,})"
        for name, arm in zip((data.arms.reference, data.arms.active), data.counts.by_arm, strict=True)
    ]
    colours = _shades(len(order))
    left = np.zeros(2)
    for number, category in enumerate(order):
        width = np.array([share[number] for share in shares])
        panel.barh(
            [1, 0],
            width,
            left=left,
            color=colours[number],
            edgecolor="white",
            linewidth=0.5,
            height=0.62,
            label=endpoint.labels[category] if labelled else None,
        )
        for row, size, start in zip((1, 0), width, left, strict=True):
            if size > 0.04 and labelled:
                dark = number > 0.55 * (len(order) - 1)
                panel.text(
                    start + size / 2,
                    row,
                    f"{100 * size:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="white" if dark else "black",
                )
        left += width
    panel.set_yticks([1, 0], names, fontsize=9)
    panel.set_xlim(0.0, 1.0)
    panel.set_xlabel("share of patients in %, best on the left", fontsize=9)
    panel.set_xticks(np.linspace(0, 1, 6), [f"{100 * tick:.0f}" for tick in np.linspace(0, 1, 6)], fontsize=8)
    if labelled and len(order) > 1:
        panel.legend(
            frameon=False,
            fontsize=8,
            ncols=min(len(order), 8),
            loc="upper center",
            bbox_to_anchor=(0.5, -0.18),
            handlelength=1.0,
            columnspacing=1.0,
        )


def _shades(n: int) -> Any:
    from matplotlib import colormaps

    return colormaps["YlOrRd"](np.linspace(0.05, 0.95, max(n, 2)))
