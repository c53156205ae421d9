"""When the data are cut for the board, what it sees, and when it has decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

from jaksim.operations.events.calendar import URGENT, Calendar
from jaksim.operations.events.courses import Watched, watched
from jaksim.operations.events.log import Analysis
from jaksim.trial import Trial
from jaksim.trial.trigger import Condition, Trigger, endpoints_of

Counted = dict[str, int]
"""Patients whose outcome, or event, is in the data, by endpoint."""


class Recruiting(Protocol):
    """What a board can do to a trial."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self, why: str) -> None: ...

    @property
    def enrolled(self) -> int: ...


@dataclass(frozen=True)
class Cut:
    """What a board is shown at analysis number `look`, counted from 0, on a day."""

    look: int
    day: int
    enrolled: int
    complete: int
    events: int


Decide = Callable[[Cut], bool]
"""Whether the trial goes on."""


class Agenda:
    """The analyses of a trial, the same in every replicate: triggers, endpoints they count, cells that count."""

    def __init__(self, trial: Trial, arms: list[str]) -> None:
        found = trial.monitoring
        self.triggers: tuple[Trigger | None, ...] = (None,) if found is None else found.triggers
        self.last = len(self.triggers) - 1
        patients = float(trial.population.patients)
        maximum = None if found is None else found.maximum
        self._planned = {"patients": patients, "complete": patients, "events": maximum or patients}
        self.endpoint = ""
        self.watched: dict[str, Watched] = {}
        self.counts: set[tuple[int, int]] = set()
        if found is not None:
            plan = next(one for one in trial.analyses if one.name == found.analysis)
            self.endpoint = plan.endpoint
            self.watched = watched(trial, [plan.endpoint, *sorted(endpoints_of(self.triggers))])
            strata = trial.stratum_indices(plan)
            named = {arms.index(arm) for pair in plan.pairs for arm in pair}
            self.counts = {(arm, stratum) for arm in named for stratum in strata}
        self.days = sorted(
            {
                int(one.value)
                for trigger in self.triggers
                if trigger is not None
                for one in trigger.conditions
                if one.quantity == "day"
            }
        )

    def target(self, condition: Condition) -> int:
        """The number that a condition waits for."""
        if condition.share:
            return ceil(condition.value * self._planned[condition.quantity] - 1e-9)
        return int(condition.value)


class Looks:
    """The analyses of one replicate. A cut holds what has happened by the end of its day."""

    def __init__(
        self, calendar: Calendar, agenda: Agenda, trial: Recruiting, delay: int, pause: bool, decide: Decide | None
    ) -> None:
        self._calendar, self._agenda, self._trial = calendar, agenda, trial
        self._delay, self._pause, self._decide = delay, pause, decide
        self.complete: Counted = dict.fromkeys(agenda.watched, 0)
        self.events: Counted = dict.fromkeys(agenda.watched, 0)
        self.analyses: list[Analysis] = []
        self._undecided: list[Cut] = []
        self._next, self._waiting, self.ended = 0, False, False
        for day in agenda.days:
            calendar.at(float(day), self._on_day)
        self.watching = agenda.triggers[0] is not None

    def _on_day(self, _: Any) -> None:
        self.check()

    def check(self) -> None:
        """Cut the data at the end of the day if the next analysis is due."""
        if self._waiting or self.ended or not self.watching:
            return
        trigger = self._agenda.triggers[self._next]
        if trigger is None:
            return
        now = self._calendar.now
        if any(all(self._holds(one, now) for one in group) for group in trigger.groups):
            self._waiting = True
            self._calendar.at(float(int(now) + 1), self._cut, int(now), URGENT)

    def _holds(self, condition: Condition, now: float) -> bool:
        if condition.quantity == "day":
            return now >= condition.value
        if condition.quantity == "patients":
            return self._trial.enrolled >= self._agenda.target(condition)
        counted = self.complete if condition.quantity == "complete" else self.events
        return counted[condition.endpoint or self._agenda.endpoint] >= self._agenda.target(condition)

    def _cut(self, event: Any) -> None:
        day: int = event._value
        self._waiting = False
        if self.ended:
            return
        look = self._next
        self._next += 1
        name = self._agenda.endpoint
        cut = Cut(look, day, self._trial.enrolled, self.complete.get(name, 0), self.events.get(name, 0))
        self.watching = self._next <= self._agenda.last and self._agenda.triggers[self._next] is not None
        if look == self._agenda.last:
            self.close_undecided()
            if not self.ended:
                self._note(cut, day)
            self.ended = True
            self._trial.stop("the last analysis")
            return
        self._undecided.append(cut)
        if self._pause:
            self._trial.pause()
        self._calendar.at(float(day + self._delay + 1), self._decided, cut, URGENT)
        if self.watching:
            self._due_at_once(day)

    def _due_at_once(self, day: int) -> None:
        """An analysis may be due on the day of the one in front of it."""
        trigger = self._agenda.triggers[self._next]
        assert trigger is not None
        if any(all(self._holds(one, float(day)) for one in group) for group in trigger.groups):
            self._waiting = True
            self._calendar.at(self._calendar.now, self._cut, day, URGENT)

    def _decided(self, event: Any) -> None:
        cut: Cut = event._value
        if cut not in self._undecided:
            return
        self._undecided.remove(cut)
        if self._pause and not self._undecided:
            self._trial.resume()
        self._note(cut, cut.day + self._delay)
        if not self._goes_on(cut):
            self._undecided.clear()
            self._trial.stop(f"stopped after analysis {cut.look + 1}")

    def _note(self, cut: Cut, decision: int) -> None:
        self.analyses.append(Analysis(cut.day, decision, cut.enrolled, self._trial.enrolled, cut.complete, cut.events))

    def close(self, day: int) -> None:
        """All data are complete on a day: the analyses that were not due before are made then."""
        self.close_undecided()
        while not self.ended:
            look = self._next
            self._next += 1
            name = self._agenda.endpoint
            cut = Cut(look, day, self._trial.enrolled, self.complete.get(name, 0), self.events.get(name, 0))
            self.ended = look == self._agenda.last
            self._note(cut, day if self.ended else day + self._delay)
            if not self.ended:
                self._goes_on(cut)

    def close_undecided(self) -> None:
        """Note the analyses that the board has not decided upon; a decision that comes after the last one counts."""
        for cut in self._undecided:
            self._note(cut, cut.day + self._delay)
            if not self._goes_on(cut):
                break
        self._undecided.clear()

    def _goes_on(self, cut: Cut) -> bool:
        goes_on = self._decide is None or self._decide(cut)
        self.ended = self.ended or not goes_on
        return goes_on
