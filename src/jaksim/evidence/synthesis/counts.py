"""Two-by-two tables: effects of single trials, and common effects that need no variance of a single trial."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.synthesis.estimates import Estimates

Measure = Literal["odds_ratio", "risk_ratio", "hazard_ratio", "risk_difference"]
MEASURES = ("odds_ratio", "risk_ratio", "hazard_ratio", "risk_difference")


@dataclass(frozen=True, eq=False)
class Tables:
    """Events and patients of the first and the second arm of each trial, (k,) each."""

    labels: tuple[str, ...]
    first_events: Sequence[float] | Floats
    first_n: Sequence[float] | Floats
    second_events: Sequence[float] | Floats
    second_n: Sequence[float] | Floats

    def __post_init__(self) -> None:
        columns = (self.first_events, self.first_n, self.second_events, self.second_n)
        if any(len(column) != len(self.labels) for column in columns):
            raise InputError("one row of counts per label", got=[len(column) for column in columns])
        for label, *counts in zip(self.labels, *columns, strict=True):
            a, n, c, m = counts
            if not (0 <= a <= n and 0 <= c <= m and n > 0 and m > 0):
                raise InputError("events lie between 0 and the number of patients", where=label, got=counts)

    @cached_property
    def cells(self) -> Floats:
        """Events and others of the first arm, events and others of the second arm, (k, 4)."""
        a, n, c, m = (
            np.asarray(column, dtype=float)
            for column in (self.first_events, self.first_n, self.second_events, self.second_n)
        )
        return np.column_stack([a, n - a, c, m - c])

    @property
    def uninformative(self) -> tuple[str, ...]:
        """Trials in which nobody or everybody had the event: a ratio has nothing to learn from them."""
        a, b, c, d = self.cells.T
        return tuple(np.asarray(self.labels)[(a + c == 0) | (b + d == 0)].tolist())


def trial_effects(
    tables: Tables, measure: Measure, *, add: float = 0.5, to: Literal["zero_cells", "all", "none"] = "zero_cells"
) -> Estimates:
    """Log odds, risk or hazard ratio, or risk difference, of each trial, first arm against second.

    `add` is added to all four cells of each table that has a zero cell ("zero_cells"), of every table ("all") or of
    none. For ratios, trials that are `uninformative` are left out. The log hazard ratio is the difference of
    log(-log(1 - risk)), exact under proportional hazards with complete follow-up. Variances by the delta method.
    InputError for a zero cell that is not corrected and for tables none of which can be used.
    """
    if measure not in MEASURES:
        raise InputError("unknown measure", where="measure", allowed=MEASURES, got=measure)
    left_out = () if measure == "risk_difference" else tables.uninformative
    used = np.array([label not in left_out for label in tables.labels])
    cells = tables.cells[used]
    labels = tuple(label for label in tables.labels if label not in left_out)
    zero = (cells == 0).any(axis=1)
    corrected = {"zero_cells": zero, "all": np.ones(len(cells), bool), "none": np.zeros(len(cells), bool)}
    if to not in corrected:
        raise InputError("unknown correction", where="to", allowed=tuple(corrected), got=to)
    if (zero & ~corrected[to]).any() or (add <= 0 and zero.any()):
        raise InputError("a table with a zero cell needs a correction", where=labels[int(np.argmax(zero))])
    effect, variance = _effect(cells + add * corrected[to][:, None], measure)
    return Estimates(labels, effect, np.sqrt(variance))


def _effect(cells: Floats, measure: Measure) -> tuple[Floats, Floats]:
    a, b, c, d = cells.T
    n, m = a + b, c + d
    p, q = a / n, c / m
    if measure == "odds_ratio":
        return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d
    if measure == "risk_ratio":
        return np.log(p / q), 1 / a - 1 / n + 1 / c - 1 / m
    if measure == "risk_difference":
        return p - q, p * (1 - p) / n + q * (1 - q) / m
    hazards = [(np.log1p(-risk), risk, size) for risk, size in ((p, n), (q, m))]
    variance = sum(risk / ((1 - risk) * size * log_survival**2) for log_survival, risk, size in hazards)
    return np.log(hazards[0][0] / hazards[1][0]), np.asarray(variance)
