"""The statistical hierarchy's score of the same figures, where it predicts them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import stats

from jaksim.calibration.backtest import BacktestPlan
from jaksim.calibration.left_out import predictive
from jaksim.calibration.mechanistic.trial import PredictedStudy, ScoredNumber

STATISTICAL: Final = "statistical"


def with_statistical(found: PredictedStudy, plans: Sequence[BacktestPlan], *, earlier: bool = False) -> PredictedStudy:
    """The predicted trial, its log scores with those of the hierarchy of log ratios of the other trials.

    With `earlier` those others that were published before it alone. It predicts a figure where the trial enters a
    backtest by exactly this record. Its sampling error is that of the simulated trials, as for the other predictions.
    """
    scores = {
        trial.records[0]: _score(found, trial.records[0], plan, position, earlier)
        for plan in plans
        for position, trial in enumerate(plan.trials)
        if trial.study == found.study and len(trial.records) == 1 and trial.records[0] in found.deviations
    }

    def scored(number: ScoredNumber) -> ScoredNumber:
        if number.record not in scores:
            return number
        return replace(number, log_scores={**number.log_scores, STATISTICAL: scores[number.record]})

    return replace(found, numbers=tuple(scored(number) for number in found.numbers))


def _score(found: PredictedStudy, record: str, plan: BacktestPlan, position: int, earlier: bool) -> float:
    trial = plan.trials[position]
    before = plan.published[: plan.published.index(trial.study)]
    others = [
        other
        for number, other in enumerate(plan.trials)
        if number != position and (not earlier or other.study in before)
    ]
    reported = next(number.reported for number in found.numbers if number.record == record)
    mixture = predictive(others, trial.agent, trial.treatment_class, found.deviations[record], plan.spread)
    density = mixture.weights @ stats.norm.pdf(math.log(reported), mixture.means, mixture.standard_deviations)
    return float(np.log(density))
