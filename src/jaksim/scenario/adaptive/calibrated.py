"""The `[adaptation.calibrated]` table: a critical value that is kept with the scenario it was found for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.key import REQUIRED, Key
from jaksim.scenario.document import fingerprint
from jaksim.scenario.section import read_keys
from jaksim.trial.adaptive.calibrated import Calibrated

CALIBRATED: Final = Key(
    "calibrated",
    "table",
    "Critical value found before, as `jaksim power` prints it after a calibration: z, trials, seed and the hash of the "
    "scenario. It is used as long as the scenario is the same, and found anew where it is not.",
    {},
)
_KEYS: Final[tuple[Key, ...]] = (
    Key("z", "number", "The critical value.", REQUIRED),
    Key("trials", "whole number", "Trials without any effect on which it was found.", REQUIRED, low=1000),
    Key("seed", "whole number", "Seed of these trials.", REQUIRED, low=0),
    Key("scenario", "text", "Hash of what it was found for.", REQUIRED),
)
_WORDS: Final = frozenset(("title", "description", "registry", "sources", "assumption", "prediction"))


def stamp_of(document: Mapping[str, Any], parameter_sets: Mapping[str, str]) -> str:
    """Hash of all that a calibrated value depends on: the scenario but for words and the value itself."""
    content = {name: value for name, value in document.items() if name not in _WORDS}
    adaptation = content.get("adaptation")
    if isinstance(adaptation, Mapping):
        content["adaptation"] = {name: value for name, value in adaptation.items() if name != "calibrated"}
    return fingerprint(content, *(f"{name}={value}" for name, value in sorted(parameter_sets.items())))


def read_calibrated(table: Mapping[str, Any], stamp: str, replicates: int) -> Calibrated | None:
    """The value, None where there is none or it was found for another scenario."""
    if not table:
        return None
    found = Calibrated(**read_keys(table, _KEYS, "calibrated"))
    return found if (found.scenario, found.trials) == (stamp, replicates) else None
