"""Colours and frames that the figures of patients share."""

from __future__ import annotations

import math
from typing import Any, Final

from jaksim.patient_data.from_data import TrialData

COLOURS: Final = ("#595959", "#0072b2")
"""Of the reference and the active arm; they differ in print without colours too."""
SMALL: Final = 8.5
_LONGEST: Final = 34
_MOST, _FEWEST = 7, 2
_STEPS: Final[dict[str, tuple[float, ...]]] = {
    "days": (1, 2, 3, 7, 14, 28, 60, 90, 180, 365),
    "months": (1, 2, 3, 6, 12, 24, 36, 60),
}
"""Steps between marks that suit a unit of time."""


def arm_names(data: TrialData) -> tuple[str, str]:
    """Names of the reference and the active arm, shortened where they are long."""
    return _short(data.arms.reference), _short(data.arms.active)


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def open_frame(panel: Any) -> None:
    """Take the lines above and to the right of a panel away."""
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    panel.tick_params(labelsize=SMALL)


def percent_axis(axis: Any) -> None:
    """Label an axis from 0 to 1 in percent."""
    marks = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    axis.set_ticks(marks, [f"{100 * mark:.0f}" for mark in marks])


def even_marks(last: float, unit: str | None = None) -> list[float]:
    """Marks from 0 to `last`, at most seven steps: weeks in days, parts of a year in months, else round numbers."""
    magnitude = 10.0 ** math.floor(math.log10(last))
    round_steps = [factor * part for part in (0.01 * magnitude, 0.1 * magnitude, magnitude) for factor in (1, 2, 3, 5)]
    steps = [step for step in _STEPS.get(unit or "", ()) if last / step >= _FEWEST] or round_steps
    step = next((step for step in steps if last / step <= _MOST), None)
    step = step or next(step for step in [*round_steps, 10.0 * magnitude] if last / step <= _MOST)
    return [step * number for number in range(int(last / step + 1e-9) + 1)]


def shades(n: int) -> Any:
    """Colours of n statuses, the best first: blue to red through near white, told apart by the colour blind."""
    import numpy as np
    from matplotlib import colormaps

    return colormaps["RdYlBu_r"](np.linspace(0.06, 0.94, max(n, 2)))


def ink(colour: Any) -> str:
    """Black or white, whichever is read on the colour."""
    red, green, blue = colour[:3]
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 else "black"
