"""Marginal laws by their names and the numbers that papers give of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import number
from jaksim.errors import InputError
from jaksim.trial.characteristics.marginal import LogNormal, Marginal, Normal, Steps, Tabulated

_REACH: Final = 8.25
_PER_UNIT: Final = 64
_NEARLY_NORMAL: Final = 1e5
"""Shape of a gamma law from which on its expansion around the normal law has more digits than the incomplete gamma
function: 9 of a standard deviation."""
_Z75: Final = 0.6744897501960817


def categories(values: Sequence[float], shares: Sequence[float]) -> Marginal:
    """Values with shares, which are divided by their sum."""
    from scipy.special import ndtri

    given = [number(share, "shares") for share in shares]
    if len(given) != len(values) or not given or min(given) < 0.0:
        raise InputError(f"{len(values)} values need {len(values)} shares, none negative", where="shares", got=given)
    if sum(given) <= 0.0:
        raise InputError("the shares are all 0", where="shares", allowed="one or more above 0", got=given)
    if len(set(values)) < len(values):
        raise InputError("a category is given twice", where="values", allowed="different values", got=list(values))
    kept = [(float(value), share) for value, share in zip(values, given, strict=True) if share > 0.0]
    up_to = np.cumsum([share for _, share in kept]) / sum(share for _, share in kept)
    return Steps(tuple(ndtri(up_to[:-1]).tolist()), tuple(value for value, _ in kept))


def from_quartiles(median: float, low: float, high: float, law: str = "") -> Marginal:
    """The normal or lognormal law of a median and quartiles, of which it has the median and the distance between them.

    Without a name, the one on whose scale the quartiles are the more alike in their distance from the median.
    """
    if not low < median < high:
        raise InputError("quartiles must lie on both sides of the median", where="quartiles", got=[low, high])
    if law == "lognormal" and low <= 0.0:
        raise InputError("must be positive", where="quartiles", got=[low, high])
    if low > 0.0 and law != "normal":
        skew, log_skew = (
            abs((up - mid) - (mid - down))
            for down, mid, up in ((low, median, high), (math.log(low), math.log(median), math.log(high)))
        )
        if law or log_skew / math.log(high / low) < skew / (high - low):
            return LogNormal(math.log(median), math.log(high / low) / (2.0 * _Z75))
    return Normal(median, (high - low) / (2.0 * _Z75))


def log_normal_of_moments(mean: float, sd: float) -> Marginal:
    """The log-normal law with a mean and a standard deviation."""
    if mean <= 0.0:
        raise InputError("must be positive", where="mean", got=mean)
    spread = math.log1p((sd / mean) * (sd / mean))
    if spread == math.inf:
        raise InputError("too large for the mean", where="sd", allowed=f"up to {1e100 * mean:g}", got=sd)
    return LogNormal(math.log(mean) - 0.5 * spread, math.sqrt(spread))


def gamma(mean: float, sd: float) -> Marginal:
    """The gamma law with a mean and a standard deviation."""
    from scipy import special

    if mean <= 0.0 or sd <= 0.0:
        raise InputError("must be positive", where="mean, sd", got=[mean, sd])
    ratio = mean / sd
    shape = ratio * ratio
    if shape > _NEARLY_NORMAL:
        return tabulated(lambda low, high: mean * (1.0 + _above_one(special, shape, low, high)))
    return tabulated(lambda low, high: _gamma_quantile(special, shape, low, high) * (mean / shape))


def log_gamma(variance: float) -> Marginal:
    """The logarithm of a gamma variable with mean 1 and a variance: a gamma frailty."""
    from scipy import special

    shape = 1.0 / variance
    if shape > _NEARLY_NORMAL:
        return tabulated(lambda low, high: np.log1p(_above_one(special, shape, low, high)))
    return tabulated(lambda low, high: np.log(_gamma_quantile(special, shape, low, high)) - math.log(shape))


def beta(mean: float, sd: float, low: float, high: float) -> Marginal:
    """The beta law between two bounds with a mean and a standard deviation."""
    from scipy import special

    if not low < mean < high:
        raise InputError("the mean lies outside the bounds", where="mean", allowed=f"{low:g} to {high:g}", got=mean)
    middle, spread = (mean - low) / (high - low), sd / (high - low)
    if spread < 1e-6:
        raise InputError("too small for the bounds", where="sd", allowed=f"{1e-6 * (high - low):g} or more", got=sd)
    size = middle * (1.0 - middle) / spread**2 - 1.0
    if size <= 0.0:
        raise InputError("too large for the bounds", where="sd", got=sd)
    a, b = middle * size, (1.0 - middle) * size

    def quantile(below: Floats, above: Floats) -> Floats:
        small = special.betaincinv(a, b, below)
        large = 1.0 - special.betaincinv(b, a, above)
        found: Floats = np.where(below < 0.5, small, large)
        return low + (high - low) * found

    return tabulated(quantile)


def uniform(low: float, high: float) -> Marginal:
    """The uniform law between two bounds."""
    if not low < high:
        raise InputError("the bounds must increase", where="low, high", got=[low, high])
    return tabulated(
        lambda below, above: np.where(below < 0.5, low + (high - low) * below, high - (high - low) * above)
    )


def quantiles(shares: Sequence[float], values: Sequence[float]) -> Marginal:
    """The law with these values at these shares below, from 0 to 1, uniform between them."""
    if len(shares) != len(values) or len(shares) < 2 or shares[0] != 0.0 or shares[-1] != 1.0:
        raise InputError("quantiles go from share 0 to share 1, with a value each", where="shares", got=list(shares))
    if np.any(np.diff(shares) <= 0.0) or np.any(np.diff(values) <= 0.0):
        raise InputError("must increase", where="shares, values", got=[list(shares), list(values)])
    return tabulated(lambda below, above: np.interp(below, shares, values))


def between(marginal: Marginal, low: float, high: float) -> Marginal:
    """A continuous law, of those within bounds only."""
    from scipy.special import ndtr, ndtri

    edges = [marginal.latent_of(value) if math.isfinite(value) else value for value in (low, high)]
    if low >= high or not edges[0] < edges[1]:
        raise InputError("nobody has a value within the bounds", where="low, high", got=[low, high])
    first, after = ndtr(edges[0]), ndtr(-edges[1])
    inside = 1.0 - first - after
    if inside < 1e-9:
        raise InputError("hardly anybody has a value within the bounds", where="low, high", got=[low, high])

    def quantile(below: Floats, above: Floats) -> Floats:
        low_z = ndtri(np.minimum(first + below * inside, 1.0))
        high_z = -ndtri(np.minimum(after + above * inside, 1.0))
        return marginal.of_latent(np.clip(np.where(below < 0.5, low_z, high_z), edges[0], edges[1]))

    return tabulated(quantile)


def rounded(marginal: Marginal) -> Marginal:
    """A continuous law rounded to whole numbers: those that more than 1e-9 of the patients have."""
    ends = marginal.of_latent(np.array([-6.0, 6.0]))
    whole = [float(value) for value in range(round(ends[0]), round(ends[1]) + 1)]
    if len(whole) > 1000:
        raise InputError("more than a thousand whole numbers", where="rounded", got=len(whole))
    cuts = [marginal.latent_of(value + 0.5) for value in whole[:-1]]
    kept = [(cut, value) for cut, value in zip(cuts, whole[:-1], strict=True) if math.isfinite(cut)]
    return Steps(tuple(cut for cut, _ in kept), (*(value for _, value in kept), whole[-1]))


def in_words(marginal: Marginal) -> str:
    """A law by its median and quartiles, or by its categories with their shares."""
    if isinstance(marginal, Steps):
        from scipy.special import ndtr

        shares = np.diff([0.0, *ndtr(np.array(marginal.cuts)).tolist(), 1.0])
        if marginal.values == (0.0, 1.0):
            return f"{100.0 * shares[1]:.3g} %"
        if len(shares) <= 8:
            return ", ".join(f"{value:g} {100.0 * s:.3g} %" for value, s in zip(marginal.values, shares, strict=True))
    low, median, high = marginal.of_latent(np.array([-_Z75, 0.0, _Z75])).tolist()
    return f"median {median:.4g}, quartiles {low:.4g} to {high:.4g}"


def tabulated(quantile: Callable[[Floats, Floats], Floats]) -> Marginal:
    """A law by its quantile function of the shares below and above, read off at 64 latents a unit."""
    from scipy.interpolate import PchipInterpolator
    from scipy.special import ndtr

    z = np.arange(-_REACH * _PER_UNIT, _REACH * _PER_UNIT + 1) / _PER_UNIT
    values = np.asarray(quantile(ndtr(z), ndtr(-z)), dtype=np.float64)
    if not np.isfinite(values).all() or np.any(np.diff(values) < 0.0):
        raise InputError("the law has no quantiles that numbers can hold")
    slopes = _slopes(z, values) if np.all(np.diff(values) > 0.0) else PchipInterpolator(z, values).derivative()(z)
    return Tabulated(float(z[0]), 1.0 / _PER_UNIT, tuple(values.tolist()), tuple(slopes.tolist()))


def _slopes(z: Floats, values: Floats) -> Floats:
    """Slopes of the cubic spline through the values, no steeper than keeps the table monotone."""
    from scipy.interpolate import CubicSpline

    slopes: Floats = CubicSpline(z, values)(z, 1)
    rise = np.diff(values) / np.diff(z)
    most = 3.0 * np.minimum(np.append(rise, rise[-1]), np.append(rise[0], rise))
    return np.clip(slopes, 0.0, most)


def _gamma_quantile(special, shape: float, below: Floats, above: Floats) -> Floats:  # type: ignore[no-untyped-def]
    found: Floats = np.where(below < 0.5, special.gammaincinv(shape, below), special.gammainccinv(shape, above))
    return found


def _above_one(special, shape: float, below: Floats, above: Floats) -> Floats:  # type: ignore[no-untyped-def]
    """Quantiles of a gamma variable of large shape over its mean, less 1: Cornish and Fisher's expansion."""
    z = np.where(below < 0.5, special.ndtri(below), -special.ndtri(above))
    step = 1.0 / math.sqrt(shape)
    terms = (z, (z**2 - 1.0) / 3.0, (z**3 - 7.0 * z) / 36.0, -(3.0 * z**4 + 7.0 * z**2 - 16.0) / 810.0)
    found: Floats = sum(term * step ** (power + 1) for power, term in enumerate(terms))
    return found
