"""A critical value that was found by simulation before, with what it was found for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from jaksim.errors import InputError


@dataclass(frozen=True, slots=True)
class Calibrated:
    """The critical value `z`, found on so many `trials` without any effect, drawn with `seed`.

    `scenario` is the hash of all that it depends on.
    """

    z: float
    trials: int
    seed: int
    scenario: str

    def __post_init__(self) -> None:
        if not math.isfinite(self.z):
            raise InputError("not a critical value", where="calibrated.z", allowed="a number", got=self.z)

    def __str__(self) -> str:
        return f"z = {self.z:.4f}, found before with seed {self.seed}"

    def as_toml(self) -> str:
        """The table of a scenario that holds it."""
        rows = (f"z = {self.z!r}", f"trials = {self.trials}", f"seed = {self.seed}", f'scenario = "{self.scenario}"')
        return "\n".join(("[adaptation.calibrated]", *rows))
