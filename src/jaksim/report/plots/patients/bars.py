"""Stacked bars of an ordinal status: the share of the patients of each arm in every category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.patients.style import SMALL, arm_names, ink, open_frame, percent_axis, shades

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

_WIDE_ENOUGH: Final = 0.035


def draw_bars(part: SubFigure, data: TrialData, top: float, height: float) -> None:
    """A bar for each arm, the reference on top, the best category on the left, with percentages where they fit."""
    endpoint = data.endpoint
    known = np.flatnonzero(endpoint.rank >= 0)
    order = known[np.argsort(endpoint.rank[known], kind="stable")]
    order = order[data.counts.by_arm[:, order].sum(axis=0) > 0]
    shares = np.array([arm[order] / arm[order].sum() for arm in data.counts.by_arm])
    names = [f"{name}\n(n = {int(arm.sum()):,})" for name, arm in zip(arm_names(data), data.counts.by_arm, strict=True)]
    bottom = 0.78 / height
    panel = part.add_axes((0.22, bottom, 0.75, top - bottom))
    colours, left = shades(len(order)), np.zeros(2)
    for number, category in enumerate(order):
        width, colour = shares[:, number], colours[number]
        panel.barh(
            [1, 0], width, left=left, color=colour, edgecolor="white", linewidth=0.8, height=0.66,
            label=endpoint.labels[category],
        )  # fmt: skip
        for row, size, start in zip((1, 0), width, left, strict=True):
            if size > _WIDE_ENOUGH:
                panel.text(
                    start + size / 2, row, f"{100 * size:.0f}", ha="center", va="center", fontsize=8, color=ink(colour)
                )
        left += width
    panel.set_yticks([1, 0], names)
    panel.set_xlim(0.0, 1.0)
    percent_axis(panel.xaxis)
    panel.set_xlabel("patients (%), the best on the left", fontsize=9)
    open_frame(panel)
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)
    part.legend(
        frameon=False, fontsize=SMALL, ncols=min(len(order), 8), loc="lower center", handlelength=1.0,
        columnspacing=1.2, bbox_to_anchor=(0.55, 0.0),
    )  # fmt: skip
