"""The `[adaptation]` table: rules by which a trial changes while patients come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any, Final

from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.scenario.section import located, read_keys
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.arm import Arm
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.population import Population

# By kind, the module of `jaksim.scenario.adaptive` that reads its table.
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


@dataclass(frozen=True)
class Parts:
    """What the rules can refer to: the other parts of the trial, and the hash of all that a calibration depends on."""

    arms: tuple[Arm, ...]
    population: Population
    endpoints: tuple[Endpoint, ...]
    analyses: Sequence[AnalysisPlan]
    stamp: str = ""


def reader(kind: str) -> ModuleType:
    """The module that reads a kind of adaptation: `KEYS` of its table and `read(values, parts)`."""
    if kind not in KINDS:
        raise InputError("unknown kind of adaptation", where="adaptation.kind", allowed=KINDS, got=kind)
    return import_module(f"jaksim.scenario.adaptive.{KINDS[kind]}")


def read_adaptation(table: Mapping[str, Any], parts: Parts) -> Adaptation | None:
    """The `[adaptation]` table, None without one."""
    if not table:
        return None
    kind = table.get("kind")
    if not isinstance(kind, str):
        raise InputError("an adaptation needs a kind", where="adaptation.kind", allowed=KINDS, got=kind)
    module = reader(kind)
    values = read_keys({key: value for key, value in table.items() if key != "kind"}, module.KEYS, "adaptation")
    with located("adaptation"):
        found: Adaptation = module.read(values, parts)
    return found
