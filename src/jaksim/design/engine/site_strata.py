"""Sites as strata of an analysis, where the tables of a trial are by arm and stratum alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jaksim.simulate.enrolment import Cohort
from jaksim.trial import AnalysisPlan, Trial
from jaksim.trial.site_strata import ONLY, POOLED


@dataclass(frozen=True)
class SiteStrata:
    """The strata of an analysis among `n_strata` of the trial and `n_sites`: each of the `used` ones at each site, or
    each site, with those who are in no stratum used behind them."""

    only: bool
    n_strata: int
    n_sites: int
    used: tuple[int, ...]

    @property
    def number(self) -> int:
        """Strata of a table."""
        return self.n_sites + 1 if self.only else self.n_strata * self.n_sites

    @property
    def positions(self) -> tuple[int, ...]:
        """Those that are analysed."""
        if self.only:
            return tuple(range(self.n_sites))
        return tuple(s * self.n_sites + j for s in self.used for j in range(self.n_sites))

    def of(self, cohort: Cohort) -> NDArray[np.int32]:
        """The stratum (B, N) of each patient."""
        site, stratum = cohort.site.astype(np.int32), cohort.stratum.astype(np.int32)
        if self.only:
            return np.where(np.isin(stratum, self.used), site, np.int32(self.n_sites)).astype(np.int32)
        return stratum * np.int32(self.n_sites) + site


def site_strata(trial: Trial, plan: AnalysisPlan) -> SiteStrata | None:
    """The strata of a planned analysis that sites are strata of, None for others."""
    if plan.sites == POOLED or trial.operations is None:
        return None
    strata, sites = len(trial.population.strata), trial.operations.recruitment.n_sites
    return SiteStrata(plan.sites == ONLY, strata, sites, trial.stratum_indices(plan))
