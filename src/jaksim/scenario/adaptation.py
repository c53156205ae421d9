"""The `[adaptation]` table: rules by which a trial changes while patients come."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

from jaksim.errors import InputError
from jaksim.scenario.adaptive.parts import Parts
from jaksim.scenario.section import located, read_keys
from jaksim.trial.adaptive.adaptation import Adaptation
from jaksim.trial.adaptive.kinds import KINDS, module_of


def reader(kind: str) -> ModuleType:
    """The module that reads a kind of adaptation: `KEYS` of its table and `read(values, parts)`."""
    return module_of("jaksim.scenario.adaptive", kind)


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
