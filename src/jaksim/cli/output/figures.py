"""The figure that a command writes beside its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaksim.result import Result


def checked_plot(path: str | None) -> None:
    """InputError, before anything is computed, where no figure can be written to the file that is asked for."""
    if path is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(path)


def written_plot(answer: Result, path: str | None) -> None:
    """Write the figure of an answer where one is asked for."""
    if path is not None:
        answer.plot(path)
