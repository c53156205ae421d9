"""Sample size of the win ratio of death before a nonfatal event, from the hazard ratios of both."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

from jaksim.errors import InputError

_NORMAL = NormalDist()


def win_ratio_size(
    log_hazard_ratios: Sequence[float],
    *,
    slopes: Sequence[float],
    variance: float,
    power: float = 0.9,
    alpha: float = 0.05,
    sides: int = 2,
    active_share: float = 0.5,
) -> float:
    """Patients in both arms together, not rounded (Mao, Kim and Miao 2021, Biometrics 78:1313, equation 3).

    `slopes` are the derivatives of wins minus losses in the log hazard ratios of the components, `variance` that of a
    patient's wins minus losses, both without effect and under the planned follow-up. InputError where the effects
    cancel, or for a variance, share, level or power out of range.
    """
    if len(log_hazard_ratios) != len(slopes):
        raise InputError("one slope per hazard ratio is needed", where="slopes", got=len(slopes))
    for where, value in (("active_share", active_share), ("power", power), ("alpha", alpha)):
        if not 0.0 < value < 1.0:
            raise InputError("out of range", where=where, allowed="between 0 and 1", got=value)
    if not variance > 0.0:
        raise InputError("must be above 0", where="variance", got=variance)
    effect = sum(slope * value for slope, value in zip(slopes, log_hazard_ratios, strict=True))
    if effect == 0.0:
        raise InputError("no number of patients finds these hazard ratios", where="log_hazard_ratios")
    quantiles = _NORMAL.inv_cdf(1.0 - alpha / sides) + _NORMAL.inv_cdf(power)
    return variance * quantiles**2 / (active_share * (1.0 - active_share) * effect**2)
