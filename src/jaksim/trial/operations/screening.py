"""Who is screened, why some fail, and how long it takes until the others are randomised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import distinct
from jaksim.errors import InputError
from jaksim.trial.operations.day_law import NO_DAYS, DayLaw, fixed

A_WEEK: Final = fixed(7)


@dataclass(frozen=True)
class Reason:
    """A reason to fail screening, its probability, and whether a patient who fails for it may be screened again.

    `source` is where the probability comes from, such as the fact of the catalogue whose threshold it is.
    """

    name: str
    probability: float
    again: bool = False
    source: str = ""

    def __post_init__(self) -> None:
        if not 0.0 <= self.probability < 1.0:
            raise InputError(
                "a probability of failing is out of range",
                where=f"reason {self.name!r}",
                allowed="0 or more, below 1",
                got=self.probability,
            )


@dataclass(frozen=True)
class Screening:
    """Each patient fails for the first of `reasons` that holds for her, the reasons being mutually exclusive.

    Who passes is randomised after a number of days of `delay`. Of those whose reason may pass, the share `rescreened`
    is screened once more after `rescreen_delay`, and passes then with probability `passes_again`.
    """

    reasons: tuple[Reason, ...] = ()
    delay: DayLaw = NO_DAYS
    rescreened: float = 0.0
    rescreen_delay: DayLaw = A_WEEK
    passes_again: float = 0.5

    def __post_init__(self) -> None:
        distinct((reason.name for reason in self.reasons), "reason")
        failing = sum(reason.probability for reason in self.reasons)
        if not failing < 1.0:
            raise InputError(
                "nobody passes screening", where="screening", allowed="probabilities below 1 in all", got=failing
            )
        for name in ("rescreened", "passes_again"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError("not a probability", where=name, allowed="0 to 1", got=getattr(self, name))

    @property
    def eligible(self) -> float:
        """Probability of passing the first screening."""
        return 1.0 - sum(reason.probability for reason in self.reasons)

    @property
    def rescued(self) -> float:
        """Probability of failing the first screening and passing the second."""
        again = sum(reason.probability for reason in self.reasons if reason.again)
        return again * self.rescreened * self.passes_again

    @property
    def randomised(self) -> float:
        """Probability that a patient who is screened is randomised in the end."""
        return self.eligible + self.rescued

    @cached_property
    def days_to_randomisation(self) -> Floats:
        """Probabilities (D,) of being randomised 0, 1, ... days after the first screening; they sum to `randomised`."""
        second = np.convolve(self.rescreen_delay.pmf, self.delay.pmf)
        found = self.rescued * second
        found[: len(self.delay.pmf)] += self.eligible * self.delay.pmf
        return found
