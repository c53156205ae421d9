"""What a log tells of the rates of the sites: gamma by plan, gamma again once patients have been counted.

A site that has been open for an exposure E, the integral of its planned rate over the days on which it recruited, and
has screened n patients has a rate of F times what is planned, F being Gamma(a + n, a + E) where the plan draws it from
Gamma(a, a) (Anisimov and Fedorov 2007, Stat Med 26:4958). Where the planned rates are not sure, each group of sites has
a factor C of its own besides, with mean 1: given C, the site's is C times Gamma(a + n, a + C E).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from jaksim import rng
from jaksim.arrays import Booleans, Floats, Integers
from jaksim.operations.running.log import NEVER, RunningLog
from jaksim.rng import Purpose
from jaksim.trial.operations.recruitment import Recruitment

_POINTS: Final = 801
_SPAN: Final = 6.0
_UNIT: Final = 2.0**-32
GROUP_CELL: Final = 1


def last_recruiting_days(log: RunningLog, recruitment: Recruitment) -> Integers:
    """The last day on which each site (J,) has recruited or will: that of its closing, or on which its cap or that of
    its country was reached; `NEVER` for the others."""
    found = log.sites.last_day.copy()
    sites, days = log.randomised.site, log.randomised.day
    country_of = np.array(recruitment.country_of)
    own = [recruitment.groups[g].cap for g in recruitment.group_of]
    caps = [(np.arange(recruitment.n_sites) == j, cap) for j, cap in enumerate(own)]
    caps += [(country_of == c, country.cap) for c, country in enumerate(recruitment.countries)]
    for mine, cap in caps:
        taken = days[mine[sites]] if cap is not None else days[:0]
        if cap is not None and len(taken) >= cap:
            found[mine] = np.minimum(found[mine], taken[cap - 1])
    seen = np.full(recruitment.n_sites, -1, dtype=np.int64)
    np.maximum.at(seen, log.screened.site, log.screened.first_day)
    return np.where(found == NEVER, found, np.maximum(found, seen))


def exposures(log: RunningLog, recruitment: Recruitment) -> Floats:
    """Patients expected to be screened so far at each site (J,), at the rate that is planned for it."""
    last = np.minimum(last_recruiting_days(log, recruitment), log.on)
    found = np.zeros(recruitment.n_sites)
    for j in np.flatnonzero(log.sites.open):
        g = recruitment.group_of[j]
        speed = recruitment.speed(g, int(log.sites.opened[j]))
        found[j] = recruitment.groups[g].rate * speed[: last[j] + 1].sum()
    return found


@dataclass(frozen=True, eq=False)
class SiteRates:
    """Posterior of the factors of the planned rates, by site (J,): planned shape a (infinite where all sites of a group
    are alike), patients screened, exposure, and the group.

    `cv` is the coefficient of variation of the factor that the sites of a group share, 0 where the planned rates are
    taken for granted."""

    shape: Floats
    screened: Integers
    exposure: Floats
    group: Integers
    cv: float = 0.0

    def factors(self, seed: int, replicates: Integers, uniform: Floats) -> Floats:
        """Factors (B, J) from numbers uniform on (0, 1) and the addressed ones of the groups."""
        from scipy.special import gammaincinv

        common = self._common(seed, replicates)
        found = common.copy()
        drawn: Booleans = np.isfinite(self.shape)
        a, n = self.shape[drawn], self.screened[drawn]
        at = gammaincinv(np.broadcast_to(a + n, uniform[:, drawn].shape), uniform[:, drawn])
        found[:, drawn] *= at / (a + common[:, drawn] * self.exposure[drawn])
        return found

    def mean(self) -> Floats:
        """Posterior mean of each factor (J,), where the sites of a group share none."""
        with np.errstate(invalid="ignore"):
            ratio = (self.shape + self.screened) / (self.shape + self.exposure)
        return np.where(np.isfinite(self.shape), ratio, 1.0)

    def _common(self, seed: int, replicates: Integers) -> Floats:
        """The factor (B, J) that the sites of a group share, 1 throughout where there is none."""
        if self.cv == 0.0:
            return np.ones((len(replicates), len(self.shape)))
        groups = np.arange(int(self.group.max()) + 1)
        words = rng.addressed(seed, Purpose.FORECAST, replicates[:, None], GROUP_CELL, groups[None, :])
        uniform: Floats = (words[..., 0].astype(np.float64) + 0.5) * _UNIT
        drawn = np.stack([self.common_law(int(g)).at(uniform[:, g]) for g in groups], axis=1)
        return np.asarray(drawn[:, self.group])

    def common_law(self, group: int) -> GridLaw:
        """Posterior of the factor that the sites of a group share, on a grid."""
        precision = 1.0 / self.cv**2
        mine = self.group == group
        a, n, exposure = self.shape[mine], self.screened[mine], self.exposure[mine]
        # Around what the counts say and what the prior says, wide enough for both.
        centre = (precision + n.sum()) / (precision + exposure.sum())
        sure = a[np.isfinite(a)]
        spread = math.sqrt(1.0 / (precision + n.sum()) + (1.0 / sure.sum() if len(sure) else 0.0))
        low, high = sorted((math.log(centre), 0.0))
        reach = _SPAN * (min(self.cv, 2.0) + spread)
        log_factor = np.linspace(low - reach, high + reach, _POINTS)
        factor = np.exp(log_factor)
        # The prior has its density on the log scale.
        log_weight = precision * log_factor - precision * factor
        for shape, count, exposed in zip(a.tolist(), n.tolist(), exposure.tolist(), strict=True):
            expected = factor * exposed
            taken = expected if math.isinf(shape) else (shape + count) * np.log(shape + expected)
            log_weight += count * log_factor - taken
        return GridLaw(log_factor, np.exp(log_weight - log_weight.max()))


@dataclass(frozen=True, eq=False)
class GridLaw:
    """A law of a positive number, by weights on a grid of its logarithm."""

    log_value: Floats
    weight: Floats

    def at(self, uniform: Floats) -> Floats:
        """Values at probabilities, the logarithm being linear between points of the grid."""
        steps = (self.weight[1:] + self.weight[:-1]) / 2.0
        up_to = np.concatenate([[0.0], np.cumsum(steps)])
        return np.asarray(np.exp(np.interp(uniform * up_to[-1], up_to, self.log_value)))


def site_rates(log: RunningLog, recruitment: Recruitment, cv: float = 0.0) -> SiteRates:
    """The posterior of the rates of all sites."""
    shapes = np.array([recruitment.groups[g].shape for g in recruitment.group_of])
    screened, _ = log.by_site(recruitment)
    return SiteRates(shapes, screened, exposures(log, recruitment), np.array(recruitment.group_of), cv)
