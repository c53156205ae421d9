"""When an analysis happens: conditions on the data and the calendar, joined by "and" and "or"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from jaksim.checks import known
from jaksim.endpoint.kinds import kind_of
from jaksim.errors import InputError
from jaksim.trial.parts import TrialParts, watched_endpoint

QUANTITIES: Final = {
    "events": "events of an endpoint in the data",
    "complete": "patients whose outcome of an endpoint is complete in the data",
    "patients": "patients randomised",
    "day": "calendar days since the first day of the trial",
}
_CONDITION: Final = re.compile(r"^\s*(\w+)\s*(?:\(([^()]*)\))?\s*>=\s*([-+0-9.eE]+)\s*(%?)\s*$")
# Names of endpoints stand in parentheses and may hold the words themselves.
_AND: Final = re.compile(r"\s+and\s+(?![^()]*\))")
_OR: Final = re.compile(r"\s+or\s+(?![^()]*\))")
EXAMPLE: Final = "conditions such as 'events >= 300', 'complete >= 50 %', 'patients >= 800' or 'day >= 200'"


@dataclass(frozen=True, slots=True)
class Condition:
    """A quantity has reached a value: a number, or with `share` a fraction of all that is planned.

    `endpoint` names the endpoint whose events or complete outcomes are counted, that of the monitored analysis when
    empty.
    """

    quantity: str
    value: float
    share: bool = False
    endpoint: str = ""

    def __post_init__(self) -> None:
        if self.quantity not in QUANTITIES:
            raise InputError("unknown quantity", where="trigger", allowed=QUANTITIES, got=self.quantity)
        if self.share and self.quantity == "day":
            raise InputError("the calendar has no end to take a share of", where="trigger", allowed="a number of days")
        if self.share and not 0.0 < self.value <= 1.0:
            raise InputError("a share is out of range", where="trigger", allowed="above 0 % to 100 %", got=self.value)
        if not self.share and (self.value < 1.0 or self.value != int(self.value)):
            raise InputError(
                "not a number to reach", where="trigger", allowed="a whole number, or a share in %", got=self.value
            )
        if self.endpoint and self.quantity not in ("events", "complete"):
            raise InputError(f"'{self.quantity}' belongs to no endpoint", where="trigger", got=self.endpoint)

    def __str__(self) -> str:
        of = f"({self.endpoint})" if self.endpoint else ""
        return (
            f"{self.quantity}{of} >= {100 * self.value:g} %" if self.share else f"{self.quantity}{of} >= {self.value:g}"
        )


@dataclass(frozen=True, slots=True)
class Trigger:
    """The first day on which all conditions of one of the groups hold."""

    groups: tuple[tuple[Condition, ...], ...]

    def __str__(self) -> str:
        return " or ".join(" and ".join(str(condition) for condition in group) for group in self.groups)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions, in the order in which they are written."""
        return tuple(condition for group in self.groups for condition in group)

    def check(self, trial: TrialParts, endpoint: str, where: str) -> None:
        """InputError for a condition on an endpoint that the trial does not have, or that shows nothing to count at a
        data cut; `endpoint` is the one meant where a condition names none."""
        for condition in self.conditions:
            if condition.endpoint:
                known(condition.endpoint, [each.name for each in trial.endpoints], "endpoint", where)
            counted = watched_endpoint(trial, condition.endpoint or endpoint)
            if condition.quantity == "events" and not kind_of(counted).has_event:
                raise InputError(
                    f"endpoint {counted.name!r} is of kind {counted.kind!r} and has no events to count",
                    where=where,
                    allowed="'complete' outcomes",
                )


def endpoints_of(triggers: Iterable[Trigger | None]) -> set[str]:
    """Names of the endpoints that the conditions of triggers name."""
    return {
        condition.endpoint
        for trigger in triggers
        if trigger is not None
        for condition in trigger.conditions
        if condition.endpoint
    }


def grown(trigger: Trigger, ratio: float) -> Trigger:
    """The trigger in a trial of so many times the patients; shares and calendar days stay."""
    return Trigger(tuple(tuple(_grown(condition, ratio) for condition in group) for group in trigger.groups))


def _grown(condition: Condition, ratio: float) -> Condition:
    if condition.share or condition.quantity == "day":
        return condition
    return replace(condition, value=max(1.0, round(condition.value * ratio)))


def parse_trigger(text: object) -> Trigger:
    """The trigger that a text such as "events >= 300 and day >= 120 or complete >= 80 %" describes.

    "and" binds before "or". InputError for anything else.
    """
    if not isinstance(text, str) or not text.strip():
        raise InputError("a trigger needs a condition", where="trigger", allowed=EXAMPLE, got=text)
    return Trigger(
        tuple(tuple(_condition(part) for part in _AND.split(group.strip())) for group in _OR.split(text.strip()))
    )


def _condition(text: str) -> Condition:
    found = _CONDITION.match(text)
    if found is None:
        raise InputError("a condition cannot be read", where="trigger", allowed=EXAMPLE, got=text)
    quantity, endpoint, number, percent = found.groups()
    try:
        value = float(number)
    except ValueError:
        raise InputError("a condition has no number", where="trigger", allowed=EXAMPLE, got=text) from None
    return Condition(quantity, value / 100.0 if percent else value, bool(percent), (endpoint or "").strip())
