"""Turns that a patient's treatment may take, each a number that says how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.model.courses.rules import Begun, MissedDoses, Rescue, Switch, TreatmentStop
from jaksim.model.courses.trigger import Trigger, chances_of
from jaksim.model.regimen import Regimen
from jaksim.scale import OrdinalScale

Rule = TreatmentStop | Rescue | Switch | MissedDoses

EVENTS: Final = ("switch", "rescue", "treatment_stop", "missed_doses")
"""The tables of rules, in the order in which they make the regimen of a patient."""


@dataclass(frozen=True)
class Turn:
    """What may happen once to a patient's treatment, or with `pauses` again and again, by `rules` that do the same.

    Its value is 0 before; then it passes through the stages in which it acts, and is over after the last where it does
    not last to the end.
    """

    event: str
    rules: tuple[Rule, ...]

    @property
    def treatments(self) -> tuple[str, ...]:
        """The treatments that begin, or that are left out; all of the arm's when empty."""
        first = self.rules[0]
        return first.regimen.treatments if isinstance(first, Switch) else first.treatments

    @property
    def pauses(self) -> bool:
        """Whether it ends and may come again."""
        return self.event == "missed_doses"

    @property
    def stages(self) -> int:
        """Values in which it acts."""
        first = self.rules[0]
        return first.stages if isinstance(first, Begun) and np.isfinite(first.lasts) else 1

    @property
    def n_values(self) -> int:
        """Number of its values."""
        first = self.rules[0]
        return 1 + self.stages + int(isinstance(first, Begun) and bool(np.isfinite(first.lasts)))

    @cached_property
    def days(self) -> set[float]:
        """Days since randomisation on which an intensity changes."""
        return {day for rule in self.rules if isinstance(rule, Trigger) for day in rule.days}

    def concerns(self, arm: str) -> bool:
        """Whether it can happen in an arm."""
        return any(not rule.arms or arm in rule.arms for rule in self.rules)

    def check(self, background: Sequence[str], given: Sequence[str]) -> None:
        """InputError for treatments inside the natural history, where nothing changes, for those nobody is `given`, and
        for a regimen without those that everybody has."""
        if self.event == "switch":
            for name in background:
                if name not in self.treatments:
                    raise InputError(
                        f"the regimen lacks {name!r}, which everyone behind the natural history received",
                        where=self.event,
                        allowed="regimens that hold every background treatment",
                    )
            return
        for name in self.treatments:
            if name in background:
                raise InputError(
                    "everyone has the treatment inside the natural history, where nothing changes it",
                    where=self.event,
                    allowed="other treatments",
                    got=name,
                )
            if name not in given:
                raise InputError("nobody is given the treatment", where=self.event, allowed=given, got=name)

    def chances(self, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats | None:
        """Probability (J, S, S) that it begins at each move, None where it never does."""
        triggers = [rule for rule in self.rules if isinstance(rule, Trigger) and rule.at_moves]
        return chances_of(triggers, scale, arm, breaks) if triggers else None

    def rates(self, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
        """Intensity (J, S) with which it begins by itself."""
        found: Floats = np.sum([_rates(rule, scale, arm, breaks) for rule in self.rules], axis=0)
        return found

    def onwards(self, value: int) -> tuple[int, float] | None:
        """The value after one in which it acts, with the intensity of that; None where it stays."""
        first = self.rules[0]
        if isinstance(first, MissedDoses):
            return (0, 1.0 / first.days) if value else None
        if isinstance(first, Begun) and 0 < value < self.n_values - 1:
            return value + 1, self.stages / first.lasts
        return None

    def paused_at_randomisation(self, scale: OrdinalScale, arm: str) -> Floats:
        """Share (S,) of the patients who enter in each score during a pause."""
        first = self.rules[0]
        if not isinstance(first, MissedDoses):
            return np.zeros(scale.n_states)
        begins = self.rates(scale, arm, np.zeros(1))[0]
        found: Floats = begins / (begins + 1.0 / first.days)
        return found

    def applied(
        self,
        value: int,
        now: Regimen,
        given: Regimen,
        background: Sequence[str],
        planned: Regimen | None = None,
    ) -> Regimen:
        """What a patient of an arm that gives `given` receives at a value, who would receive `now` without this.

        `planned` is what she is randomised or switched to, `now` if that is not told: doses of it are missed.
        """
        first, over = self.rules[0], value > self.stages
        if not value:
            return now
        if isinstance(first, Switch):
            begun = [name for name in self.treatments if name not in given.treatments]
            if over:
                return Regimen(tuple(name for name in self.treatments if name not in begun))
            return Regimen(self.treatments, tuple(begun))
        if isinstance(first, Rescue):
            begun = [name for name in self.treatments if name not in now.treatments and name not in background]
            return now if over else Regimen((*now.treatments, *begun), (*now.lasting, *begun))
        of_arm = given.treatments
        if self.pauses:
            of_arm = now.treatments if planned is None else planned.treatments
        out = set(self.treatments or (name for name in of_arm if name not in background))
        return Regimen(
            tuple(name for name in now.treatments if name not in out),
            tuple(name for name in now.lasting if name not in out),
        )


def turns_of(rules: Mapping[str, Iterable[Rule]]) -> Iterator[Turn]:
    """The turns of rules by event; rules that do the same to a treatment are those of one turn."""
    for event in EVENTS:
        alike: dict[object, list[Rule]] = {}
        for rule in rules.get(event, ()):
            alike.setdefault(_what(rule), []).append(rule)
        for found in alike.values():
            yield Turn(event, tuple(found))


def _what(rule: Rule) -> object:
    if isinstance(rule, Switch):
        return rule.to, rule.regimen, rule.lasts, rule.stages
    if isinstance(rule, Rescue):
        return rule.treatments, rule.lasts, rule.stages
    return (rule.treatments, rule.days) if isinstance(rule, MissedDoses) else rule.treatments


def _rates(rule: Rule, scale: OrdinalScale, arm: str, breaks: Floats) -> Floats:
    if not isinstance(rule, MissedDoses):
        return rule.rates(scale, arm, breaks)
    found: Floats = np.outer(np.ones(len(breaks)), rule.per_day * rule.members(scale, arm))
    return found
