"""The figure of a prediction: intervals of the estimates to be expected, and the probability of success."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from jaksim.design.prediction import Prediction
from jaksim.ratio import ratio_of
from jaksim.report.parts.words import POINTS, method_words, unit_of_difference
from jaksim.report.plots.showing.style import GREY, SIZE, SMALL, plain_axes, wrapped
from jaksim.verbs.predict import PredictedTrial

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BLUE, GREEN = "#0072b2", "#009e73"
_WIDTHS: Final = {"95": 1.4, "80": 4.0, "50": 8.0}
_SHADES: Final = {"95": 1.0, "80": 0.45, "50": 0.75}
_TICKS: Final = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
_NEAREST: Final = 0.09
_SCALES: Final = {"log_ratio": "ratio, active against reference", "probability": "win probability"}
_DIFFERENCE: Final = "difference, active less reference"
_NORMAL_975: Final = 1.959963984540054


def prediction_figure(found: PredictedTrial) -> Figure:
    """A row of panels for each scale of the estimates; on the right the probability of success of the same analyses."""
    from matplotlib.figure import Figure

    groups: dict[tuple[str, str], list[Prediction]] = {}
    for one in found.predictions:
        unit = unit_of_difference(one.method) if one.scale not in _SCALES else ""
        groups.setdefault((one.scale, unit), []).append(one)
    several = len({(one.active, one.reference) for one in found.predictions}) > 1
    heights = [0.55 + 0.42 * len(own) for own in groups.values()]
    figure = Figure(figsize=(10.0, 1.4 + sum(heights) + 0.45 * len(groups)), layout="constrained")
    panels = figure.subplots(
        len(groups), 2, squeeze=False, gridspec_kw={"height_ratios": heights, "width_ratios": [1.7, 1]}
    )
    how = f"{found.draws:,} parameter draws, {found.replicates:,} replicates of each"
    figure.suptitle(f"{wrapped(found.title, 100)}\n{how}", fontsize=SIZE + 1)
    for (estimates, success), ((scale, unit), own) in zip(panels, groups.items(), strict=True):
        _draw_estimates(estimates, own, scale, unit)
        _draw_success(success, own)
        for panel in (estimates, success):
            panel.set_ylim(len(own) - 0.5, -0.5)
            panel.grid(axis="x", alpha=0.25)
            panel.set_axisbelow(True)
            plain_axes(panel)
        labels = [textwrap.fill(_label(one, arms=several), 38) for one in own]
        estimates.set_yticks(range(len(own)), labels, fontsize=SMALL)
        success.set_yticks(range(len(own)), [""] * len(own))
    panels[0, 0].set_title("predicted estimates: median, 50, 80 and 95 %", fontsize=SIZE, loc="left")
    panels[0, 1].set_title("success, with its Monte Carlo error", fontsize=SIZE, loc="left")
    panels[-1, 1].set_xlabel("% of the trials (bars: 95 % intervals)", fontsize=SIZE)
    return figure


def _label(one: Prediction, *, arms: bool) -> str:
    strata = f" in {', '.join(one.strata)}" if one.strata else ""
    pair = f", {one.active} against {one.reference}" if arms else ""
    return f"{one.endpoint}{strata}, {method_words(one.method)}{pair}"


def _draw_estimates(panel: Any, own: list[Prediction], scale: str, unit: str) -> None:
    ratios = scale == "log_ratio"
    times = 100.0 if unit == POINTS else 1.0
    for place, one in enumerate(own):
        for level, width in _WIDTHS.items():
            ends = [times * _shown(end, ratios) for end in one.intervals[level]]
            if all(math.isfinite(end) and (end > 0.0 or not ratios) for end in ends):
                panel.plot(
                    ends, [place, place], color=BLUE, linewidth=width, alpha=_SHADES[level], solid_capstyle="butt"
                )
        median = times * _shown(one.median, ratios)
        if math.isfinite(median):
            panel.plot([median], [place], "o", color="white", markeredgecolor="black", markersize=5.5, zorder=4)
    panel.axvline(1.0 if ratios else 0.5 if scale == "probability" else 0.0, color=GREY, linewidth=0.9)
    words = f"{_DIFFERENCE}{f', {unit}' if unit else ''}"
    panel.set_xlabel(_SCALES.get(scale, words), fontsize=SIZE)
    if ratios:
        panel.set_xscale("log")
        low, high = panel.get_xlim()
        ticks: list[float] = [1.0]
        for tick in sorted(_TICKS, key=lambda one: abs(math.log(one))):
            apart = min(abs(math.log(tick / other)) for other in ticks)
            if low <= tick <= high and apart > _NEAREST * math.log(high / low):
                ticks.append(tick)
        panel.set_xticks(sorted(ticks), [f"{tick:g}" for tick in sorted(ticks)])
        panel.minorticks_off()


def _shown(value: float, ratios: bool) -> float:
    return ratio_of(value) if ratios else value


def _draw_success(panel: Any, own: list[Prediction]) -> None:
    success = 100.0 * np.array([one.probability_of_success for one in own])
    errors = 100.0 * _NORMAL_975 * np.nan_to_num([one.probability_mc_se for one in own])
    panel.barh(range(len(own)), success, height=0.5, color=GREEN, alpha=0.55)
    panel.errorbar(success, range(len(own)), xerr=errors, fmt="none", ecolor="black", elinewidth=1.0)
    for place, value in enumerate(success):
        panel.annotate(
            f"{value:.0f} %", (min(value + errors[place], 100.0), place), xytext=(5, 0), textcoords="offset points",
            fontsize=SMALL, va="center",
        )  # fmt: skip
    panel.set_xlim(0.0, 112.0)
    panel.set_xticks(range(0, 101, 25))
