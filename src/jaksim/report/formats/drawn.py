"""Figures as the back ends embed them: the same bytes whenever they are drawn."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from jaksim.report.blocks import Figure

_DOTS_PER_INCH = 150


def svg(figure: Figure) -> str:
    """The figure as an SVG element."""
    text = _saved(figure, "svg", metadata={"Date": None, "Creator": None}).decode("utf-8")
    return text[text.index("<svg") :].strip()


def png(figure: Figure) -> tuple[bytes, float, float]:
    """The figure as a PNG image, with its width and height in inches."""
    from matplotlib.image import imread

    image = _saved(figure, "png", metadata={"Software": None})
    height, width = imread(BytesIO(image)).shape[:2]
    return image, width / _DOTS_PER_INCH, height / _DOTS_PER_INCH


def _saved(figure: Figure, kind: str, **options: Any) -> bytes:
    from matplotlib import rc_context

    from jaksim.report.plots.figure_file import save_figure

    drawing, file = figure.draw(), BytesIO()
    with rc_context({"svg.hashsalt": "jaksim"}):
        save_figure(drawing, file, kind, dpi=_DOTS_PER_INCH, **options)
    return file.getvalue()
