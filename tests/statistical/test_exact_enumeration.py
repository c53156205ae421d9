"""Power of small trials by simulation against the exact sum over all tables of counts that can happen.

What each method makes of a table is written here once more, from the textbook formula, for all tables at once and
without any of jaksim's functions; the chances of the tables are products of binomial or multinomial ones. Every method
that takes a binary or an ordinal endpoint has a row, so that a new one without a row fails. Arms of 20 with 40 against
2 % events have no event in one arm in two trials of three: a test that goes by its estimate loses those.
"""

import hashlib
import math
from functools import cache, partial
from itertools import product

import numpy as np
import pytest
from scipy.special import expit, gammaln, logit, ndtri, xlogy
from scipy.stats import binom, hypergeom, norm
from scipy.stats import t as student

import jaksim
from jaksim.analysis import METHODS
from jaksim.design.parameter_draws import draws_error, draws_gain
from jaksim.errors import InputError

REPLICATES = 8_000
WORST_Z = 4.0
NO = np.nan


# Small parts of the statistics


def divided(above, below):
    """A ratio, NaN where the divisor is not above 0."""
    return np.divide(above, below, out=np.full(np.broadcast(above, below).shape, NO), where=np.asarray(below) > 0.0)


def logs(above, below):
    """log(above / below), infinite where one of them is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(above) - np.log(below)


def wald(estimate, variance, null=0.0):
    """Distance from the null in standard errors, where the estimate and its variance are finite."""
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(estimate) & np.isfinite(variance)
    return divided(np.where(usable, estimate - null, NO), np.sqrt(np.where(usable, variance, NO)))


def normal_value(statistic, freedom):
    """The normal value with the p value that Student's t gives a statistic."""
    return np.sign(statistic) * norm.isf(student.sf(np.abs(statistic), freedom))


def with_factor(z, n):
    return z * np.sqrt((n - 1.0) / n)


def cornish_fisher(z, skewness, kurtosis):
    """The normal value of a standardised sum with these cumulants (Abramowitz and Stegun 26.2.49, inverted)."""
    found = z - skewness * (z**2 - 1) / 6 - kurtosis * (z**3 - 3 * z) / 24 + skewness**2 * (4 * z**3 - 7 * z) / 36
    slope = 1 - skewness * z / 3 - kurtosis * (z**2 - 1) / 8 + skewness**2 * (12 * z**2 - 7) / 36
    return np.where(slope > 0, found, z)


# Binary endpoints: x (B, 2, S) patients with the event, n (2, S) all patients, reference arm first


def pooled(x, n):
    return x.sum(axis=2).T, n.sum(axis=1)


def risks(x, n):
    (x_0, x_1), (n_0, n_1) = pooled(x, n)
    return x_0 / n_0, x_1 / n_1, n_0, n_1


def restricted(x, n, active_risk, lowest=0.0, highest=1.0):
    """Likeliest risks (2, B) where that of the active arm is a function of that of the reference arm: by bisection."""
    (x_0, x_1), (n_0, n_1) = pooled(x, n)

    def slope(p_0, step=1e-7):
        def value(p):
            p_1 = np.clip(active_risk(p), 1e-300, 1.0)
            return xlogy(x_1, p_1) + xlogy(n_1 - x_1, 1 - p_1) + xlogy(x_0, p) + xlogy(n_0 - x_0, 1 - p)

        room = step * np.minimum(p_0 - lowest, highest - p_0)
        return value(p_0 + room) - value(p_0 - room)

    low, high = np.full(len(x), lowest), np.full(len(x), highest)
    for _ in range(60):
        middle = (low + high) / 2
        rises = slope(middle) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return (low + high) / 2, active_risk((low + high) / 2)


def difference_z(x, n, test, margin=0.0):
    p_0, p_1, n_0, n_1 = risks(x, n)
    q_0, q_1 = p_0, p_1
    if test != "unpooled":
        q_0, q_1 = restricted(x, n, lambda p: p + margin, max(0.0, -margin), min(1.0, 1.0 - margin))
        if margin == 0.0:
            q_0 = q_1 = (p_0 * n_0 + p_1 * n_1) / (n_0 + n_1)
    z = divided(p_1 - p_0 - margin, np.sqrt(q_0 * (1 - q_0) / n_0 + q_1 * (1 - q_1) / n_1))
    return with_factor(z, n_0 + n_1) if test == "score" else z


def ratio_z(x, n, test, margin=1.0):
    p_0, p_1, n_0, n_1 = risks(x, n)
    if test == "wald":
        with np.errstate(divide="ignore"):
            variance = (1 / p_0 - 1) / n_0 + (1 / p_1 - 1) / n_1
        return wald(logs(p_1, p_0), variance, math.log(margin))
    q_0, q_1 = restricted(x, n, lambda p: margin * p, 0.0, min(1.0, 1.0 / margin))
    z = divided(p_1 - margin * p_0, np.sqrt(margin**2 * q_0 * (1 - q_0) / n_0 + q_1 * (1 - q_1) / n_1))
    z = np.where(p_0 + p_1 > 0, z, NO)
    return with_factor(z, n_0 + n_1) if test == "score" else z


def odds_z(x, n, test, margin=1.0):
    p_0, p_1, n_0, n_1 = risks(x, n)
    if test == "wald":
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = 1 / (n_0 * p_0 * (1 - p_0)) + 1 / (n_1 * p_1 * (1 - p_1))
            return wald(logit(p_1) - logit(p_0), variance, math.log(margin))
    with np.errstate(divide="ignore"):
        q_0, q_1 = restricted(x, n, lambda p: margin * p / (1 - p + margin * p))
        variance = 1 / (1 / (n_0 * q_0 * (1 - q_0)) + 1 / (n_1 * q_1 * (1 - q_1)))
    events = p_0 * n_0 + p_1 * n_1
    z = np.where((events > 0) & (events < n_0 + n_1), divided((p_1 - q_1) * n_1, np.sqrt(variance)), NO)
    return with_factor(z, n_0 + n_1) if test == "score" else z


def cmh(x, n):
    """Signed root of the Cochran-Mantel-Haenszel chi-squared."""
    total, events = n.sum(axis=0), x.sum(axis=1)
    excess = (x[:, 1] - n[1] * events / total).sum(axis=1)
    variance = (n[0] * n[1] * events * (total - events) / (total**2 * (total - 1))).sum(axis=1)
    return divided(excess, np.sqrt(variance))


def hypergeometric(x, n):
    """Law of the events of the active arm of one stratum given all, by number of events: (events + 1, values)."""
    n_0, n_1 = n.sum(axis=1)
    at = np.arange(n_0 + n_1 + 1)
    return np.array([hypergeom(n_0 + n_1, m, n_1).pmf(at) for m in at])


def exact_z(x, n, test, margin=1.0):
    """Normal value of the exact p value of an odds ratio, above 0 for more events than it lets expect."""
    (x_0, x_1), (_, _) = pooled(x, n)
    law = hypergeometric(x, n)
    law = law * margin ** np.arange(law.shape[1])
    law /= law.sum(axis=1, keepdims=True)
    rows, seen = (x_0 + x_1).astype(int), x_1.astype(int)
    own = law[rows, seen]
    below = np.array([law[m, :k].sum() for m, k in zip(rows, seen, strict=True)])
    above = np.array([law[m, k + 1 :].sum() for m, k in zip(rows, seen, strict=True)])
    half = 0.5 if test == "mid_p" else 1.0
    tail = np.minimum(below, above) + half * own
    if test == "minlike":
        tail = 0.5 * np.array([law[m][law[m] <= p * (1 + 1e-7)].sum() for m, p in zip(rows, own, strict=True)])
    return np.where(below > above, 1.0, -1.0) * -ndtri(np.minimum(tail, 0.5))


def conditional_z(x, n):
    """As `exact_z`, "central", for the sum over strata, whose law is a convolution."""
    laws = [[hypergeom(n[:, s].sum(), m, n[1, s]).pmf(np.arange(n[1, s] + 1)) for m in range(n[:, s].sum() + 1)]
            for s in range(n.shape[1])]  # fmt: skip
    found = np.empty(len(x))
    known: dict = {}
    for b, (events, seen) in enumerate(zip(x.sum(axis=1).astype(int), x[:, 1].sum(axis=1).astype(int), strict=True)):
        if tuple(events) not in known:
            law = np.ones(1)
            for s, m in enumerate(events):
                law = np.convolve(law, laws[s][m])
            known[tuple(events)] = law
        law = known[tuple(events)]
        below, above = law[:seen].sum(), law[seen + 1 :].sum()
        tail = min(min(below, above) + law[seen], 0.5)
        found[b] = (1.0 if below > above else -1.0) * -ndtri(tail)
    return found


def permuted_events(x, n):
    """z of the sum of events of the active arm over strata with the skewness and kurtosis of hypergeometric laws."""
    moments = np.zeros((4, len(x)))
    for s in range(n.shape[1]):
        total, chosen = int(n[:, s].sum()), int(n[1, s])
        law = np.array([hypergeom(total, m, chosen).pmf(np.arange(chosen + 1)) for m in range(total + 1)])
        mean = law @ np.arange(chosen + 1)
        central = [(law * (np.arange(chosen + 1) - mean[:, None]) ** k).sum(axis=1) for k in (2, 3, 4)]
        m = x[:, :, s].sum(axis=1).astype(int)
        moments[0] += x[:, 1, s] - mean[m]
        moments[1] += central[0][m]
        moments[2] += central[1][m]
        moments[3] += (central[2] - 3 * central[0] ** 2)[m]
    u, variance, third, fourth = moments
    sd = np.sqrt(np.where(variance > 1e-12, variance, NO))
    return cornish_fisher(u / sd, third / sd**3, fourth / sd**4)


def difference_mh_z(x, n, variance, margin=0.0):
    total = n.sum(axis=0)
    weight = n[0] * n[1] / total
    p = x / n
    apart = (weight * (p[:, 1] - p[:, 0])).sum(axis=1) / weight.sum()
    if variance == "greenland_robins":
        spread = (weight**2 * (p * (1 - p) / n).sum(axis=1)).sum(axis=1)
    else:
        first = (n[0] ** 2 * x[:, 1] - n[1] ** 2 * x[:, 0] + n[0] * n[1] * (n[1] - n[0]) / 2) / total**2
        second = (x[:, 0] * (n[1] - x[:, 1]) + x[:, 1] * (n[0] - x[:, 0])) / (2 * total)
        spread = -apart * first.sum(axis=1) + second.sum(axis=1)
    return divided(apart - margin, np.sqrt(np.maximum(spread, 0.0)) / weight.sum())


def ratio_mh_z(x, n, margin=1.0):
    total = n.sum(axis=0)
    active, reference = (x[:, 1] * n[0] / total).sum(axis=1), (x[:, 0] * n[1] / total).sum(axis=1)
    spread = ((n[0] * n[1] * x.sum(axis=1) - x[:, 0] * x[:, 1] * total) / total**2).sum(axis=1)
    return wald(logs(active, reference), divided(spread, active * reference), math.log(margin))


def odds_mh_z(x, n, margin=1.0):
    """Robins, Breslow and Greenland 1986."""
    total, y = n.sum(axis=0), n - x
    r, s = x[:, 1] * y[:, 0] / total, x[:, 0] * y[:, 1] / total
    p, q = (x[:, 1] + y[:, 0]) / total, (x[:, 0] + y[:, 1]) / total
    big_r, big_s = r.sum(axis=1), s.sum(axis=1)
    variance = divided((p * r).sum(axis=1), 2 * big_r**2) + divided((q * s).sum(axis=1), 2 * big_s**2)
    variance += divided((p * s + q * r).sum(axis=1), 2 * big_r * big_s)
    return wald(logs(big_r, big_s), variance, math.log(margin))


def difference_mn_wald(x, n):
    weight = n[0] * n[1] / n.sum(axis=0) / (n[0] * n[1] / n.sum(axis=0)).sum()
    p = x / n
    spread = (weight**2 * (p * (1 - p) / n).sum(axis=1)).sum(axis=1)
    return wald((weight * (p[:, 1] - p[:, 0])).sum(axis=1), spread)


def ratio_mn_wald(x, n):
    weight = n[0] * n[1] / n.sum(axis=0) / (n[0] * n[1] / n.sum(axis=0)).sum()
    p = x / n
    active, reference = (weight * p[:, 1]).sum(axis=1), (weight * p[:, 0]).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (active / reference)[:, None]
        spread = (weight**2 * (p[:, 1] * (1 - p[:, 1]) / n[1] + ratio**2 * p[:, 0] * (1 - p[:, 0]) / n[0])).sum(axis=1)
        return wald(logs(active, reference), spread / active**2)


# Ordinal endpoints: counts (B, 2, S, K), best status first, above 0 where the active arm does better


def pairs(counts):
    """Wins, losses (B,) as shares, with placements (B, K) of patients of either arm: shares they win and lose to."""
    reference, active = counts[:, 0], counts[:, 1]
    n_0, n_1 = reference.sum(axis=1), active.sum(axis=1)
    worse = (reference[:, ::-1].cumsum(axis=1)[:, ::-1] - reference) / n_0[:, None]
    better = (reference.cumsum(axis=1) - reference) / n_0[:, None]
    active_better = (active.cumsum(axis=1) - active) / n_1[:, None]
    active_worse = (active[:, ::-1].cumsum(axis=1)[:, ::-1] - active) / n_1[:, None]
    won, lost = ((active * one).sum(axis=1) / n_1 for one in (worse, better))
    return won, lost, (worse, better), (active_better, active_worse)


def sample_covariance(counts, a, b):
    """Of the values a and b (B, K) of patients with counts (B, K), divided by n - 1, over n."""
    n = counts.sum(axis=1)
    mean = [(counts * one).sum(axis=1) / n for one in (a, b)]
    scatter = (counts * (a - mean[0][:, None]) * (b - mean[1][:, None])).sum(axis=1)
    return scatter / (n - 1) / n


def null_spread(counts):
    """Variance of wins less losses without effect, given the ties."""
    n_0, n_1 = counts[:, 0].sum(axis=1), counts[:, 1].sum(axis=1)
    both, n = counts.sum(axis=1), n_0 + n_1
    return (n**3 - (both**3).sum(axis=1)) / (3 * n_0 * n_1 * n * (n - 1))


def wins(counts, statistic, test):
    """Win ratio, win odds or net benefit over strata with weights n_1 n_0 / n."""
    size = counts.sum(axis=3)
    weight = size[:, 0] * size[:, 1] / size.sum(axis=1)
    weight = weight / weight.sum(axis=1, keepdims=True)
    won = lost = v_won = v_lost = both = null = scatter = 0.0
    for s in range(counts.shape[2]):
        part = counts[:, :, s]
        w, share = weight[:, s], pairs(part)
        (worse, better), (beaten, beating) = share[2], share[3]
        won, lost = won + w * share[0], lost + w * share[1]
        parts = [(part[:, 1], worse, better), (part[:, 0], beaten, beating)]
        v_won = v_won + w**2 * sum(sample_covariance(one, a, a) for one, a, _ in parts)
        v_lost = v_lost + w**2 * sum(sample_covariance(one, b, b) for one, _, b in parts)
        both = both + w**2 * sum(sample_covariance(one, a, b) for one, a, b in parts)
        null = null + w**2 * null_spread(part)
        # Satterthwaite: squared variances of the arms' means over their degrees of freedom.
        scatter = scatter + sum(
            (w**2 * sample_covariance(one, a - b, a - b)) ** 2 / (one.sum(axis=1) - 1) for one, a, b in parts
        )
    net = won - lost
    if test == "permutation":
        return divided(net, np.sqrt(null))
    of_net = np.maximum(v_won + v_lost - 2 * both, 0.0)
    if statistic == "net":
        return normal_value(wald(net, of_net), of_net**2 / np.maximum(scatter, 1e-300))
    with np.errstate(divide="ignore", invalid="ignore"):
        if statistic == "odds":
            return wald(logs(1 + net, 1 - net), of_net * (2 / (1 - net**2)) ** 2)
        return wald(logs(won, lost), v_won / won**2 + v_lost / lost**2 - 2 * both / (won * lost))


def rank_sum(counts, distribution):
    """Van Elteren's sum over strata of rank sums, weights 1 / (n + 1); one stratum is Wilcoxon's."""
    moments = np.zeros((4, len(counts)))
    for s in range(counts.shape[2]):
        part = counts[:, :, s]
        n_0, n_1 = part[:, 0].sum(axis=1), part[:, 1].sum(axis=1)
        n, both = n_0 + n_1, part.sum(axis=1)
        score = both[:, ::-1].cumsum(axis=1)[:, ::-1] - both / 2
        apart = score - (both * score).sum(axis=1, keepdims=True) / n[:, None]
        weight = 1 / (n + 1)
        moments[0] += weight * (part[:, 1] * apart).sum(axis=1)
        # Sampling without replacement: Kendall and Stuart, volume 1, 12.20-12.21, by k-statistics of the population.
        s_2, s_3, s_4 = ((both * apart**k).sum(axis=1) for k in (2, 3, 4))
        two = n_1 * n_0 / (n * (n - 1)) * s_2
        three = n_1 * n_0 * (n_0 - n_1) / (n * (n - 1) * (n - 2)) * s_3
        fourth = _fourth_moment(n_1[0], n[0], s_2, s_4)
        moments[1] += weight**2 * two
        moments[2] += weight**3 * three
        moments[3] += weight**4 * (fourth - 3 * two**2)
    u, variance, third, kurtosis = moments
    sd = np.sqrt(np.where(variance > 1e-12, variance, NO))
    z = u / sd
    return cornish_fisher(z, third / sd**3, kurtosis / sd**4) if distribution == "permutation" else z


def _fourth_moment(chosen, n, s_2, s_4):
    """Fourth moment of a sum of values drawn without replacement, from sums of powers that sum to 0: E over indices."""
    chance = [math.prod((chosen - i) / (n - i) for i in range(k)) if n > k - 1 else 0.0 for k in (1, 2, 3, 4)]
    # Sums over different indices of a_i^4, a_i^3 a_j, a_i^2 a_j^2, a_i^2 a_j a_k, a_i a_j a_k a_l when sum a = 0.
    sums = [s_4, -s_4, s_2**2 - s_4, 2 * s_4 - s_2**2, 3 * s_2**2 - 6 * s_4]
    times = [1, 4, 3, 6, 1]
    places = [0, 1, 1, 2, 3]
    return sum(t * chance[k] * one for t, k, one in zip(times, places, sums, strict=True))


# Proportional odds: log likelihood of all tables at once, derivatives by differences, Newton's method


def likelihood(parameters, counts):
    """Log likelihood (B,) of counts (B, 2, S, K); parameters (B, K - 1 + S): thresholds, strata, log odds ratio."""
    strata, categories = counts.shape[2:]
    m = categories - 1
    alpha, effect = parameters[:, :m], parameters[:, -1]
    total = np.zeros(len(counts))
    for arm, s in product(range(2), range(strata)):
        shift = arm * effect + (parameters[:, m + s - 1] if s else 0.0)
        edge = np.concatenate([np.full((len(counts), 1), -np.inf), alpha + shift[:, None],
                               np.full((len(counts), 1), np.inf)], axis=1)  # fmt: skip
        with np.errstate(divide="ignore", invalid="ignore"):
            upper, lower = edge[:, 1:], edge[:, :-1]
            # F(u) - F(l) from the side on which it does not cancel.
            chance = np.where(lower > 0, expit(-lower) - expit(-upper), expit(upper) - expit(lower))
            total += xlogy(counts[:, arm, s], np.where(chance > 0, chance, 1e-300)).sum(axis=1)
    return total


def derivatives(function, at, step=1e-4):
    """Gradient (B, p) and Hessian (B, p, p) by central differences."""
    p = at.shape[1]
    unit = step * np.eye(p)
    gradient = np.stack([(function(at + unit[i]) - function(at - unit[i])) / (2 * step) for i in range(p)], axis=1)
    hessian = np.empty((*at.shape, p))
    for i, j in product(range(p), range(p)):
        if i <= j:
            corners = [function(at + a * unit[i] + b * unit[j]) for a in (1, -1) for b in (1, -1)]
            hessian[:, i, j] = hessian[:, j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    return gradient, hessian


def maximised(counts, start, free, steps=60):
    """Parameters (B, p) at the maximum of the likelihood over those that are free; rows leave as they come to rest."""
    out, rows = start.copy(), np.arange(len(start))
    at, value = start.copy(), likelihood(start, counts)
    for _ in range(steps):
        gradient, hessian = derivatives(partial(likelihood, counts=counts[rows]), at)
        size = -hessian[:, free][:, :, free] + 1e-7 * np.eye(len(free))
        move = np.zeros_like(at)
        move[:, free] = np.clip(np.linalg.solve(size, gradient[:, free, None])[..., 0], -3.0, 3.0)
        length = np.ones(len(at))
        for _ in range(12):
            found = likelihood(at + length[:, None] * move, counts[rows])
            if (found >= value - 1e-12).all():
                break
            length = np.where(found >= value - 1e-12, length, length / 2)
        better = found >= value - 1e-12
        at, value = np.where(better[:, None], at + length[:, None] * move, at), np.where(better, found, value)
        out[rows] = at
        left = better & (np.abs(move).max(axis=1) > 1e-6)
        rows, at, value = rows[left], at[left], value[left]
        if not len(rows):
            break
    return out


FITTED: dict[bytes, dict[str, np.ndarray]] = {}


def proportional_odds_z(counts, test, variance="model"):
    """Wald, score (observed information without effect) or likelihood ratio, of a better status."""
    known = FITTED.setdefault(hashlib.sha256(counts.tobytes()).digest(), {})
    if not known:
        known.update(_all_tests(counts))
    return known["robust" if variance == "robust" else test]


def _all_tests(counts):
    out = {test: np.full(len(counts), NO) for test in ("wald", "score", "lrt", "robust")}
    varies = (counts.sum(axis=(1, 2)) > 0).sum(axis=1) > 1
    for pattern in np.unique((counts.sum(axis=(1, 2)) > 0)[varies], axis=0):
        chosen = np.flatnonzero(varies & ((counts.sum(axis=(1, 2)) > 0) == pattern).all(axis=1))
        for test, z in _odds_z(counts[chosen][..., pattern]).items():
            out[test][chosen] = z
    return out


def _odds_z(counts):
    strata, m = counts.shape[2], counts.shape[3] - 1
    total = counts.sum(axis=(1, 2))
    start = np.zeros((len(counts), m + strata))
    start[:, :m] = logit(total.cumsum(axis=1)[:, :-1] / total.sum(axis=1, keepdims=True))

    def function(at):
        return likelihood(at, counts)

    nuisance = list(range(m + strata - 1))
    null = maximised(counts, start, nuisance)
    informative = _arms_within_strata(counts)
    gradient, hessian = derivatives(function, null)
    # The strata's own coefficients may have drifted off; what is left of the information is that of the rest.
    inverse = np.linalg.pinv(-hessian[:, :-1, :-1], rcond=1e-7)
    border = hessian[:, -1, :-1]
    left = -hessian[:, -1, -1] - np.einsum("bi,bij,bj->b", border, inverse, border)
    found = {"score": np.where(left > 1e-6, gradient[:, -1] / np.sqrt(np.maximum(left, 1e-300)), NO)}
    sign = np.where(gradient[:, -1] > 0, 1.0, -1.0)
    far = null.copy()
    far[:, -1] = 12.0 * sign
    far[:, :m] -= 0.5 * far[:, -1:]
    separated = maximised(counts, far, nuisance)
    further = separated.copy()
    further[:, -1] += 4.0 * sign
    further[:, :m] -= 2.0 * sign[:, None]
    further = maximised(counts, further, nuisance)
    infinite = function(further) > function(separated) - 1e-9
    fitted, there = null.copy(), ~infinite
    fitted[there] = maximised(counts[there], null[there], [*nuisance, m + strata - 1])
    most = np.where(infinite, function(further), function(fitted))
    found["lrt"] = sign * np.sqrt(2 * np.maximum(most - function(null), 0.0))
    inverse = np.linalg.pinv(-derivatives(function, fitted)[1], rcond=1e-9)
    for test, spread in (("wald", inverse[:, -1, -1]), ("robust", _sandwich(counts, fitted, inverse))):
        found[test] = np.where(infinite, NO, fitted[:, -1] / np.sqrt(np.maximum(spread, 1e-300)))
    return {test: np.where(informative, z, NO) for test, z in found.items()}


def _arms_within_strata(counts):
    """Whether a stratum has both arms and more than one status."""
    return ((counts.sum(axis=3) > 0).all(axis=1) & ((counts.sum(axis=1) > 0).sum(axis=2) > 1)).any(axis=1)


def _sandwich(counts, at, inverse):
    """Variance of the last parameter: squared scores of the patients, by differences of their log likelihoods."""
    spread = np.zeros(len(counts))
    for arm, s, k in product(range(2), range(counts.shape[2]), range(counts.shape[3])):
        one = np.zeros_like(counts)
        one[:, arm, s, k] = 1.0
        gradient = np.stack([
            (likelihood(at + e, one) - likelihood(at - e, one)) / 2e-5 for e in 1e-5 * np.eye(at.shape[1])
        ], axis=1)  # fmt: skip
        spread += counts[:, arm, s, k] * np.einsum("bi,bi->b", inverse[:, -1], gradient) ** 2
    return spread


def partial_odds_z(counts):
    """Mean of the log odds ratios at the cut-points of one stratum, each of its own two-by-two table, weighted by their
    inverse variances. Without patients on one side a cut-point is none."""
    out = np.full(len(counts), NO)
    used = counts.sum(axis=(1, 2)) > 0
    for pattern in np.unique(used[used.sum(axis=1) > 1], axis=0):
        rows = np.flatnonzero((used == pattern).all(axis=1))
        out[rows] = _mean_log_odds_ratio(counts[rows][:, :, 0][..., pattern])
    return out


def _mean_log_odds_ratio(counts):
    cuts = counts.shape[2] - 1
    log_odds_ratio, covariance = np.zeros((len(counts), cuts)), np.zeros((len(counts), cuts, cuts))
    with np.errstate(divide="ignore", invalid="ignore"):
        for arm, sign in ((0, -1.0), (1, 1.0)):
            n = counts[:, arm].sum(axis=1)
            share = counts[:, arm].cumsum(axis=1)[:, :-1] / n[:, None]
            log_odds_ratio += sign * logit(share)
            for i, j in product(range(cuts), repeat=2):
                low, high = min(i, j), max(i, j)
                covariance[:, i, j] += 1 / (n * share[:, high] * (1 - share[:, low]))
        weight = 1 / np.einsum("bii->bi", covariance)
        variance = np.einsum("bi,bij,bj->b", weight, covariance, weight)
        return wald((weight * log_odds_ratio).sum(axis=1), variance)


def bayesian_z(counts, points=61):
    """Normal value of the posterior chance of a benefit, by a plain sum over thresholds and log odds ratio.

    The log odds ratio is N(0, 1), the chances of the mean patient's statuses Dirichlet with one patient's weight.
    """
    out = np.full(len(counts), NO)
    used = counts.sum(axis=(1, 2)) > 0
    for pattern in np.unique(used, axis=0):
        k = int(pattern.sum())
        rows = np.flatnonzero((used == pattern).all(axis=1))
        if k < 2:
            continue
        theta = np.linspace(-5.0, 5.0, points)
        axes = np.meshgrid(
            theta, *[np.linspace(-9.0, 9.0, 2 * points - 1 if k == 2 else points)] * (k - 1), indexing="ij"
        )
        effect, cuts = axes[0].ravel(), np.stack([one.ravel() for one in axes[1:]])
        keep = np.ones(len(effect), dtype=bool) if k == 2 else cuts[1] > cuts[0]
        effect, cuts = effect[keep], cuts[:, keep]
        one = counts[rows][:, :, 0][..., pattern]
        share = one[0, 1].sum() / one[0].sum()
        chances = [_chances(cuts + arm * effect) for arm in (0, 1)]
        mean = _chances(cuts + share * effect)
        edge = expit(cuts + share * effect)
        prior = (1 / k - 1) * np.log(mean).sum(axis=0) + np.log(edge * (1 - edge)).sum(axis=0) - effect**2 / 2
        for at, table in zip(rows, one, strict=True):
            log = prior + sum(table[arm] @ np.log(chances[arm]) for arm in (0, 1))
            weight = np.exp(log - log.max())
            half = np.where(effect == 0.0, 0.5, effect > 0.0)
            out[at] = ndtri(np.clip((weight * half).sum() / weight.sum(), 1e-12, 1 - 1e-12))
    return out


def _chances(edges):
    below = expit(edges)
    stacked = np.concatenate([np.zeros((1, below.shape[1])), below, np.ones((1, below.shape[1]))])
    return np.maximum(np.diff(stacked, axis=0), 1e-300)


def tables_of(x, n):
    """Events as an ordinal status whose better value is no event: (B, 2, S, 2)."""
    return np.stack([n - x, x], axis=-1).astype(float)


def wins_of(statistic):
    return {
        f"test={test}": lambda x, n, test=test: wins(tables_of(x, n), statistic, test)
        for test in ("wald", "permutation")
    }


RATIO_TESTS = ("wald", "pooled", "score")
BINARY = {
    "risk_difference": {f"test={t}": lambda x, n, t=t: difference_z(x, n, t) for t in ("pooled", "unpooled", "score")},
    "risk_difference_mh": {
        "variance=sato": lambda x, n: difference_mh_z(x, n, "sato"),
        "variance=greenland_robins": lambda x, n: difference_mh_z(x, n, "greenland_robins"),
        "test=cmh": cmh,
        "distribution=permutation": permuted_events,
    },
    "risk_difference_mn": {
        "test=score": cmh,
        "test=wald": difference_mn_wald,
        "test=pooled": lambda x, n: stratified_pooled(x, n),
    },
    "risk_ratio": {f"test={t}": lambda x, n, t=t: ratio_z(x, n, t) for t in RATIO_TESTS},
    "risk_ratio_mh": {"test=wald": ratio_mh_z, "test=cmh": cmh},
    "risk_ratio_mn": {
        "test=score": cmh,
        "test=wald": ratio_mn_wald,
        "test=pooled": lambda x, n: stratified_pooled(x, n),
    },
    "odds_ratio": {f"test={t}": lambda x, n, t=t: odds_z(x, n, t) for t in RATIO_TESTS},
    "odds_ratio_mh": {"test=wald": odds_mh_z, "test=cmh": cmh},
    "exact_odds_ratio": {
        **{f"test={t}": lambda x, n, t=t: exact_z(x, n, t) for t in ("central", "minlike", "mid_p")},
        "strata=conditional": conditional_z,
    },
    "wilcoxon": {
        f"distribution={d}": lambda x, n, d=d: rank_sum(tables_of(x, n).sum(axis=2, keepdims=True), d)
        for d in ("normal", "permutation")
    },
    "van_elteren": {
        f"distribution={d}": lambda x, n, d=d: rank_sum(tables_of(x, n), d) for d in ("normal", "permutation")
    },
    "win_ratio": wins_of("ratio"),
    "win_odds": wins_of("odds"),
    "net_benefit": wins_of("net"),
    "proportional_odds": {
        **{f"test={t}": lambda x, n, t=t: proportional_odds_z(tables_of(x, n), t) for t in ("wald", "score", "lrt")},
        "variance=robust": lambda x, n: proportional_odds_z(tables_of(x, n), "wald", "robust"),
    },
    "bayesian_proportional_odds": {"": lambda x, n: bayesian_z(tables_of(x, n))},
}
ORDINAL = {
    "wilcoxon": {f"distribution={d}": lambda c, d=d: rank_sum(c, d) for d in ("normal", "permutation")},
    "van_elteren": {f"distribution={d}": lambda c, d=d: rank_sum(c, d) for d in ("normal", "permutation")},
    **{
        name: {f"test={t}": lambda c, s=s, t=t: wins(c, s, t) for t in ("wald", "permutation")}
        for name, s in (("win_ratio", "ratio"), ("win_odds", "odds"), ("net_benefit", "net"))
    },
    "proportional_odds": {
        **{f"test={t}": lambda c, t=t: proportional_odds_z(c, t) for t in ("wald", "score", "lrt")},
        "variance=robust": lambda c: proportional_odds_z(c, "wald", "robust"),
    },
    "partial_proportional_odds": {"free=all": partial_odds_z},
    "bayesian_proportional_odds": {"": bayesian_z},
}


def stratified_pooled(x, n):
    """The stratified score without its factors n / (n - 1), weights n_1 n_0 / n."""
    total, events = n.sum(axis=0), x.sum(axis=1)
    excess = (x[:, 1] - n[1] * events / total).sum(axis=1)
    return divided(excess, np.sqrt((n[0] * n[1] * events * (total - events) / total**3).sum(axis=1)))


# The trials: a constant hazard of the only event, or of recovery and death, for ten days

DAYS = 10
HEAD = """
title = "A small trial"
[disease]
scale = "SCALE"
[disease.natural_history]
source = "made for this test"
move = MOVES
[disease.treatments.drug]
source = "made for this test"
effect = EFFECT
[population]
patients = PATIENTS
stratum_sizes = "fixed"
STRATA
[follow_up]
days = 10
day_of_randomisation = 0
[[arm]]
name = "drug"
regimen = ["drug"]
[[arm]]
name = "control"
regimen = []
reference = true
"""
STRATUM = """
[[population.stratum]]
name = "NAME"
weight = WEIGHT
baseline_score = SCORE
"""
SCALE = """
name = "well, ill or dead"
higher_is_worse = true
absorbing = [1, 4]
[[status]]
score = 1
label = "well"
[[status]]
score = 2
label = "ill"
[[status]]
score = 3
label = "iller"
[[status]]
score = 4
label = "dead"
[sets]
dead = [4]
"""


def analysis(name, endpoint, method, setting, more=""):
    key, _, value = setting.partition("=")
    options = f'options = {{ {key} = "{value}" }}' if key else ""
    return f'[[analysis]]\nname = "{name}"\nendpoint = "{endpoint}"\nmethod = "{method}"\n{options}\n{more}\n'


def written(folder, head, endpoint, analyses):
    (folder / "scale.toml").write_text(SCALE)
    path = folder / "trial.toml"
    path.write_text(head + endpoint + "".join(analyses))
    return path


def binary_trial(folder, risks_of_strata, ratio, patients, analyses):
    """Risks of the reference arm by stratum; the hazards of the active arm are `ratio` times those."""
    scores = (2, 3)[: len(risks_of_strata)]
    moves = [f'{{ move = "{score}>4", values = [{-math.log1p(-risk) / DAYS!r}] }}'
             for score, risk in zip((2, 3), (*risks_of_strata, 0.5), strict=False)]  # fmt: skip
    head = HEAD.replace("SCALE", "scale.toml").replace("MOVES", f"[{', '.join(moves)}]")
    head = head.replace("EFFECT", f'[{{ moves = "death", hazard_ratio = {ratio!r} }}]')
    head = head.replace("PATIENTS", str(patients))
    shared = STRATUM.replace("WEIGHT", str(1 / len(scores)))
    strata = [shared.replace("NAME", f"stratum {s}").replace("SCORE", str(s)) for s in scores]
    endpoint = f'[[endpoint]]\nname = "death"\nkind = "event_by_day"\nset = "dead"\nday = {DAYS}\n'
    return written(folder, head.replace("STRATA", "".join(strata)), endpoint, analyses)


def ordinal_trial(folder, recovery, death, ratios, patients, analyses):
    """Hazards of recovery and death, and what the drug makes of them."""
    moves = f'[{{ move = "2>1", values = [{recovery!r}] }}, {{ move = "2>4", values = [{death!r}] }}]'
    effect = [
        f'{{ moves = "{what}", hazard_ratio = {ratio!r} }}'
        for what, ratio in zip(("improvement", "death"), ratios, strict=True)
    ]
    head = HEAD.replace("SCALE", "scale.toml").replace("MOVES", moves).replace("EFFECT", f"[{', '.join(effect)}]")
    strata = STRATUM.replace("NAME", "all").replace("SCORE", "2").replace("WEIGHT", "1")
    endpoint = f'[[endpoint]]\nname = "status"\nkind = "score_on_day"\nday = {DAYS}\n'
    head = head.replace("PATIENTS", str(patients)).replace("STRATA", strata)
    return written(folder, head, endpoint, analyses)


def status_law(recovery, death):
    """Chances of well, ill, dead after ten days."""
    rate = recovery + death
    left = math.exp(-rate * DAYS)
    return np.array([recovery / rate * (1 - left), left, death / rate * (1 - left)])


@cache
def events_that_can_happen(risks_of_cells, size):
    """Events x (B, 2, S) in cells of `size` patients with given risks, flat (2 S,), with their chances (B,)."""
    grids = np.meshgrid(*[np.arange(size + 1)] * len(risks_of_cells), indexing="ij")
    at = np.stack([one.ravel() for one in grids], axis=1)
    choose = gammaln(size + 1) - gammaln(at + 1) - gammaln(size - at + 1)
    chance = np.exp(
        (choose + at * np.log(risks_of_cells) + (size - at) * np.log1p(-np.array(risks_of_cells))).sum(axis=1)
    )
    return at.reshape(len(at), 2, -1).astype(float), chance


def counts_that_can_happen(laws, size):
    """Counts (B, 2, 1, 3) of two arms of `size` patients, with their chances (B,)."""
    one = np.array([(a, b, size - a - b) for a in range(size + 1) for b in range(size + 1 - a)], dtype=float)
    choose = gammaln(size + 1) - gammaln(one + 1).sum(axis=1)
    chance = [np.exp(choose + one @ np.log(law)) for law in laws]
    first, second = (grid.ravel() for grid in np.meshgrid(np.arange(len(one)), np.arange(len(one)), indexing="ij"))
    return np.stack([one[first], one[second]], axis=1)[:, :, None], chance[0][first] * chance[1][second]


def probability(z, chance, sides=2, alpha=0.05):
    """That z is beyond its critical value; where there is none it is not."""
    with np.errstate(invalid="ignore"):
        beyond = (np.abs(z) if sides == 2 else z) > norm.isf(alpha / sides)
    return float(chance[beyond].sum())


def check(result, exact):
    """Every analysis of a result rejects as often as it should, by name; the power without simulation agrees too."""
    far = {}
    for one in result.analyses:
        p = exact[one.name]
        # The exact binomial, for some reject in one trial of a hundred thousand; the sum of so many chances is rounded.
        held, n = min(max(p, 1e-6), 1.0 - 1e-6), result.replicates
        rejections = round(one.power * n)
        tail = min(binom.cdf(rejections, n, held), binom.sf(rejections - 1, n, held))
        # A posterior is an integral, by Laplace's method in part: tables at the edge may fall on the other side.
        close = 0.02 if one.method == "bayesian_proportional_odds" else 1e-5
        if tail < norm.sf(WORST_Z) or abs(one.analytic_power - p) > close:
            far[one.name] = (one.power, one.analytic_power, p)
    assert not far, "\n".join(f"{name}: {found}" for name, found in far.items())


def test_every_binary_and_ordinal_method_has_a_row():
    kinds = {name: set(method.kinds) for name, method in METHODS.items()}
    assert {name for name, kind in kinds.items() if "binary" in kind} == set(BINARY)
    assert {name for name, kind in kinds.items() if "ordinal" in kind} == set(ORDINAL)
    for name, settings in {**ORDINAL, **BINARY}.items():
        tests = next((key.allowed for key in METHODS[name].options if key.name == "test"), ())
        assert {f"test={test}" for test in tests if len(tests) > 1} <= {*settings, "test=wald"}


def binary_analyses(names=BINARY):
    return [analysis(f"{name} {key}", "death", name, key) for name in names for key in BINARY[name]]


CASES = {
    "zero cells": ((0.40,), math.log1p(-0.02) / math.log1p(-0.40), 40),
    "no effect on rare events": ((0.06,), 1.0, 40),
    "events in nearly all": ((0.97,), math.log1p(-0.6) / math.log1p(-0.97), 40),
    "two strata": ((0.60, 0.15), 0.1, 24),
}


@pytest.mark.usefixtures("without_sizes")
@pytest.mark.parametrize("case", CASES)
def test_binary_methods_reject_as_often_as_all_tables_say(case, tmp_path):
    risks_of_strata, ratio, patients = CASES[case]
    names = [name for name in BINARY if len(risks_of_strata) == 1 or name != "bayesian_proportional_odds"]
    path = binary_trial(tmp_path, risks_of_strata, ratio, patients, binary_analyses(names))
    result = jaksim.power(path, replicates=REPLICATES, seed=11)
    treated = [-math.expm1(ratio * math.log1p(-risk)) for risk in risks_of_strata]
    size = patients // 2 // len(risks_of_strata)
    x, chance = events_that_can_happen((*risks_of_strata, *treated), size)
    n = np.full((2, len(risks_of_strata)), size)
    likely = chance > 1e-8
    exact = {
        f"{name} {key}": probability(function(x[likely], n), chance[likely])
        for name in names
        for key, function in BINARY[name].items()
    }
    check(result, exact)


# Margins, one-sided at 2.5 %: the event may be more frequent in the active arm, by this much at most

MARGINS = {
    **{
        f"risk_difference test={t}": (0.12, lambda x, n, v, t=t: difference_z(x, n, t, v))
        for t in ("pooled", "unpooled", "score")
    },
    "risk_difference_mh variance=sato": (0.12, lambda x, n, v: difference_mh_z(x, n, "sato", v)),
    "risk_difference_mh variance=greenland_robins": (
        0.12,
        lambda x, n, v: difference_mh_z(x, n, "greenland_robins", v),
    ),
    **{
        f"risk_difference_mn test={t}": (0.12, lambda x, n, v, u=u: difference_z(x, n, u, v))
        for t, u in (("score", "score"), ("pooled", "pooled"), ("wald", "unpooled"))
    },
    **{
        f"{name} test={t}": (2.0, lambda x, n, v, t=t: ratio_z(x, n, t, v))
        for name in ("risk_ratio", "risk_ratio_mn")
        for t in RATIO_TESTS
    },
    "risk_ratio_mh test=wald": (2.0, lambda x, n, v: ratio_mh_z(x, n, v)),
    **{f"odds_ratio test={t}": (3.0, lambda x, n, v, t=t: odds_z(x, n, t, v)) for t in RATIO_TESTS},
    "odds_ratio_mh test=wald": (3.0, lambda x, n, v: odds_mh_z(x, n, v)),
    "exact_odds_ratio test=central": (3.0, lambda x, n, v: exact_z(x, n, "central", v)),
    "exact_odds_ratio test=minlike": (3.0, lambda x, n, v: exact_z(x, n, "central", v)),
    "exact_odds_ratio test=mid_p": (3.0, lambda x, n, v: exact_z(x, n, "mid_p", v)),
    **{
        f"proportional_odds test={t}": (1 / 3.0, lambda x, n, v, t=t: odds_by_likelihood(x, n, t, 1 / v))
        for t in ("wald", "score", "lrt")
    },
}


def odds_by_likelihood(x, n, test, margin):
    """Odds ratio of the event in logistic regression: Wald, score (observed information) or likelihood ratio."""
    if test != "lrt":
        return odds_z(x, n, "wald" if test == "wald" else "pooled", margin)
    (x_0, x_1), (n_0, n_1) = pooled(x, n)
    q_0, q_1 = restricted(x, n, lambda p: margin * p / (1 - p + margin * p))
    free = (
        xlogy(x_0, x_0 / n_0)
        + xlogy(n_0 - x_0, 1 - x_0 / n_0)
        + xlogy(x_1, x_1 / n_1)
        + xlogy(n_1 - x_1, 1 - x_1 / n_1)
    )
    bound = xlogy(x_0, q_0) + xlogy(n_0 - x_0, 1 - q_0) + xlogy(x_1, q_1) + xlogy(n_1 - x_1, 1 - q_1)
    sign = np.sign(x_1 - n_1 * q_1)
    return np.where((x_0 + x_1 > 0) & (x_0 + x_1 < n_0 + n_1), sign * np.sqrt(2 * np.maximum(free - bound, 0.0)), NO)


@pytest.mark.usefixtures("without_sizes")
@pytest.mark.parametrize(
    "case", [((0.40,), math.log1p(-0.02) / math.log1p(-0.40)), ((0.04,), 1.0)], ids=["zero cells", "rare"]
)
def test_tests_at_margins_reject_as_often_as_all_tables_say(case, tmp_path):
    risks_of_strata, ratio = case
    words = 'hypothesis = "HYPOTHESIS"\nmargin = MARGIN\nsides = 1\nalpha = 0.025'
    plans, exact = [], {}
    treated = -math.expm1(ratio * math.log1p(-risks_of_strata[0]))
    x, chance = events_that_can_happen((risks_of_strata[0], treated), 20)
    n = np.full((2, 1), 20)
    for name, (margin, function) in MARGINS.items():
        method, setting = name.split()
        both = method in ("risk_difference", "exact_odds_ratio", "risk_ratio_mn")
        for hypothesis in ("non-inferiority", "equivalence") if both else ("non-inferiority",):
            label = f"{name} {hypothesis}"
            more = words.replace("HYPOTHESIS", hypothesis).replace("MARGIN", repr(margin))
            plans.append(analysis(label, "death", method, setting, more))
            z = -function(x, n, margin)
            if hypothesis == "equivalence":
                other = 1 / margin if "ratio" in name or "odds" in name else -margin
                z = np.minimum(z, function(x, n, other))
            exact[label] = probability(z, chance, sides=1, alpha=0.025)
    check(
        jaksim.power(binary_trial(tmp_path, risks_of_strata, ratio, 40, plans), replicates=REPLICATES, seed=12), exact
    )


ORDINAL_CASES = {
    "one arm recovers": ((0.03, 0.04), (8.0, 0.05)),
    "one arm dies": ((0.12, 0.015), (0.3, 9.0)),
    "no effect": ((0.08, 0.05), (1.0, 1.0)),
}


@pytest.mark.usefixtures("without_sizes")
@pytest.mark.parametrize("case", ORDINAL_CASES)
def test_ordinal_methods_reject_as_often_as_all_tables_say(case, tmp_path):
    (recovery, death), ratios = ORDINAL_CASES[case]
    plans, exact = [], {}
    laws = status_law(recovery, death), status_law(ratios[0] * recovery, ratios[1] * death)
    counts, chance = counts_that_can_happen(laws, 6)
    likely = chance > 1e-7
    for name, settings in ORDINAL.items():
        for setting, function in settings.items():
            z = function(counts[likely])
            for sides, alpha in ((2, 0.05), (1, 0.025)):
                label = f"{name} {setting} {sides}"
                plans.append(analysis(label, "status", name, setting, f"sides = {sides}\nalpha = {alpha}"))
                exact[label] = probability(z, chance[likely], sides, alpha)
    check(
        jaksim.power(ordinal_trial(tmp_path, recovery, death, ratios, 12, plans), replicates=REPLICATES, seed=13), exact
    )


ALLOCATED = {
    "blocks of 4": ("permuted blocks", 4),
    "blocks of 6": ("permuted blocks", 6),
    "simple": ("simple", 4),
}


def averaged_power(function, risks_of_arms, patients, scheme, block):
    """Power over all arm sizes: hypergeometric in the last block, binomial where every patient has a coin."""
    if scheme == "simple":
        of_sizes = {k: binom.pmf(k, patients, 0.5) for k in range(1, patients)}
    else:
        rest = patients % block
        whole = (patients - rest) // 2
        of_sizes = {whole + k: hypergeom.pmf(k, block, block // 2, rest) for k in range(rest + 1)}
    total = 0.0
    for active, share in of_sizes.items():
        sizes = (patients - active, active)
        if share < 1e-9:
            continue
        first, second = np.indices((sizes[0] + 1, sizes[1] + 1)).reshape(2, -1)
        chance = binom.pmf(first, sizes[0], risks_of_arms[0]) * binom.pmf(second, sizes[1], risks_of_arms[1])
        x = np.stack([first, second], axis=1)[:, :, None].astype(float)
        total += share * probability(function(x, np.array(sizes)[:, None]), chance)
    return total


@pytest.mark.usefixtures("without_sizes")
@pytest.mark.parametrize("patients", [21, 22])
@pytest.mark.parametrize("how", ALLOCATED)
def test_arms_have_the_sizes_that_the_randomisation_gives(how, patients, tmp_path):
    """No multiple of the block: arms of 10 and 12 occur, where the tables are others than those of 11 and 11."""
    scheme, block = ALLOCATED[how]
    names = {f"{name} {key}": BINARY[name][key] for name, key in [*SIZED[:3], ("risk_difference", "test=pooled")]}
    plans = [analysis(name, "death", *name.split()) for name in names]
    path = binary_trial(tmp_path, (0.40,), math.log1p(-0.02) / math.log1p(-0.40), patients, plans)
    change = "randomisation.scheme=simple" if scheme == "simple" else f"randomisation.block_size={block}"
    exact = {name: averaged_power(function, (0.40, 0.02), patients, scheme, block) for name, function in names.items()}
    drawn = "population.stratum_sizes=drawn"
    result = jaksim.power(path, replicates=REPLICATES, seed=14, changes=[change, drawn])
    check(result, exact)
    assert not any(one.analytic_caution for one in result.analyses)


@pytest.mark.parametrize(("scheme", "patients"), [("biased coin", 20), ("minimisation", 21)])
def test_a_power_at_planned_sizes_says_so(scheme, patients, tmp_path):
    path = binary_trial(
        tmp_path, (0.40,), math.log1p(-0.02) / math.log1p(-0.40), patients, binary_analyses(["exact_odds_ratio"])
    )
    changes = [f"randomisation.scheme={scheme}", "population.stratum_sizes=drawn"]
    for one in jaksim.power(path, replicates=200, seed=15, changes=changes).analyses:
        assert "planned sizes" in one.analytic_caution
        assert not any(one.n_for_power.values())


SIZED = [
    ("exact_odds_ratio", "test=central"),
    ("risk_ratio", "test=score"),
    ("odds_ratio_mh", "test=cmh"),
    ("proportional_odds", "test=lrt"),
    ("win_ratio", "test=permutation"),
]


@pytest.mark.parametrize(("name", "setting"), SIZED)
def test_sizes_are_those_of_all_tables(name, setting, tmp_path):
    """40 against 2 % events: the fewest patients with a power of 80 % lie within the interval, and are the answer."""
    ratio = math.log1p(-0.02) / math.log1p(-0.40)
    powers = {}
    for size in range(10, 24):
        powers[2 * size] = averaged_power(BINARY[name][setting], (0.40, 0.02), 2 * size, "permuted blocks", 4)
    fewest = min(patients for patients, power in powers.items() if power >= 0.8)
    path = binary_trial(tmp_path, (0.40,), ratio, 40, [analysis("death", "death", name, setting)])
    found = jaksim.size(path, power=0.8, replicates=10_000, seed=5, changes=["population.stratum_sizes=drawn"])
    low, high = found.interval
    assert low <= fewest <= high
    assert found.analytic_n_patients == fewest
    assert abs(found.power - powers[found.n_patients]) < WORST_Z * math.sqrt(0.16 / found.replicates)


# Sizes, reports and assurances where estimates are missing

NEARLY_ALL = math.log1p(-0.02) / math.log1p(-0.40)


@pytest.mark.parametrize("test", ["central", "minlike", "mid_p"])
@pytest.mark.parametrize("ratio", [1.0, 0.9999, 1.2])
def test_an_effect_that_no_trial_shows_is_refused(test, ratio, tmp_path):
    path = binary_trial(tmp_path, (0.40,), ratio, 40, [analysis("death", "death", "exact_odds_ratio", f"test={test}")])
    with pytest.raises(InputError, match="more than 10,000,000 patients"):
        jaksim.size(path, power=0.8, replicates=500)


@pytest.mark.parametrize(("risk", "treated"), [(0.40, 0.02), (0.30, 0.01), (0.20, 0.02)])
def test_the_effect_is_the_true_one_where_replicates_have_none(risk, treated, tmp_path):
    ratio = math.log1p(-treated) / math.log1p(-risk)
    path = binary_trial(tmp_path, (risk,), ratio, 40, [analysis("death", "death", "exact_odds_ratio", "test=central")])
    result = jaksim.power(path, replicates=500)
    odds = treated / (1 - treated) * (1 - risk) / risk
    assert result.analyses[0].not_estimable
    text = " ".join(result.report().split())
    assert f"odds ratio {odds:.2f}" in text
    assert "that in a very large trial" in text


@pytest.mark.parametrize("value", [0.8214, 0.1, 1.0])
def test_equal_powers_have_no_error(value):
    powers = [value, value + 2e-16, value - 2e-16] * 7
    assert draws_error(powers, range(21)) == 0.0
    assert math.isnan(draws_gain(powers, range(21)))


def test_an_assurance_is_short_in_its_repr(tmp_path):
    path = binary_trial(
        tmp_path, (0.40,), NEARLY_ALL, 40, [analysis("death", "death", "exact_odds_ratio", "test=central")]
    )
    found = jaksim.assurance(path, draws=20, seed=3, between_trial_sd=0)
    assert "caution" not in repr(found)
    x, chance = events_that_can_happen((0.40, 0.02), 20)
    exact = probability(exact_z(x, np.full((2, 1), 20), "central"), chance)
    assert found.analyses[0].assurance == pytest.approx(exact, abs=1e-4)
    assert found.analyses[0].mc_se == 0.0
