"""A trial made ready: its cells, its tests and its design, from which all verbs draw replicates in blocks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TypeVar

import numpy as np

from jaksim.design.analyses.control import Control
from jaksim.design.analyses.evaluation import Test, settle
from jaksim.design.analyses.multiple import multiple_tests
from jaksim.design.conduct.design import Design, Foreseen
from jaksim.design.conduct.designs import make_design
from jaksim.design.conduct.fixed import FixedDesign
from jaksim.design.conduct.replicates import Replicates
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.drawn import Drawn
from jaksim.design.engine.processes import spread
from jaksim.design.settings import BLOCK, CONTROL_VARIATES
from jaksim.design.sums.characteristics import Sums, Truth
from jaksim.design.sums.moments import Moments
from jaksim.design.sums.summary import Summary, summarise, tally
from jaksim.design.sums.trial_sums import TrialSums
from jaksim.design.twin.planned_power import KnownSize, PlannedPower
from jaksim.design.twin.very_large import by_site
from jaksim.errors import InputError
from jaksim.operations.doors import EVENTS, FAST
from jaksim.trial import Trial

Part = TypeVar("Part")


def check_controllable(trial: Trial, variance_reduction: str) -> None:
    """Refuse control variates for a trial that has none: their mean is known for complete data alone."""
    if variance_reduction != "none" and trial.in_calendar_time:
        raise InputError(
            "there are no control variates for a trial with interim analyses",
            where="‹variance_reduction›",
            allowed="none, or a trial analysed once",
        )


class Prepared:
    """A trial with a seed and an engine ("law", "path" or "auto"); its design is made when it is first asked for.

    Any number of threads may draw blocks once there is a design. `like` is a trial that was made ready with the same
    seed and engine: its laws, and the engine of its fixed design, are used again where they are those of this trial.
    `variance_reduction` "control-variates" lets the sums have those of the rejections less their control variates.
    `drawn` keeps blocks of a fixed design for the trials that follow. Through the `door` of events its trials are
    conducted one event after the other.
    """

    def __init__(
        self,
        trial: Trial,
        seed: int,
        engine: str = "auto",
        *,
        variance_reduction: str = "none",
        like: Prepared | None = None,
        door: str = FAST,
        drawn: Drawn | None = None,
    ) -> None:
        check_controllable(trial, variance_reduction)
        self.trial, self.seed, self.engine, self.variance_reduction = trial, seed, engine, variance_reduction
        self.door = door if trial.operations is not None else FAST
        self.cells = Cells(trial)
        self._drawing, self._drawn = None, drawn
        if like is not None and self.cells.has_laws_of(like.cells):
            self.cells.share_laws(like.cells)
            self._drawing = like.design.engine if isinstance(like.design, FixedDesign) else None
        self.tests = settle(self.cells)
        self.multiple = multiple_tests(self.cells, self.tests)

    @cached_property
    def design(self) -> Design:
        """How the trial is carried out; InputError where that does not go together with what is asked."""
        found = self._design()
        if self.multiple is not None:
            self.multiple.check_decided([deciding.plan.name for deciding in found.decides])
        return found

    def _design(self) -> Design:
        if self.door == EVENTS:
            from jaksim.design.event_trials import event_design

            return event_design(self.cells, self.tests, self.seed, self.engine)
        return make_design(self.cells, self.tests, self.seed, self.engine, drawing=self._drawing, drawn=self._drawn)

    @cached_property
    def controls(self) -> tuple[Control | None, ...]:
        """The control variate of each test, nothing where none are used."""
        return self.design.controls(self.cells, self.tests) if self.variance_reduction == CONTROL_VARIATES else ()

    @cached_property
    def truth(self) -> Truth | None:
        """What is true of the trial, where its design has operating characteristics of its own."""
        return self.design.truth()

    def foreseen(self, test: Test, complete: PlannedPower) -> Foreseen:
        """What is known of a planned analysis without simulation, from its power on complete data: nothing where sites
        differ in the course of the disease, since patients of a site are then no independent draws from one law, and
        where sites are strata, which have a random number of patients each."""
        if self.trial.site_sd > 0.0 or by_site(test):
            return Foreseen(math.nan, "", lambda target: KnownSize(None))
        return self.design.foreseen(test, complete)

    @property
    def analytic(self) -> tuple[Mapping[str, float], ...]:
        """Probability of ending at each analysis, by reason; nothing where none is known."""
        known = self.trial.site_sd == 0.0 and not any(by_site(test) for test in self.design.decides)
        return self.design.analytic() if known else ()

    def ready(self) -> Prepared:
        """The same with all found out that threads share."""
        for name in ("design", "controls", "truth"):
            getattr(self, name)
        return self

    def length(self, most: int = BLOCK) -> int:
        """Replicates of a block."""
        return self.design.block(most)

    def spread(
        self, work: Callable[[int, int], Part], workers: int, replicates: int
    ) -> AbstractContextManager[Callable[[int, int], Part]]:
        """Work on blocks of so many replicates for so many threads, done in processes where threads are no faster."""
        most = -(-replicates // self.length())
        return spread(work, min(workers, most), interpreted=self.design.interpreted)

    def block(self, first: int, n: int) -> Replicates:
        """Replicates `first` to `first + n - 1`; the same whichever block they are drawn in."""
        return self.design.replicates(self.tests, first, n)

    def empty(self) -> TrialSums:
        """The sums over no replicates."""
        design = None if self.truth is None else Sums(self.truth, self.design.looks)
        return TrialSums(Summary.empty(len(self.tests)), design)

    def sums(self, first: int, n: int) -> TrialSums:
        """The sums over a block of replicates."""
        return self.sums_of(self.block(first, n))

    def sums_of(self, found: Replicates) -> TrialSums:
        """The sums over replicates that were drawn."""
        each = zip(found.results, found.rejected, found.favourable, strict=True)
        summary = summarise([tally(*one) for one in each], np.array(found.rejected))
        conducted = found.conducted
        if self.multiple is not None:
            look = None if conducted is None else conducted.look
            summary.multiple = self.multiple.counts(found.results, found.decided, look)
        for test, rejected, control in zip(self.tests, found.rejected, self.controls, strict=False):
            known = 0.0 if control is None else control.differences(found.tables[test.table])
            summary.controlled.append(Moments.of(rejected - known))
        if conducted is None or self.truth is None:
            return TrialSums(summary)
        design = Sums(self.truth, self.design.looks)
        design.add_block(conducted)
        return TrialSums(summary, design)
