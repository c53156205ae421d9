"""How the figures of a scenario look: colours of scores and groups of moves, axes of days, wrapped words."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, Final

SIZE: Final = 9
SMALL: Final = 8
GREY: Final = "#555555"
WITHDRAWN: Final = "#d9d9d9"
LABEL_WIDTH: Final = 34
_LIGHTEST, _DARKEST = 0.0, 0.98
_MOST_TICKS: Final = 8
GROUP_COLOURS: Final = {
    "improvement": "#0072b2",
    "discharge": "#009e73",
    "readmission": "#cc79a7",
    "deterioration": "#d55e00",
    "death": "#000000",
}
"""Okabe and Ito's colours, which differ for every kind of colour vision."""


def score_colours(scores: Sequence[int], higher_is_worse: bool) -> dict[str, Any]:
    """Colour of each score: lightness falls from the best to the worst, so that order stays in print and for every kind
    of colour vision (viridis of van der Walt and Smith)."""
    from matplotlib import colormaps

    ordered = list(scores) if higher_is_worse else list(reversed(scores))
    last = max(len(ordered) - 1, 1)
    shades = colormaps["viridis_r"]
    places = {score: _LIGHTEST + (_DARKEST - _LIGHTEST) * place / last for place, score in enumerate(ordered)}
    return {str(score): shades(place) for score, place in places.items()}


def stacked(scores: Sequence[int], higher_is_worse: bool) -> list[str]:
    """The scores in the order in which they are stacked: the best at the bottom."""
    return [str(score) for score in (scores if higher_is_worse else reversed(scores))]


def day_axis(panel: Any, horizon: int) -> None:
    """Ticks at whole weeks, or at round numbers of days where that would be too many."""
    step = next(
        one for one in (1, 2, 7, 14, 30, 60, 90, 180, 365, 730, 1825) if horizon / one <= _MOST_TICKS or one == 1825
    )
    panel.set_xticks(range(0, horizon + 1, step))
    panel.set_xlim(0, horizon)


def wrapped(text: str, width: int = LABEL_WIDTH) -> str:
    """Words in lines of at most so many characters."""
    return "\n".join(textwrap.wrap(text, width)) or text


def plain_axes(panel: Any) -> None:
    """Without a frame at the top and the right, with small numbers."""
    for side in ("top", "right"):
        panel.spines[side].set_visible(False)
    panel.tick_params(labelsize=SMALL)
