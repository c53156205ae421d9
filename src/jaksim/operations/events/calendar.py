"""The event loop of a trial: SimPy's, with events that happen at a given time and call a function."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Any, Final

from simpy import Environment, Event
from simpy.events import NORMAL, URGENT, EventPriority

Callback = Callable[[Any], None]
Callbacks = list[Any]
"""Functions that are called with an event."""
LAST: Final = EventPriority(2)
"""Of the events of one time, behind the others; those that are urgent are in front of them."""

__all__ = ["LAST", "NORMAL", "URGENT", "Calendar", "Callbacks", "Happening"]


class Happening(Event):
    """An event that is bound to happen; it carries a value and calls functions with itself."""

    def __init__(self, calendar: Calendar, callbacks: Callbacks, value: Any) -> None:
        # As `Event.__init__` followed by `succeed`, without the checks: thousands of these are made in each trial.
        self.env = calendar
        self.callbacks = callbacks
        self._ok = True
        self._value = value


class Calendar(Environment):
    """A SimPy environment in days since the start of the trial.

    Its events are put at a time rather than after a delay, so that a time drawn by address is met to the last bit, and
    call a function rather than wake a process, which takes half the time.
    """

    def at(self, time: float, callback: Callback, value: Any = None, priority: EventPriority = NORMAL) -> None:
        """Call `callback` with an event of this value at a time, not before now."""
        heappush(self._queue, (time, priority, next(self._eid), Happening(self, [callback], value)))

    def soon(self, time: float, callbacks: Callbacks, value: Any) -> None:
        """As `at`, with a list of callbacks that is made once for many events."""
        heappush(self._queue, (time, NORMAL, next(self._eid), Happening(self, callbacks, value)))

    def once_more(self, time: float, callbacks: Callbacks, event: Event) -> None:
        """Let an event that has just happened happen again at a time; a list of callbacks may be shared by events."""
        event.callbacks = callbacks
        heappush(self._queue, (time, NORMAL, next(self._eid), event))

    def run_to(self, end: Event) -> None:
        """Let happen what is in the calendar, in its order, until an event has happened.

        This is `run(end)` without what SimPy does about events that fail, which none of these can.
        """
        queue, pop = self._queue, heappop
        while end.callbacks is not None:
            self._now, _, _, event = pop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
