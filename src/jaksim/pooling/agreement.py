"""Interactions as trials tell them apart: by their shares on glucocorticoids, and by their patients on and off them.

Trials with more patients on glucocorticoids differ from others in more than that: in year, care and severity. Patients
of one trial were randomised on and off alike. So the two are held against each other before they are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.pooling.hierarchy import PooledPosterior, fit
from jaksim.pooling.influence import distance
from jaksim.pooling.priors import KINDS
from jaksim.pooling.summaries import TrialEffects, Within


@dataclass(frozen=True)
class InteractionTold:
    """The interaction of a class, by kind: mean and SD by shares between trials, within trials, and together.

    Each is under the prior, the first two without the other. `statistic` is the squared distance of what the patients
    on and off tell from what the shares predict, in `df` directions, and `p_value` the chance of a larger one. Trials
    that compare patients on and off are `studies`; without any there is nothing within and nothing to be compared.
    """

    treatment_class: str
    kinds: tuple[str, ...]
    between: tuple[float, ...]
    between_sd: tuple[float, ...]
    within: tuple[float, ...]
    within_sd: tuple[float, ...]
    together: tuple[float, ...]
    together_sd: tuple[float, ...]
    studies: tuple[str, ...]
    statistic: float
    df: int
    p_value: float


def interactions_told(
    posterior: PooledPosterior, classes: Sequence[str], *, seed: int = 1
) -> tuple[InteractionTold, ...]:
    """Of each class with an interaction."""
    pairs = posterior.coordinates.interactions
    if not any(trial.within is not None for trial in posterior.summaries):
        return ()
    alone = [replace(trial, within=None) for trial in posterior.summaries]
    by_shares = fit(alone, posterior.priors, draws=2, seed=seed)
    at = [posterior.coordinates.of_interaction(*pair) for pair in pairs]
    within_mean, within_covariance = _within_alone(posterior, at)
    found = []
    for name in classes:
        own = [row for row, pair in enumerate(pairs) if pair[0] == name]
        places = [at[row] for row in own]
        told = [trial for trial in posterior.summaries if trial.treatment_class == name and trial.within is not None]
        statistic, df = 0.0, 0
        if told:
            kinds = [pairs[row][1] for row in own]
            statistic, df = distance(
                _summed(told, kinds), by_shares.mean[places], by_shares.covariance[np.ix_(places, places)]
            )
        found.append(
            InteractionTold(
                treatment_class=name,
                kinds=tuple(pairs[row][1] for row in own),
                between=_plain(by_shares.mean[places]),
                between_sd=_plain(by_shares.sd[places]),
                within=_plain(within_mean[own]),
                within_sd=_plain(np.sqrt(np.diag(within_covariance)[own])),
                together=_plain(posterior.mean[places]),
                together_sd=_plain(posterior.sd[places]),
                studies=tuple(trial.study for trial in told),
                statistic=statistic,
                df=df,
                p_value=_chance(statistic, df),
            )
        )
    return tuple(found)


def _within_alone(posterior: PooledPosterior, at: Sequence[int]) -> tuple[Floats, Floats]:
    """Mean and covariance of all interactions by patients on and off alone."""
    coordinates, priors = posterior.coordinates, posterior.priors
    root = coordinates.root(priors, np.ones((1, len(KINDS))))[0][np.ix_(at, at)]
    information, weighted = np.zeros((len(at), len(at))), np.zeros(len(at))
    for trial in posterior.summaries:
        if trial.within is not None:
            pairs = [coordinates.interactions.index((trial.treatment_class, kind)) for kind in trial.kinds]
            rows = np.eye(len(at))[pairs]
            information += rows.T @ trial.within.information @ rows
            weighted += trial.within.weighted @ rows
    # Through the root, which may be zero, rather than the inverse of the prior.
    inner = np.linalg.inv(np.eye(len(at)) + root.T @ information @ root)
    covariance = root @ inner @ root.T
    return covariance @ weighted, covariance


def _summed(trials: Sequence[TrialEffects], kinds: Sequence[str]) -> Within:
    information, weighted = np.zeros((len(kinds), len(kinds))), np.zeros(len(kinds))
    for trial in trials:
        assert trial.within is not None
        rows = np.eye(len(kinds))[[list(kinds).index(kind) for kind in trial.kinds]]
        information += rows.T @ trial.within.information @ rows
        weighted += trial.within.weighted @ rows
    return Within(information, weighted)


def _chance(statistic: float, df: int) -> float:
    from scipy.stats import chi2

    return float(chi2.sf(statistic, df)) if df else 1.0


def _plain(values: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
