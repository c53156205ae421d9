"""Common effects straight from two-by-two tables: Mantel-Haenszel and Peto."""

from __future__ import annotations

from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.counts import Tables
from jaksim.evidence.synthesis.inference import Contrast, wald


def mantel_haenszel(
    tables: Tables, measure: Literal["odds_ratio", "risk_ratio", "risk_difference"], *, level: float = 0.95
) -> Contrast:
    """Mantel-Haenszel log odds ratio, log risk ratio or risk difference, without any correction of zero cells.

    Variances of Robins, Breslow and Greenland (1986) for the odds ratio, Greenland and Robins (1985) for the risk
    ratio, Sato, Greenland and Robins (1989) for the risk difference. InputError when no trial can contribute.
    """
    a, b, c, d = tables.cells.T
    n, m = a + b, c + d
    total = n + m
    if measure == "odds_ratio":
        return wald(*_odds_ratio(a * d / total, b * c / total, (a + d) / total, (b + c) / total), level=level)
    if measure == "risk_ratio":
        first, second = (a * m / total).sum(), (c * n / total).sum()
        _needs_events(first, second)
        variance = ((n * m * (a + c) - a * c * total) / total**2).sum() / (first * second)
        return wald(float(np.log(first / second)), float(np.sqrt(variance)), level=level)
    if measure == "risk_difference":
        weight = n * m / total
        estimate = ((a * m - c * n) / total).sum() / weight.sum()
        first = (c * (n / total) ** 2 - a * (m / total) ** 2 + n * m * (m - n) / (2 * total**2)).sum()
        variance = (estimate * first + ((a * d + c * b) / (2 * total)).sum()) / weight.sum() ** 2
        return wald(float(estimate), float(np.sqrt(variance)), level=level)
    allowed = ("odds_ratio", "risk_ratio", "risk_difference")
    raise InputError("unknown measure", where="measure", allowed=allowed, got=measure)


def _odds_ratio(r: Floats, s: Floats, p: Floats, q: Floats) -> tuple[float, float]:
    _needs_events(r.sum(), s.sum())
    total_r, total_s = r.sum(), s.sum()
    variance = (
        (p * r).sum() / (2 * total_r**2)
        + (p * s + q * r).sum() / (2 * total_r * total_s)
        + (q * s).sum() / (2 * total_s**2)
    )
    return float(np.log(total_r / total_s)), float(np.sqrt(variance))


def _needs_events(first: float, second: float) -> None:
    if not (first > 0 and second > 0):
        raise InputError("both arms need events in at least one trial")


def peto(tables: Tables, *, level: float = 0.95) -> Contrast:
    """Peto's log odds ratio: observed minus expected events over their hypergeometric variance (Yusuf et al. 1985)."""
    a, b, c, d = tables.cells.T
    n, m, events, others = a + b, c + d, a + c, b + d
    total = n + m
    observed_minus_expected = (a - n * events / total).sum()
    variance = (n * m * events * others / (total**2 * np.maximum(total - 1, 1))).sum()
    if not variance > 0:
        raise InputError("no trial has patients both with and without the event")
    return wald(float(observed_minus_expected / variance), float(1 / np.sqrt(variance)), level=level)
