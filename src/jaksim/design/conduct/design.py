"""What every way to carry out a trial answers: its replicates, and what is known of it without simulation."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from jaksim.design.analyses.control import Control
from jaksim.design.analyses.evaluation import Test
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.replicates import Followed, Replicates
from jaksim.design.engine.cells import Cells
from jaksim.design.sums.characteristics import Truth
from jaksim.design.twin.planned_power import KnownSize, PlannedPower
from jaksim.trial import Trial


@dataclass(frozen=True, eq=False)
class Foreseen:
    """What is known of the power of one planned analysis without simulation: NaN where nothing is.

    `caution` says why the power is not to be relied on, nothing where it is; `size` gives the patients for a power.
    """

    power: float
    caution: str
    size: Callable[[float], KnownSize]


class Design(ABC):
    """A way to carry out a trial, whose replicates any number of threads may draw in blocks.

    `decides` are the planned analyses whose null hypotheses the design decides about as it goes; all others are made
    once, at its end, on the complete data of all patients.
    """

    decides: tuple[Test, ...]

    @property
    def interpreted(self) -> bool:
        """Whether replicates are made by the interpreter, so that threads do not make them faster."""
        return False

    @property
    @abstractmethod
    def engine_name(self) -> str:
        """Whether patients come from the exact "law" or from simulated paths ("path")."""

    @property
    @abstractmethod
    def looks(self) -> int:
        """Number of analyses, the last one included."""

    @abstractmethod
    def block(self, most: int) -> int:
        """Replicates of a block, `most` or fewer, that take little memory."""

    @abstractmethod
    def replicates(self, tests: tuple[Test, ...], first: int, n: int) -> Replicates:
        """Replicates `first` to `first + n - 1`, with the results of all tests of the trial."""

    @abstractmethod
    def follow(self, replicate: int) -> Followed:
        """The patients of one replicate; a design on the path engine alone has them."""

    @abstractmethod
    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        """What is known of a planned analysis without simulation, from its power on complete data."""

    def controls(self, cells: Cells, tests: tuple[Test, ...]) -> tuple[Control | None, ...]:
        """The control variate of each test, None where there is none."""
        return (None,) * len(tests)

    def truth(self) -> Truth | None:
        """What its operating characteristics have to know of the world; None for a design that has none of its own."""
        return None

    def course(self) -> float | Course:
        """What the analyses of a monitored trial are expected to find, or the drift that tells it; NaN where nothing is
        known."""
        return math.nan

    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of ending at each analysis, by reason."""
        return ()

    def level_caution(self, test: Test) -> str:
        """Why a test that the design decides need not keep its level, and which one does; nothing where it does."""
        return ""

    def as_planned(self, trial: Trial) -> Trial:
        """The trial with all that its design has found out before it starts, such as a calibrated critical value."""
        return trial
