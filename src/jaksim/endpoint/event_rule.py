"""What death, a return, a data cut and the wish for a lasting event make of the first day that meets a condition."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.endpoint.automaton import Category, Memory
from jaksim.endpoint.options import DEATH_STRATEGIES, one_of, strategy, whole_number
from jaksim.errors import InputError
from jaksim.key import Key

DEATH_WORDS = {
    "at_risk_to_horizon": "patients who die are censored at day {last}",
    "competing": "death before it is a competing event",
    "censor": "death before it censors",
    "event": "death counts as the event",
}

DEATHS = (*DEATH_WORDS, *DEATH_STRATEGIES)

RETURN_WORDS = {
    "treatment policy": "",
    "composite": "; only a stretch that lasts to the last day counts",
    "worst case": "; a patient who leaves it again never has the event",
}

RULE_KEYS = (
    Key(
        "sustained",
        "whole number",
        "Days in a row that the event must last to count; 1 (default) counts the first day at once.",
        1,
    ),
    Key(
        "counted_on",
        "text",
        "Day on which a sustained event counts: the 'last' (default) or the 'first' of the days that it must last.",
        "last",
    ),
    Key(
        "readmission",
        "text",
        "What leaving the wanted scores again means for a good event: 'treatment policy' (default; the event "
        "stands), 'composite' (it counts only in a stretch that lasts to the last day) or 'worst case' (never an "
        "event, censored at the last day).",
        "treatment policy",
    ),
)

_STATUS_WORDS = {0: "censored", 1: "event", 2: "competing event"}


@dataclass(frozen=True)
class EventRule:
    """How days inside the wanted scores become a time and a status.

    A memory is None (waiting), the day since when the patient is inside, or the final (time, status). `last` is the
    last day that counts and `observed` the last one seen; `death` is one of `DEATH_WORDS`.
    """

    last: int
    observed: int
    death: str = "at_risk_to_horizon"
    sustained: int = 1
    counted_on: str = "last"
    readmission: str = "treatment policy"

    @property
    def revocable(self) -> bool:
        """Whether an event can be lost again."""
        return self.readmission != "treatment policy"

    def step(self, memory: Memory, today: int, *, inside: bool, absorbed: bool) -> Memory:
        """Memory after a day `inside` the wanted scores or not, `absorbed` once the score never changes again."""
        if isinstance(memory, tuple) or today > self.observed:
            return memory
        if inside:
            since = memory if isinstance(memory, int) else today
            lasted = absorbed or (not self.revocable and today - since + 1 >= self.sustained)
            return (self._counted(since, today), 1) if lasted else since
        if self.readmission == "worst case" and isinstance(memory, int) and today - memory >= self.sustained:
            return (self.last, 0)
        if not absorbed:
            return None
        if self.death == "at_risk_to_horizon":
            return (self.last, 0) if self.observed < self.last else None
        return (today, 2 if self.death == "competing" else 0)

    def category(self, memory: Memory) -> Category:
        """Time and status of a final memory."""
        time, status = self.observed, 0
        if isinstance(memory, tuple):
            time, status = memory
        elif isinstance(memory, int) and self.revocable and self.observed - memory + 1 >= self.sustained:
            time, status = self._counted(memory, self.observed), 1
        return Category(f"{_STATUS_WORDS[status]} day {time}", time=time, status=status)

    def words(self, mortal: bool) -> str:
        """What the rule adds to the definition of an endpoint; death is named where the scale is `mortal`."""
        lasting = f", {self.sustained} days in a row, counted on the {self.counted_on} of them"
        death = f"; {DEATH_WORDS[self.death].format(last=self.last)}" if mortal else ""
        return f"{lasting if self.sustained > 1 else ''}{RETURN_WORDS[self.readmission]}{death}"

    def _counted(self, since: int, today: int) -> int:
        return since if self.counted_on == "first" else min(today, since + self.sustained - 1)


def event_rule(
    days: tuple[int, int], *, good: bool, death: str, sustained: int, counted_on: str, readmission: str
) -> EventRule:
    """The rule for a `good` event or a bad one, with strategies by name; InputError for values not allowed.

    'composite' and 'worst case' let the dead never have a good event, and have a bad one on the day of death.
    """
    strategy(death, DEATHS, where="death")
    strategy(readmission, RETURN_WORDS, where="readmission")
    one_of(counted_on, ("first", "last"), where="counted_on")
    if readmission != "treatment policy" and not good:
        raise InputError(
            "only an event that is good for the patient can be lost again",
            where="readmission",
            allowed="'treatment policy'",
            got=readmission,
        )
    plain = {"while alive": "competing", "hypothetical": "censor"}.get(death, death)
    if death in ("composite", "worst case"):
        plain = "at_risk_to_horizon" if good else "event"
    return EventRule(*days, plain, whole_number(sustained, days[0], where="sustained"), counted_on, readmission)
