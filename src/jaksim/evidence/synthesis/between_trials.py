"""How far trials differ beyond chance: the standard deviation of their true effects, with its own uncertainty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.evidence.synthesis.estimates import Estimates
from jaksim.evidence.synthesis.heterogeneity import maximum, q_root, upper_limit
from jaksim.evidence.synthesis.inference import Interval, check_level
from jaksim.evidence.synthesis.posterior import TauPosterior
from jaksim.evidence.synthesis.priors import NormalPrior, TauPrior
from jaksim.evidence.synthesis.regression import regress


@dataclass(frozen=True, eq=False)
class BetweenTrials:
    """Between-trial variance of y_i ~ N(mean of the class of i, v_i + tau**2), one tau for all classes.

    `tau2` is the REML estimate and `tau2_interval` the Q-profile interval (Viechtbauer 2007; with several classes from
    the residual Q), None where no class has two trials. `posterior` is that of tau under its prior.
    """

    trials: int
    df: int
    q: float
    tau2: float
    tau2_interval: Interval | None
    posterior: TauPosterior


def between_trials(
    estimates: Estimates,
    classes: Sequence[str],
    *,
    tau_prior: TauPrior,
    mean_prior: NormalPrior,
    level: float = 0.95,
) -> BetweenTrials:
    """The spread of trials about the mean of their class; `classes` names the class of each."""
    check_level(level)
    names = tuple(dict.fromkeys(classes))
    design = np.array([[name == own for name in names] for own in classes], dtype=float)
    y, v = estimates.y, estimates.v
    df = len(y) - len(names)
    posterior = regress(estimates, design, names, [mean_prior] * len(names), tau_prior=tau_prior).tau
    if df < 1:
        return BetweenTrials(len(y), df, 0.0, 0.0, None, posterior)
    scale = upper_limit(y, v)
    return BetweenTrials(
        trials=len(y),
        df=df,
        q=_residual_q(y, v, design, 0.0),
        tau2=maximum(lambda tau2: _restricted(y, v, design, tau2), scale=scale),
        tau2_interval=_profile(y, v, design, df, level, scale),
        posterior=posterior,
    )


def _means(y: Floats, v: Floats, design: Floats, tau2: float) -> tuple[Floats, Floats]:
    """Weighted mean of each class, and the total weight of each."""
    w = 1 / (v + tau2)
    weight = w @ design
    return (w * y) @ design / weight, weight


def _residual_q(y: Floats, v: Floats, design: Floats, tau2: float) -> float:
    means, _ = _means(y, v, design, tau2)
    return float(((y - design @ means) ** 2 / (v + tau2)).sum())


def _restricted(y: Floats, v: Floats, design: Floats, tau2: float) -> float:
    """Restricted log likelihood up to a constant."""
    _, weight = _means(y, v, design, tau2)
    return -0.5 * (float(np.log(v + tau2).sum() + np.log(weight).sum()) + _residual_q(y, v, design, tau2))


def _profile(y: Floats, v: Floats, design: Floats, df: int, level: float, scale: float) -> Interval:
    from scipy.stats import chi2

    tails = (0.5 + level / 2, 0.5 - level / 2)
    lower, upper = (
        q_root(lambda tau2: _residual_q(y, v, design, tau2), float(chi2.ppf(tail, df)), scale=scale) for tail in tails
    )
    return lower, upper
