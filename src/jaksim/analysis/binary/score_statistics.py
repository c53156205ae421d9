"""Score statistics of two proportions for any value of their difference, ratio or odds ratio.

Counts are x_1 of n_1 with the event in the active arm and x_0 of n_0 in the reference arm. The variance is that of the
maximum likelihood proportions under the hypothesis (Farrington and Manning 1990), times n/(n - 1) with `inflate`
(Miettinen and Nurminen 1985). Counts need not be whole numbers.
"""

from __future__ import annotations

import math
from typing import Any

from jaksim.kernel.jit import inner, kernel


@inner
def restricted_difference(x_1: Any, n_1: Any, x_0: Any, n_0: Any, difference: Any) -> Any:
    """Maximum likelihood proportions under p_1 - p_0 = difference, from a cubic (Farrington and Manning 1990)."""
    if difference == 0.0:
        # The cubic has a double root there, which costs half the digits.
        pooled = (x_1 + x_0) / (n_1 + n_0)
        return pooled, pooled
    theta = n_0 / n_1
    p_1, p_0 = x_1 / n_1, x_0 / n_0
    a = 1 + theta
    b = -(1 + theta + p_1 + theta * p_0 + difference * (theta + 2))
    c = difference * difference + difference * (2 * p_1 + theta + 1) + p_1 + theta * p_0
    d = -p_1 * difference * (1 + difference)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a * a) + d / (2 * a)
    u = math.copysign(math.sqrt(max((b / (3 * a)) ** 2 - c / (3 * a), 0.0)), v if v != 0.0 else 1.0)
    cosine = min(max(v / u**3, -1.0), 1.0) if u != 0.0 else 0.0
    w = (math.pi + math.acos(cosine)) / 3
    restricted = 2 * u * math.cos(w) - b / (3 * a)
    restricted = min(max(restricted, max(0.0, difference)), min(1.0, 1.0 + difference))
    return restricted, min(max(restricted - difference, 0.0), 1.0)


@inner
def restricted_risk_ratio(x_1: Any, n_1: Any, x_0: Any, n_0: Any, ratio: Any) -> Any:
    """Maximum likelihood proportions under p_1 = ratio * p_0, from a quadratic."""
    a = (n_1 + n_0) * ratio
    b = n_1 * ratio + x_1 + n_0 + x_0 * ratio
    p_0 = 2.0 * (x_1 + x_0) / (b + math.sqrt(max(b * b - 4.0 * a * (x_1 + x_0), 0.0)))
    return min(ratio * p_0, 1.0), min(p_0, 1.0)


@inner
def restricted_odds_ratio(x_1: Any, n_1: Any, x_0: Any, n_0: Any, ratio: Any) -> Any:
    """Maximum likelihood proportions under odds_1 = ratio * odds_0, from a quadratic."""
    a = n_0 * (ratio - 1.0)
    b = n_1 * ratio + n_0 - (x_1 + x_0) * (ratio - 1.0)
    p_0 = 2.0 * (x_1 + x_0) / (b + math.sqrt(max(b * b + 4.0 * a * (x_1 + x_0), 0.0)))
    return p_0 * ratio / (1.0 + p_0 * (ratio - 1.0)), p_0


@inner
def _standardised(distance: Any, variance: Any) -> Any:
    if variance > 0.0:
        return distance / math.sqrt(variance)
    return 0.0 if distance == 0.0 else math.copysign(math.inf, distance)


@kernel
def risk_difference_z(x_1: Any, n_1: Any, x_0: Any, n_0: Any, difference: Any, inflate: Any) -> Any:
    """Score statistic of p_1 - p_0 = difference."""
    p_1, p_0 = restricted_difference(x_1, n_1, x_0, n_0, difference)
    n = n_1 + n_0
    variance = p_1 * (1 - p_1) / n_1 + p_0 * (1 - p_0) / n_0
    return _standardised(x_1 / n_1 - x_0 / n_0 - difference, variance * n / (n - 1) if inflate else variance)


@kernel
def risk_ratio_z(x_1: Any, n_1: Any, x_0: Any, n_0: Any, ratio: Any, inflate: Any) -> Any:
    """Score statistic of p_1 = ratio * p_0; its square is that of Koopman (1984) without `inflate`."""
    p_1, p_0 = restricted_risk_ratio(x_1, n_1, x_0, n_0, ratio)
    n = n_1 + n_0
    variance = p_1 * (1 - p_1) / n_1 + ratio * ratio * p_0 * (1 - p_0) / n_0
    return _standardised(x_1 / n_1 - ratio * x_0 / n_0, variance * n / (n - 1) if inflate else variance)


@kernel
def odds_ratio_z(x_1: Any, n_1: Any, x_0: Any, n_0: Any, ratio: Any, inflate: Any) -> Any:
    """Score statistic of odds_1 = ratio * odds_0."""
    p_1, p_0 = restricted_odds_ratio(x_1, n_1, x_0, n_0, ratio)
    n = n_1 + n_0
    information_1, information_0 = n_1 * p_1 * (1 - p_1), n_0 * p_0 * (1 - p_0)
    variance = 0.0
    if information_1 > 0.0 and information_0 > 0.0:
        variance = information_1 * information_0 / (information_1 + information_0)
    return _standardised(x_1 - n_1 * p_1, variance * n / (n - 1) if inflate else variance)


@inner
def hypergeometric_variance(n: Any, m: float) -> Any:
    """Variance of the events of one arm, of n (2,) patients, given m in both; 0 in a stratum of one patient."""
    total = n[0] + n[1]
    return n[0] * n[1] * m * (total - m) / (total * total * (total - 1.0)) if total > 1.0 else 0.0


@inner
def count_events(table: Any, events: Any, stratum: Any, x: Any, n: Any) -> None:
    """Fill x (2,) and n (2,), patients with the event and all, of one stratum of a table (2, S, K), of all for -1."""
    x[:] = 0.0
    n[:] = 0.0
    for arm in range(2):
        for s in range(table.shape[1]):
            if stratum < 0 or s == stratum:
                for k in range(events.shape[0]):
                    if events[k] >= 0:
                        n[arm] += table[arm, s, k]
                    if events[k] == 1:
                        x[arm] += table[arm, s, k]
