"""`[adaptation] kind = "platform"`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.scenario.adaptive.parts import ANALYSES, Parts
from jaksim.trial.adaptive.platform import CONTROLS, Platform

KEYS: Final = (
    ANALYSES,
    Key("enters", "table", "Day on which an arm enters, by name; the first day when left out.", {}),
    Key("leaves", "table", "Day from which an arm is closed, by name; never when left out.", {}),
    Key(
        "controls",
        "text",
        "With whom an arm is compared: concurrent controls by period, all controls pooled, or all patients adjusted "
        "for period by a linear model.",
        "concurrent",
        tuple(CONTROLS),
    ),
    Key(
        "strata",
        "table",
        "Days [from, to] between which a stratum recruits, by name: an assumed drift of the population.",
        {},
    ),
)


def read(values: Mapping[str, Any], parts: Parts) -> Platform:
    """The design."""
    enters = {name: _day(value, f"enters.{name}") for name, value in values["enters"].items()}
    leaves = {name: _day(value, f"leaves.{name}") for name, value in values["leaves"].items()}
    names = dict.fromkeys((*enters, *leaves))
    return Platform(
        analyses=parts.decided(values["analyses"]),
        arms={name: (enters.get(name, 0.0), leaves.get(name, math.inf)) for name in names},
        controls=values["controls"],
        strata={name: _window(value, f"strata.{name}") for name, value in values["strata"].items()},
    )


def _day(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError("not a day", where=where, allowed="a whole number from 0 on", got=value)
    return float(value)


def _window(value: object, where: str) -> tuple[float, float]:
    if not isinstance(value, list) or not 1 <= len(value) <= 2:
        raise InputError("not a window", where=where, allowed="[from, to] in days, or [from]", got=value)
    days = [_day(day, where) for day in value]
    return days[0], days[1] if len(days) == 2 else math.inf
