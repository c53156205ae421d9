"""Patients who come through the sites of a trial, for an engine that enrols them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.operations.data_delays import board_delays, entry_delays
from jaksim.operations.pool import Pool, Recruiter
from jaksim.operations.site_effects import site_factors
from jaksim.operations.strata_mix import strata_thresholds
from jaksim.rng import SITE_BITS
from jaksim.simulate.enrolment import Cohort
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations

if TYPE_CHECKING:
    from jaksim.kernel.entering.line import Line

NUMBER: Final = np.uint32((1 << SITE_BITS) - 1)
"""The bits of a patient's number that count those of a site."""


class Sites:
    """The sites of a trial under one seed: who is in line, whose data come late, and when a board has decided."""

    def __init__(self, trial: Trial, operations: Operations, seed: int) -> None:
        self.operations, self.seed = operations, seed
        self.recruiter = Recruiter(operations.recruitment, operations.screening, seed)
        self._weights = trial.population.weights

    def factors(self, replicate: int) -> Floats:
        """Factors (J,) of the intensities of getting better at each site."""
        found: Floats = site_factors(self.operations, self.seed, replicate, 1)[0]
        return found

    def line(self, first_replicate: int, replicates: int, most: int) -> Line:
        """The line of each replicate, `most` patients long unless fewer come; caps are not looked at yet."""
        from jaksim.kernel.entering.line import Line

        pool = self.recruiter.pool(first_replicate, replicates, most, capped=False)
        recruitment = self.operations.recruitment
        places = pool.order.astype(np.int64)
        take = [np.take_along_axis(one, places, axis=1) for one in (pool.ready, pool.site, pool.number)]
        sites = self.recruiter.sites
        return Line(
            pool.lined_up.copy(),
            np.minimum(take[0], np.iinfo(np.int32).max).astype(np.int32),
            np.ascontiguousarray(take[1]),
            np.ascontiguousarray(take[2]),
            strata_thresholds(recruitment, self._weights, self.seed, first_replicate, replicates),
            bool(self.operations.randomised_within_sites),
            sites.country,
            sites.cap,
            sites.country_cap,
        )

    def lengthen(self, cohort: Cohort, growing: Booleans) -> bool:
        """Make the lines longer if one of those growing (B,) ended before enough patients were found in it, since some
        were turned away, and more may come; whether it was done. A longer line begins with the shorter one."""
        assert cohort.line is not None
        length = cohort.line.day.shape[1]
        short = (cohort.n < cohort.wanted) & (cohort.n < self.operations.recruitment.room)
        if not (growing & short & (cohort.line.count == length)).any():
            return False
        longer = self.line(cohort.first_replicate, cohort.replicates, 2 * length + 64)
        object.__setattr__(cohort, "line", longer)
        return True

    def note_delays(self, cohort: Cohort, first: Integers) -> None:
        """Write how late the data of the patients from first[b] on are."""
        flow = self.operations.data_flow
        if not flow.delays:
            return
        begin = int(first.min(initial=0))
        replicates = cohort.first_replicate + np.arange(cohort.replicates)[:, None]
        site, number = cohort.site[:, begin:], cohort.number[:, begin:] & NUMBER
        cohort.late[:, begin:] = entry_delays(flow, self.seed, replicates, site, number)

    def lateness(self, cohort: Cohort) -> Integers:
        """How many days late the data of each patient (B, N) are."""
        return cohort.late.astype(np.int64) if cohort.late.shape[1] else np.zeros(cohort.day.shape, dtype=np.int64)

    def pool_of(self, cohort: Cohort) -> Pool:
        """Everybody screened, from whom the patients of a cohort come."""
        assert cohort.line is not None
        length = cohort.line.day.shape[1]
        return self.recruiter.pool(cohort.first_replicate, cohort.replicates, length, capped=False)

    def screened_days(self, cohort: Cohort) -> Integers:
        """Day of the first screening of each patient (B, N)."""
        pool = self.pool_of(cohort)
        place = np.take_along_axis(pool.order.astype(np.int64), cohort.exposure.astype(np.int64), axis=1)
        return np.floor(np.take_along_axis(pool.time, place, axis=1)).astype(np.int64)

    def decisions(self, first_replicate: int, replicates: int) -> Integers:
        """Days (B,) from a data cut until the sites know what was decided."""
        return board_delays(self.operations.board, self.seed, first_replicate + np.arange(replicates))
