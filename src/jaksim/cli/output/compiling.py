"""What a person at a terminal is told while kernels are compiled, which takes seconds the first time.

Nothing is said beside JSON, another document, or where standard error is no terminal.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final

from jaksim.cli.output.destination import TEXT
from jaksim.cli.output.writing import note, print_report
from jaksim.kernel.compiled.watching import watched

if TYPE_CHECKING:
    from rich.progress import Progress

    from jaksim.design.foreseen import Foreseen

ENGINES: Final = "jaksim.kernel."
"""Where kernels are that every simulation needs; where one of them is not compiled, none is."""


class Compiling:
    """Says once that kernels are compiled, then what is known without them, and draws a bar until they are."""

    def __init__(self) -> None:
        self.said = False
        self.bar: Progress | None = None
        self.task: Any = None
        self.known: Callable[[], None] | None = None

    def begun(self, kernel: Callable[..., Any]) -> None:
        if not self.said:
            self.said = True
            self._say(kernel)
        if self.bar is not None:
            if self.task is None:
                self.task = self.bar.add_task("compiling", total=None)
            self.bar.update(self.task, visible=True)

    def ended(self) -> None:
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task)

    def _say(self, kernel: Callable[..., Any]) -> None:
        about = "about 10 s" if kernel.__module__.startswith(ENGINES) else "up to 10 s"
        if self.bar is not None:
            self.bar.stop()
        note(f"Compiling what this run needs, once: {about}. Later runs find it on disk.")
        if self.known is not None:
            with suppress(Exception):  # the answer itself will tell what is wrong
                self.known()
        if self.bar is not None:
            self.bar.start()


_TELLING: Final[list[Compiling]] = []


@contextmanager
def _telling(one: Compiling) -> Iterator[None]:
    _TELLING.append(one)
    try:
        with watched(one):
            yield
    finally:
        _TELLING.pop()


def told_of_compiling(screen: str) -> AbstractContextManager[None]:
    """Tell who waits at a terminal for an answer in text when kernels are compiled inside the block."""
    at_terminal = sys.stderr is not None and sys.stderr.isatty()
    return _telling(Compiling()) if at_terminal and screen == TEXT else nullcontext()


@contextmanager
def compiling_in(bar: Progress) -> Iterator[None]:
    """Let what is told be part of a bar that is drawn while the block runs."""
    if not _TELLING:
        yield
        return
    one = _TELLING[-1]
    one.bar, one.task = bar, None
    try:
        yield
    finally:
        one.bar = None


@contextmanager
def foreseen_first(*, null: bool) -> Iterator[None]:
    """Print the analytic powers at a terminal before its kernels are compiled, which takes longest."""
    if not _TELLING or sys.stdout is None or not sys.stdout.isatty():
        yield
        return
    from jaksim.design.foreseen import FORESEEN

    one = _TELLING[-1]

    def tell(foreseen: Foreseen) -> None:
        def known() -> None:
            from jaksim.report.power import foreseen_part

            found = [(number, one) for number, one in foreseen() if math.isfinite(one.analytic_power)]
            if found:
                print_report(foreseen_part(found, null=null))

        one.known = known

    token = FORESEEN.set(tell)
    try:
        yield
    finally:
        FORESEEN.reset(token)
        one.known = None
