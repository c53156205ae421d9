"""Events needed by the log-rank test, its power given the events, and the hazard ratio at the edge of significance.

`active_share` is the share of the active arm among the patients; the hazard ratio is active over reference.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from jaksim.errors import InputError

_NORMAL = NormalDist()


def schoenfeld_events(
    hazard_ratio: float, *, power: float, alpha: float, sides: int = 1, active_share: float = 0.5
) -> float:
    """Events, not rounded (Schoenfeld 1981, Biometrika 68:316)."""
    _check(hazard_ratio)
    shares = active_share * (1.0 - active_share)
    return _quantiles(power, alpha, sides) ** 2 / (shares * math.log(hazard_ratio) ** 2)


def freedman_events(
    hazard_ratio: float, *, power: float, alpha: float, sides: int = 1, active_share: float = 0.5
) -> float:
    """Events, not rounded (Freedman 1982, Statistics in Medicine 1:121)."""
    _check(hazard_ratio)
    allocation = active_share / (1.0 - active_share)
    slope = (1.0 + allocation * hazard_ratio) ** 2 / (allocation * (1.0 - hazard_ratio) ** 2)
    return _quantiles(power, alpha, sides) ** 2 * slope


def log_rank_power(
    events: float, hazard_ratio: float, *, alpha: float, sides: int = 1, active_share: float = 0.5
) -> float:
    """Power with so many events against a hazard ratio, in its own direction (Schoenfeld 1981)."""
    drift = abs(math.log(hazard_ratio)) * math.sqrt(events * active_share * (1.0 - active_share))
    return _NORMAL.cdf(drift - _NORMAL.inv_cdf(1.0 - alpha / sides))


def critical_hazard_ratio(events: float, *, alpha: float, sides: int = 1, active_share: float = 0.5) -> float:
    """The hazard ratio below 1 that is just significant; its inverse is the one above 1."""
    scale = math.sqrt(events * active_share * (1.0 - active_share))
    return math.exp(-_NORMAL.inv_cdf(1.0 - alpha / sides) / scale)


def _quantiles(power: float, alpha: float, sides: int) -> float:
    return _NORMAL.inv_cdf(1.0 - alpha / sides) + _NORMAL.inv_cdf(power)


def _check(hazard_ratio: float) -> None:
    if not 0.0 < hazard_ratio < math.inf or hazard_ratio == 1.0:
        raise InputError("no number of events finds this hazard ratio", where="hazard_ratio", got=hazard_ratio)
