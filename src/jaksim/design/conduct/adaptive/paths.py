"""What the looks of a Bayesian design find in a block of trials, had none of them been stopped."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.conduct.adaptive.posterior import Posterior


@dataclass(frozen=True, eq=False)
class Paths:
    """B trials, K looks, H hypotheses.

    `results` (K, H, B, 3) of the tests at each look and the `posteriors` (K of (H, B)) from them; `closed` the same
    results on the complete outcomes of those enrolled by the look, None where no rule asks for them, and
    `closed_posteriors` what follows from them. `active` bool
    (K, H, B): the arm had not been dropped before the look. `day` and `entered` (B, K); `share` and `share_enrolled`
    (B, K), complete outcomes as parts of those of the whole trial and of the patients enrolled.
    """

    results: Floats
    posteriors: tuple[Posterior, ...]
    closed: Floats | None
    closed_posteriors: tuple[Posterior, ...]
    active: Booleans
    day: Integers
    entered: Integers
    share: Floats
    share_enrolled: Floats

    @property
    def looks(self) -> int:
        return len(self.posteriors)

    @property
    def replicates(self) -> int:
        return int(self.day.shape[0])


@dataclass(frozen=True, eq=False)
class Decisions:
    """What became of the trials: `look` (B,), `reason` (B,), `rejected` (H, B), whether accrual ended early with a last
    analysis of those enrolled (B,), and whether equivalence was found (B,)."""

    look: Integers
    reason: Integers
    rejected: Booleans
    closed: Booleans
    equivalent: Booleans
