"""Effect estimates of several studies with their standard errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.evidence.figures import normal_quantile


@dataclass(frozen=True, eq=False)
class Estimates:
    """One estimate per study, as log ratio or difference, with its standard error on the same scale.

    InputError when the lengths differ, a label comes twice, an estimate is not finite or a standard error is not
    positive and finite.
    """

    labels: tuple[str, ...]
    effect: Sequence[float] | Floats
    standard_error: Sequence[float] | Floats

    def __post_init__(self) -> None:
        if not len(self.labels) == len(self.effect) == len(self.standard_error):
            sizes = f"{len(self.labels)} labels, {len(self.effect)} effects, {len(self.standard_error)} standard errors"
            raise InputError("labels, effects and standard errors go together", got=sizes)
        if not self.labels:
            raise InputError("at least one study is needed")
        if len(set(self.labels)) != len(self.labels):
            twice = next(label for label in self.labels if self.labels.count(label) > 1)
            raise InputError("each study once", where="labels", got=twice)
        for label, effect, error in zip(self.labels, self.effect, self.standard_error, strict=True):
            if not np.isfinite(effect):
                raise InputError("an effect is a finite number", where=f"study {label}", got=effect)
            if not (np.isfinite(error) and error > 0):
                raise InputError("a standard error is positive and finite", where=f"study {label}", got=error)

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def y(self) -> Floats:
        """Effects (k,)."""
        return np.asarray(self.effect, dtype=float)

    @cached_property
    def v(self) -> Floats:
        """Squared standard errors (k,)."""
        return np.asarray(self.standard_error, dtype=float) ** 2

    def only(self, labels: Sequence[str]) -> Estimates:
        """The studies of these labels, in this order; InputError for an unknown label."""
        for label in labels:
            if label not in self.labels:
                raise InputError("no such study", where="labels", allowed=self.labels, got=label)
        rows = [self.labels.index(label) for label in labels]
        return Estimates(tuple(labels), self.y[rows], np.sqrt(self.v[rows]))


def estimates_of_ratios(
    labels: Sequence[str],
    ratio: Sequence[float],
    lower: Sequence[float],
    upper: Sequence[float],
    *,
    level: float = 0.95,
) -> Estimates:
    """Log ratios, with standard errors from the widths of their confidence intervals of this level."""
    for label, *values in zip(labels, ratio, lower, upper, strict=True):
        if not 0 < values[1] <= values[0] <= values[2]:
            raise InputError("a positive ratio lies in its interval", where=f"study {label}", got=values)
    error = np.log(np.divide(upper, lower)) / (2 * normal_quantile(level))
    return Estimates(tuple(labels), np.log(np.asarray(ratio, dtype=float)), error)
