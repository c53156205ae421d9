"""Stacked occupation of statuses by day: where the patients of each arm were, from their daily scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.patients.style import SMALL, arm_names, even_marks, open_frame, percent_axis, shades

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

_UNKNOWN: Final = "#e3e3e3"


def draw_occupation(part: SubFigure, data: TrialData, top: float, height: float) -> None:
    """A panel for each arm, the best status at the bottom; scores that are missing are grey, on top."""
    if data.states is None:
        return
    scale = getattr(data.endpoint, "scale", None)
    used = np.unique(data.states[data.states >= 0])
    names = [str(state) if scale is None else str(scale.scores[state]) for state in used]
    if scale is not None and not scale.higher_is_worse:
        used, names = used[::-1], names[::-1]
    colours = shades(len(used))
    days = np.arange(data.states.shape[1])
    bottom = 0.95 / height
    for arm, name in enumerate(arm_names(data)):
        states = data.states[data.arm == arm]
        shares = np.array([(states == state).mean(axis=0) for state in used])
        panel = part.add_axes((0.09 + 0.46 * arm, bottom, 0.42, top - bottom - 0.22 / height))
        base = np.zeros(len(days))
        for share, colour, label in zip(shares, colours, names, strict=True):
            panel.bar(days, share, bottom=base, width=1.0, color=colour, label=label if arm == 0 else None, linewidth=0)
            base = base + share
        if (base < 1.0 - 1e-9).any():
            rest = 1.0 - base
            panel.bar(
                days, rest, bottom=base, width=1.0, color=_UNKNOWN, label="no score" if arm == 0 else None, linewidth=0
            )
        panel.set_title(f"{name} (n = {len(states):,})", fontsize=9)
        panel.set_xlim(-0.5, days[-1] + 0.5)
        panel.set_ylim(0.0, 1.0)
        marks = [mark for mark in even_marks(float(days[-1]), "days") if mark == int(mark)]
        panel.set_xticks(marks, [f"{mark:g}" for mark in marks])
        percent_axis(panel.yaxis)
        if arm:
            panel.set_yticklabels([])
        else:
            panel.set_ylabel("patients (%)", fontsize=9)
        panel.set_xlabel("days since randomisation", fontsize=9)
        open_frame(panel)
    part.legend(
        frameon=False, fontsize=SMALL, ncols=min(len(used) + 1, 10), loc="lower center", handlelength=1.0,
        columnspacing=1.2, bbox_to_anchor=(0.55, 0.0), title="score, the best at the bottom", title_fontsize=SMALL,
    )  # fmt: skip
