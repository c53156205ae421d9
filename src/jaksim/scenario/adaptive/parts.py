"""What the `[adaptation]` table of a scenario can refer to, and how it names the analyses that are decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from jaksim.checks import known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.key import Key
from jaksim.trial.arm import Arm
from jaksim.trial.plan import AnalysisPlan
from jaksim.trial.population import Population

ANALYSES: Final = Key(
    "analyses",
    "list of texts",
    "Analyses that are decided, one for each active arm; the primary ones when left out.",
    (),
)


@dataclass(frozen=True)
class Parts:
    """The other parts of the trial, and the hash of all that a calibration depends on."""

    arms: tuple[Arm, ...]
    population: Population
    endpoints: tuple[Endpoint, ...]
    analyses: Sequence[AnalysisPlan]
    stamp: str = ""

    @property
    def plans(self) -> dict[str, AnalysisPlan]:
        """The analyses by name."""
        return {plan.name: plan for plan in self.analyses}

    def decided(self, listed: Sequence[str]) -> tuple[str, ...]:
        """The analyses that a design decides about: those listed, or the primary ones."""
        for name in listed:
            known(name, self.plans, "analysis", "analyses")
        names = tuple(listed) or tuple(plan.name for plan in self.analyses if plan.role == "primary")
        if not names:
            raise InputError("no analysis is primary", where="analyses", allowed=self.plans)
        return names
