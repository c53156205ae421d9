"""Interim analyses of a log-rank test whose hazards need not be proportional: rejection by analysis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.event_times import time_of_events
from jaksim.formulas.followed_arm import events_of
from jaksim.formulas.nph_size import LogRankWeight, Pair, log_rank_law
from jaksim.trial.monitoring.integration import crossing_probabilities


def analysis_times(strata: Sequence[Pair], events: ArrayLike) -> list[float]:
    """Calendar times at which so many events are expected in all arms together; InputError if they never are."""
    arms = [arm for pair in strata for arm in pair]
    return [time_of_events(float(count), lambda at: events_of(arms, at)) for count in np.atleast_1d(events)]


def rejection_by_analysis(
    strata: Sequence[Pair],
    times: Sequence[float],
    upper_z: ArrayLike,
    *,
    weight: LogRankWeight = LogRankWeight(),  # noqa: B008
) -> Floats:
    """Probability (K,) of having rejected by each analysis: z for fewer events in the active arm passes `upper_z`.

    The scores at calendar `times` have the means and variances of `log_rank_law` and independent increments. There is
    no futility bound. InputError unless there is one bound for each analysis.
    """
    bounds = np.asarray(upper_z, dtype=np.float64)
    if bounds.shape != (len(times),):
        raise InputError(
            "one bound per analysis is needed", where="upper_z", allowed=f"({len(times)},)", got=bounds.shape
        )
    laws = [log_rank_law(strata, time, [weight]) for time in times]
    variance = np.array([law.covariance[0, 0] for law in laws])
    shift = np.array([-law.z[0] for law in laws])
    found = crossing_probabilities(variance / variance[-1], np.full(len(times), -np.inf), bounds - shift, [0.0])
    return np.cumsum(found.upper[0])
