"""Values of many kinds, such as numbers of days: the share of the patients of each arm up to every value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.patients.style import COLOURS, SMALL, arm_names, open_frame, percent_axis

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure


def draw_values(part: SubFigure, data: TrialData, top: float, height: float) -> None:
    """The cumulative distribution of the values of each arm, with a mark at its median."""
    endpoint = data.endpoint
    known = np.flatnonzero(np.isfinite(endpoint.value))
    order = known[np.argsort(endpoint.value[known], kind="stable")]
    values = endpoint.value[order]
    bottom = 0.55 / height
    panel = part.add_axes((0.11, bottom, 0.86, top - bottom))
    for name, counts, colour in zip(arm_names(data), data.counts.by_arm, COLOURS, strict=True):
        share = counts[order].cumsum() / counts[order].sum()
        median = values[np.searchsorted(share, 0.5 - 1e-12)]
        label = f"{name} (n = {int(counts.sum()):,}), median {median:g}"
        margin = 0.02 * (values[-1] - values[0] or 1.0)
        panel.step(
            [values[0] - margin, *values, values[-1] + margin], [0.0, *share, 1.0], where="post", color=colour,
            label=label, linewidth=1.8,
        )  # fmt: skip
    panel.axhline(0.5, color="#999999", linewidth=0.7, linestyle=":")
    panel.set_ylim(0.0, 1.03)
    percent_axis(panel.yaxis)
    panel.set_ylabel("patients up to the value (%)", fontsize=9)
    panel.set_xlabel("days" if endpoint.kind == "day_count" else endpoint.name, fontsize=9)
    open_frame(panel)
    panel.legend(frameon=False, fontsize=SMALL, loc="best")
