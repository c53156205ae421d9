"""What a fitted Markov model says of each day: probability of every score by arm, and mean days in some of them.

Source: the recursion of Harrell's soprobMarkovOrdm (Hmisc), averaged over the scores at baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from jaksim.analysis.longitudinal.markov_layout import SILENT
from jaksim.analysis.longitudinal.markov_model import MarkovModel
from jaksim.analysis.result import normal_quantile, within
from jaksim.arrays import Floats
from jaksim.endpoint.transition_counts import TransitionCounts

STEP = 1e-5


@dataclass(frozen=True)
class StandardisedDays:
    """State occupation (2, D + 1, R) of both arms with the same patients in each, from day 0 on.

    `days` (2,) are the mean days 1 .. D in the scores counted, `difference` active less reference, `se` by the delta
    method; None where no scores are counted.
    """

    occupation: Floats
    days: Floats | None = None
    difference: float | None = None
    se: float | None = None
    ci: tuple[float, float] | None = None

    def as_dict(self, transitions: TransitionCounts) -> dict[str, Any]:
        """Plain values by name."""
        scores = transitions.value.astype(int)
        reference, active = self.occupation.tolist()
        record: dict[str, Any] = {
            "state_occupation": {"scores": scores.tolist(), "reference": reference, "active": active}
        }
        if self.days is not None:
            before, after = self.days.tolist()
            record["mean_days"] = {
                "scores": scores[transitions.counted].tolist(),
                "reference": before,
                "active": after,
                "difference": self.difference,
                "se": self.se,
                "ci": self.ci,
            }
        return record


def occupation(model: MarkovModel, parameters: Floats, start: Floats, arm: int, stratum: int) -> Floats:
    """Probability (D + 1, R) of each score on days 0 .. D from the distribution `start` (R,) at baseline."""
    shares = [start]
    for P in model.daily(parameters, arm, stratum):
        shares.append(shares[-1] @ P)
    return np.array(shares)


def standardised_days(model: MarkovModel, baseline: Floats, covariance: Floats, level: float) -> StandardisedDays:
    """Standardise over patients (S, R) by stratum and score at baseline; `covariance` is that of the parameters."""
    kept = model.layout.stratum != SILENT
    patients = baseline * kept[:, None]
    patients = patients / patients.sum()

    def by_arm(parameters: Floats) -> Floats:
        return np.array(
            [
                sum(occupation(model, parameters, patients[s], arm, s) for s in np.flatnonzero(kept).tolist())
                for arm in (0, 1)
            ]
        )

    at = model.parameters
    found = by_arm(at)
    counted = model.transitions.counted
    if not counted.any():
        return StandardisedDays(found)
    days = found[:, 1:, counted].sum(axis=(1, 2))

    def difference(parameters: Floats) -> float:
        reference, active = by_arm(parameters)[:, 1:, counted].sum(axis=(1, 2))
        return float(active - reference)

    known = np.flatnonzero(np.isfinite(covariance.diagonal()))
    steps = STEP * np.eye(len(at))[known]
    slope = np.array([(difference(at + step) - difference(at - step)) / (2.0 * STEP) for step in steps])
    se = float(np.sqrt(slope @ covariance[np.ix_(known, known)] @ slope))
    half = normal_quantile(level) * se
    gain, last = float(days[1] - days[0]), float(found.shape[1] - 1)
    return StandardisedDays(found, days, gain, se, within((gain - half, gain + half), (-last, last)))
