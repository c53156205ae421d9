"""Progress on standard error, for people only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from jaksim.cli.output import note
from jaksim.cli.output.compiling import compiling_in

if TYPE_CHECKING:
    from jaksim.trial.adaptive.calibrated import Calibrated

Show = Callable[[int, int], None]


@contextmanager
def shown_progress(
    what: str, total: int | None, *, done: int = 0, time_left: bool = False
) -> Iterator[Callable[[int], None] | None]:
    """A bar that counts finished work, shown while the block runs; None when standard error is not a terminal.

    Calibrations inside the block have a bar of their own, or else a line, and tell what they found.
    """
    if sys.stderr is None or not sys.stderr.isatty():
        with _watched_calibrations(None):
            yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    if time_left:
        columns += [TextColumn("left"), TimeRemainingColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, completed=done)
        calibration = bar.add_task("trials for calibration", visible=False, total=None)

        def show(finished: int, replicates: int) -> None:
            bar.update(calibration, completed=finished, total=replicates, visible=finished < replicates)

        with _watched_calibrations(show), compiling_in(bar):
            yield lambda n: bar.advance(task, n)


class _Watcher:
    """Tells on standard error of critical values that are sought: how far, and what to write down so as to keep them.

    `show` draws a bar; without it a line says that it has begun.
    """

    def __init__(self, show: Show | None) -> None:
        self.show = show
        self.announced = False

    def advance(self, done: int, replicates: int) -> None:
        if self.show is not None:
            self.show(done, replicates)
        elif not self.announced:
            note(f"Seeking the critical value on {replicates:,} trials without any effect.")
        self.announced = done < replicates

    def calibrated(self, value: Calibrated) -> None:
        note(
            f"Critical value {value.z:.4f}, from {value.trials:,} trials without any effect, seed {value.seed}. With "
            f"these lines the scenario keeps it, as long as nothing else in it changes:\n{value.as_toml()}"
        )


@contextmanager
def _watched_calibrations(show: Show | None) -> Iterator[None]:
    from jaksim.design.conduct.adaptive.calibration import WATCHER

    token = WATCHER.set(_Watcher(show))
    try:
        yield
    finally:
        WATCHER.reset(token)
