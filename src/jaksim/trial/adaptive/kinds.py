"""The kinds of adaptive designs: by the word of a scenario, the name of the modules that hold its parts."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Final

from jaksim.errors import InputError

KINDS: Final[dict[str, str]] = {
    "bayesian-stopping": "bayesian_stopping",
    "response-adaptive": "response_adaptive",
    "promising-zone": "promising_zone",
    "blinded-reestimation": "blinded_reestimation",
    "multi-arm-multi-stage": "multi_arm",
    "enrichment": "enrichment",
    "dose-selection": "dose_selection",
    "platform": "platform",
}
"""A kind has a module of this name in each of three rooms: its rules in `trial.adaptive`, how a scenario's table is
read in `scenario.adaptive` (`KEYS`, `read`), how it is conducted in `design.conduct.adaptive` (`design`)."""


def module_of(room: str, kind: str) -> ModuleType:
    """The module of a kind in a room, such as `jaksim.scenario.adaptive`; InputError for a word that is no kind."""
    if kind not in KINDS:
        raise InputError("unknown kind of adaptation", where="adaptation.kind", allowed=KINDS, got=kind)
    return import_module(f"{room}.{KINDS[kind]}")
