"""When the data are cut for the board, what it sees, and when it has decided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any, Protocol

from jaksim.operations.events.calendar import URGENT, Calendar
from jaksim.operations.events.course.courses import Watched, watched
from jaksim.operations.events.log import Analysis
from jaksim.operations.events.patient import Patient
from jaksim.trial import Trial
from jaksim.trial.trigger import Condition, Trigger, endpoints_of

Counter = list[int]
"""One number that grows while the trial runs."""
Quantity = tuple[str, str]
"""What is counted, and of which endpoint, nothing where it belongs to none."""


class Recruiting(Protocol):
    """What a board can do to a trial."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def stop(self, why: str) -> None: ...

    @property
    def patients(self) -> Sequence[Patient]: ...

    def in_data(self, day: int) -> tuple[int, int]: ...


@dataclass(frozen=True)
class Cut:
    """What a board is shown at analysis number `look`, counted from 0, on a day: numbers, and the
    patients, to whom those are added who come before it decides."""

    look: int
    day: int
    enrolled: int
    complete: int
    events: int
    patients: Sequence[Patient] = field(repr=False, compare=False)


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
        self.groups = [
            ()
            if trigger is None
            else tuple(tuple((self._of(one), self.target(one)) for one in g) for g in trigger.groups)
            for trigger in self.triggers
        ]
        """For each analysis the groups of conditions: which quantity has to reach what."""
        needed = {quantity for groups in self.groups for group in groups for quantity, _ in group}
        self.quantities: list[Quantity] = sorted(needed)
        self.outcomes = [one for one in self.quantities if one[0] in ("complete", "events")]
        self.days = sorted({at for groups in self.groups for g in groups for (what, _), at in g if what == "day"})

    def _of(self, condition: Condition) -> Quantity:
        counted = condition.quantity in ("complete", "events")
        return condition.quantity, (condition.endpoint or self.endpoint) if counted else ""

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
        self.counters: dict[Quantity, Counter] = {one: [0] for one in agenda.quantities}
        self.analyses: list[Analysis] = []
        self._undecided: list[Cut] = []
        self._next, self._waiting, self.ended = 0, False, False
        for day in agenda.days:
            calendar.at(float(day), self._on_day, day)
        self.outcomes = [(name, int(what == "events"), self.counters[what, name]) for what, name in agenda.outcomes]
        """What is counted of which endpoint: complete outcomes, 0, or events, 1; and its counter."""
        self._patients = self.counters.get(("patients", ""))
        self._watch()

    def _watch(self) -> None:
        """Wait for the next analysis."""
        groups = self._agenda.groups[self._next] if self._next <= self._agenda.last else ()
        self.watching = bool(groups)
        self._groups = [[(self.counters[quantity], target) for quantity, target in group] for group in groups]

    def _on_day(self, event: Any) -> None:
        self.counters["day", ""][0] = event._value
        self.check()

    def one_more(self) -> None:
        """A patient has been randomised."""
        if self._patients is not None:
            self._patients[0] += 1
            self.check()

    def check(self) -> None:
        """Cut the data at the end of the day if the next analysis is due."""
        if self._waiting or self.ended or not self._due():
            return
        now = self._calendar.now
        self._waiting = True
        self._calendar.at(float(int(now) + 1), self._cut, int(now), URGENT)

    def _due(self) -> bool:
        for group in self._groups:
            for counter, target in group:
                if counter[0] < target:
                    break
            else:
                return True
        return False

    def _cut(self, event: Any) -> None:
        day: int = event._value
        self._waiting = False
        if self.ended:
            return
        look = self._next
        self._next += 1
        cut = self._cut_of(look, day)
        self._watch()
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
        if self._due():
            # An analysis may be due on the day of the one in front of it.
            self._waiting = True
            self._calendar.at(self._calendar.now, self._cut, day, URGENT)

    def _cut_of(self, look: int, day: int) -> Cut:
        patients = self._trial.patients
        return Cut(look, day, len(patients), *self._trial.in_data(day), patients)

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
        self.analyses.append(
            Analysis(cut.day, decision, cut.enrolled, len(self._trial.patients), cut.complete, cut.events)
        )

    def close(self, day: int) -> None:
        """All data are complete on a day: the analyses that were not due before are made then."""
        self.close_undecided()
        while not self.ended:
            look = self._next
            self._next += 1
            cut = self._cut_of(look, day)
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
