"""Bars of a binary event: the share of the patients of each arm who had it, with its interval."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from jaksim.patient_data.from_data import TrialData
from jaksim.report.plots.patients.style import COLOURS, SMALL, arm_names, open_frame

if TYPE_CHECKING:
    from matplotlib.figure import SubFigure

_Z = 1.959963984540054


def draw_events(part: SubFigure, data: TrialData, top: float, height: float) -> None:
    """A bar for each arm, the reference on top, with Wilson's (1927) 95 % interval of the share."""
    bottom = 0.5 / height
    panel = part.add_axes((0.22, bottom, 0.75, top - bottom))
    largest = 0.0
    for row, counts, colour in zip((1, 0), data.counts.by_arm, COLOURS, strict=True):
        n, events = int(counts.sum()), int(counts[data.endpoint.status == 1].sum())
        share = events / n
        low, high = wilson(events, n)
        panel.barh(row, share, color=colour, height=0.55, alpha=0.85)
        panel.errorbar(
            share, row, xerr=[[share - low], [high - share]], fmt="none", ecolor="black", elinewidth=1.2, capsize=4
        )
        words = f"  {events:,} of {n:,}: {100 * share:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
        panel.text(high, row, words, va="center", fontsize=SMALL)
        largest = max(largest, high)
    panel.set_yticks([1, 0], arm_names(data))
    panel.set_ylim(-0.5, 1.5)
    panel.set_xlim(0.0, largest * 1.75)
    marks = [mark for mark in panel.get_xticks() if 0.0 <= mark <= min(1.0, largest * 1.2)]
    panel.set_xticks(marks, [f"{100 * mark:g}" for mark in marks])
    panel.set_xlabel("patients with the event (%), 95 % interval", fontsize=9)
    open_frame(panel)


def wilson(events: int, n: int) -> tuple[float, float]:
    """The score interval of a proportion (Wilson 1927)."""
    share, z2 = events / n, _Z**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n**2))
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))
