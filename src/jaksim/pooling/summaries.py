"""What one trial tells of its drug's effects, whatever its natural history was."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, eq=False)
class Within:
    """The log likelihood, of the form of `TrialEffects`, of how much more a drug does in those patients of a trial who
    are on glucocorticoids than in those who are not, in each cell (C,)."""

    information: Floats
    weighted: Floats


@dataclass(frozen=True, eq=False)
class TrialEffects:
    """The log likelihood of a trial's effects eta (C,), one for each cell: `weighted' eta - eta' information eta / 2`.

    A cell is a kind of effect, or a kind at some scores, written `kind.scores`; `windows` are the days of treatment on
    which it acts. A cell that the trial says nothing of has no information. `share` is the proportion of patients on
    glucocorticoids, by which interactions multiply: None for a trial that no interaction concerns. `pareto_k` judges
    the normal approximation of the trial's posterior that this is taken from. Effects are log hazard ratios.

    `within` is what the trial tells of the interaction by its patients on and off glucocorticoids.
    """

    study: str
    published: str
    drug: str
    treatment_class: str
    share: float | None
    cells: tuple[str, ...]
    windows: tuple[tuple[float, float], ...]
    information: Floats
    weighted: Floats
    pareto_k: float = 0.0
    within: Within | None = None

    def __post_init__(self) -> None:
        where = f"trial {self.study}"
        check_month(self.published, f"{where}, published")
        count = len(self.cells)
        if len(set(self.cells)) != count or not count:
            raise InputError("each cell once, and one at least", where=f"{where}, cells", got=self.cells)
        if len(self.windows) != count:
            raise InputError("one window for each cell", where=f"{where}, windows", got=self.windows)
        if self.information.shape != (count, count) or self.weighted.shape != (count,):
            raise InputError("information needs a row and a column for each cell", where=where)
        if not (np.isfinite(self.information).all() and np.isfinite(self.weighted).all()):
            raise InputError("information must be finite", where=where)
        if not np.allclose(self.information, self.information.T, rtol=1e-5, atol=1e-8):
            raise InputError("information must be symmetric", where=where)
        self._check_within(where, count)
        if self.share is not None and not 0.0 <= self.share <= 1.0:
            raise InputError("a share of patients", where=f"{where}, share", allowed="0 to 1", got=self.share)

    def _check_within(self, where: str, count: int) -> None:
        if self.within is None:
            return
        information, weighted = self.within.information, self.within.weighted
        if self.share is None:
            raise InputError("no interaction concerns this trial", where=f"{where}, within")
        if information.shape != (count, count) or weighted.shape != (count,):
            raise InputError("needs a row and a column for each cell", where=f"{where}, within")
        if not (np.isfinite(information).all() and np.isfinite(weighted).all()):
            raise InputError("must be finite", where=f"{where}, within")

    @classmethod
    def of(cls, estimate: Floats, covariance: Floats, **described: Any) -> TrialEffects:
        """From an estimate (C,) with its covariance (C, C), both without any prior of the effects."""
        information = np.linalg.inv(np.asarray(covariance, dtype=np.float64))
        information = (information + information.T) / 2.0
        return cls(information=information, weighted=information @ np.asarray(estimate), **described)

    def silent(self) -> TrialEffects:
        """The trial as one that tells nothing."""
        nothing = np.zeros(self.information.shape), np.zeros(self.weighted.shape)
        return replace(self, information=nothing[0], weighted=nothing[1], within=None)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kind of each cell."""
        return tuple(kind_of_cell(cell) for cell in self.cells)

    def under(self, prior_sd: float) -> tuple[Floats, Floats]:
        """Mean (C,) and covariance (C, C) of the effects under independent priors N(0, prior_sd^2)."""
        covariance = np.linalg.inv(self.information + np.eye(len(self.cells)) / prior_sd**2)
        return np.asarray(covariance @ self.weighted), np.asarray(covariance)


def kind_of_cell(cell: str) -> str:
    """The kind of effect of a cell: `death` of `death.ventilated`."""
    return cell.split(".", 1)[0]


def check_month(written: object, where: str) -> str:
    """The month, which is written YYYY-MM."""
    if not isinstance(written, str) or not _MONTH.fullmatch(written):
        raise InputError("not a month", where=where, allowed="YYYY-MM, such as 2020-11", got=written)
    return written


def trials_behind(drug: str, treatment_class: str, trials: Sequence[TrialEffects]) -> str:
    """In words, which of the trials the effects of a drug rest on."""
    own = [trial.study for trial in trials if trial.drug == drug]
    others = any(trial.treatment_class == treatment_class and trial.drug != drug for trial in trials)
    listed = ", ".join(own) or "no trial of the drug"
    if others:
        return f"{listed}, and trials of its class"
    return listed if own else f"{listed} or of its class"
