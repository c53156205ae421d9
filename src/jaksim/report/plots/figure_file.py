"""Figures written to files, by the ending of the name."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from jaksim.errors import InputError
from jaksim.whole_file import check_place, explained, whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS: Final = (".png", ".svg", ".pdf")
_DOTS_PER_INCH: Final = 150


def check_plot(path: str | os.PathLike[str], parameter: str = "plot") -> Path:
    """The path of a plot to be written; InputError where none can be, for another ending and without matplotlib.

    `parameter` is the one that asks for the plot.
    """
    target = Path(path)
    if target.suffix.lower() not in ENDINGS:
        raise InputError("a plot cannot have this ending", where=f"‹{parameter}›", allowed=ENDINGS, got=target.suffix)
    with explained(target):
        check_place(target)
    check_matplotlib(f"‹{parameter}›")
    return target


def check_matplotlib(where: str) -> None:
    """InputError unless matplotlib is installed."""
    if find_spec("matplotlib") is None:
        raise InputError("plots need matplotlib", where=where, allowed="pip install 'jaksim[plot]'")


def check_plots(paths: Mapping[str, str | None]) -> None:
    """Check the plots that one command writes, by parameter; InputError where two are to be the same file."""
    taken: dict[Path, str] = {}
    for parameter, path in paths.items():
        if path is None:
            continue
        place = check_plot(path, parameter).resolve()
        if place in taken:
            what = f"would overwrite what ‹{taken[place]}› writes"
            raise InputError(what, where=f"‹{parameter}›", allowed="another file", got=path)
        taken[place] = parameter


def write_figure(figure: Figure, path: str | os.PathLike[str]) -> None:
    """Write a figure to a PNG, SVG or PDF file, which appears whole or not at all; InputError where it cannot be."""
    target = check_plot(path)
    with explained(target), whole_file(target) as file:
        save_figure(figure, file, target.suffix[1:].lower(), dpi=_DOTS_PER_INCH)


def save_figure(figure: Figure, file: BinaryIO, kind: str, **options: Any) -> None:
    """Write a figure to an open file, names as they are written."""
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_parse_math(False)  # a dollar sign in a name is one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font does not have
        figure.savefig(file, format=kind, **options)
