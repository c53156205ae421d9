"""Patients who come through sites, in the line of those who can be randomised: in which stratum, to which arm.

One Philox block for each, under her own site and number, so that what other sites do changes nothing of her.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.entering.arms import by_balance, by_weight, from_block
from jaksim.kernel.entering.enrolment import BLOCKS, COIN, MINIMISATION, Entry
from jaksim.kernel.jit import inner, kernel
from jaksim.kernel.philox import block
from jaksim.rng import SITE_BITS

_ZERO = np.uint64(0)
_SITE = np.uint64(SITE_BITS)
_TO_UNIT = 2.0**-32


class Line(NamedTuple):
    """Patients of each replicate b who can be randomised, in that order, count int64 (B,) of them in rows (B, M).

    day int32; site int32; number int32 at the site. share uint64 (R, J, S): cumulative weights of the strata at a site,
    in units of 2**-32, in each replicate or, where R is 1, in all; by_site bool: whether each site has its own lists of
    blocks and its own balance. country int64 (J,); cap int64 (J,), country_cap int64 (C,): most patients randomised at
    a site and in a country.
    """

    count: Any
    day: Any
    site: Any
    number: Any
    share: Any
    by_site: bool
    country: Any
    cap: Any
    country_cap: Any


@inner
def levels_of(entry: Entry, by_site: bool, stratum: Any, site: Any, out: Any) -> None:
    """Levels of a patient's balanced factors: by minimisation the site is one factor more, with a coin it has a balance
    of its own in each."""
    factors = entry.level.shape[1]
    within = site * entry.n_levels if by_site and entry.scheme != MINIMISATION else 0
    for f in range(factors):
        out[0, f] = within + entry.level[stratum, f]
    if out.shape[1] > factors:
        out[0, factors] = entry.n_levels + site


@inner
def take_place(full: Any, up_to: Any, group: int, arm: int) -> None:
    """Take a place of an arm in the block of a group, as `from_block` does that draws it."""
    last = full.shape[0] - 1
    used_up = up_to[group, last] == 1
    for a in range(full.shape[0]):
        up_to[group, a] = full[a] if used_up else up_to[group, a] - (a >= arm)


@kernel
def enrol_line(
    entry: Entry,
    line: Line,
    first: Any,
    last: Any,
    weight: Any,
    size: Any,
    is_open: Any,
    closed: Any,
    same_blocks: bool,
    address: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    enrolled: Any,
    position: Any,
    number: Any,
    day: Any,
    stratum: Any,
    arm: Any,
    word: Any,
    site: Any,
) -> None:
    """As `enrol`, for patients who come through sites: one Philox block for each, under her own site and number.

    Nobody is randomised from first[b] on until the end of day closed[b], nor at a site or in a country that has reached
    its cap: those who come then are turned away. With `same_blocks` the blocks of the patients before are gone on with,
    all of whom had the allocation `size`. enrolled int64 (B,) are the patients there are afterwards, fewer than last[b]
    where no more come. position float64 is the place in the line; number uint32 is the site in the upper 12 bits and
    her number at it in the lower 20.
    """
    n_arms = weight.shape[1]
    n_sites = line.share.shape[1] if line.by_site else 1
    full = np.empty(n_arms, np.int64)
    up_to = np.empty((n_sites * entry.n_groups, n_arms), np.int64)
    one_more = line.by_site and entry.scheme == MINIMISATION
    factors = entry.level.shape[1]
    count = np.zeros((n_sites * max(entry.n_levels, 1) + entry.n_levels, n_arms), np.float64)
    level = np.empty((1, factors + one_more), np.int64)
    score = np.empty(n_arms, np.float64)
    balanced = entry.scheme >= COIN
    at_site = np.empty(line.cap.shape[0], np.int64)
    in_country = np.empty(line.country_cap.shape[0], np.int64)
    for b in range(first.shape[0]):
        replicate = np.uint64(first_replicate + b)
        mix = b if line.share.shape[0] > 1 else 0
        i = first[b]
        at = np.int64(position[b, i - 1]) + 1 if i > 0 else 0
        while at < line.count[b] and line.day[b, at] <= closed[b]:
            at += 1
        full[:] = size[b].cumsum()
        up_to[:, :] = full
        count[:, :] = 0.0
        at_site[:] = 0
        in_country[:] = 0
        for p in range(i):
            at_site[site[b, p]] += 1
            in_country[line.country[site[b, p]]] += 1
        if entry.scheme == BLOCKS and same_blocks:
            for p in range(i):
                of_p: Any = np.int64(site[b, p]) if line.by_site else 0
                take_place(full, up_to, of_p * entry.n_groups + entry.group[stratum[b, p]], arm[b, p])
        if balanced:
            for p in range(i):
                levels_of(entry, line.by_site, stratum[b, p], np.int64(site[b, p]), level)
                for f in range(level.shape[1]):
                    count[level[0, f], arm[b, p]] += 1.0
        while i < last[b] and at < line.count[b]:
            j = np.int64(line.site[b, at])
            who = np.uint64(line.number[b, at])
            _, w1, w2, w3 = block(_ZERO, who, replicate, address | np.uint64(j), k0, k1)
            s = 0
            for k in range(line.share.shape[2] - 1):
                s += w1 >= line.share[mix, j, k]
            c = line.country[j]
            if is_open[b, s] and at_site[j] < line.cap[j] and in_country[c] < line.country_cap[c]:
                at_site[j] += 1
                in_country[c] += 1
                of: Any = j if line.by_site else 0
                if entry.scheme == BLOCKS:
                    arm[b, i] = from_block(np.uint32(w2), full, up_to, of * entry.n_groups + entry.group[s])
                elif balanced:
                    levels_of(entry, line.by_site, s, j, level)
                    a = by_balance(w2 * _TO_UNIT, entry.coin, weight[b], count, level, 0, score)
                    for f in range(level.shape[1]):
                        count[level[0, f], a] += 1.0
                    arm[b, i] = a
                else:
                    arm[b, i] = by_weight(w2 * _TO_UNIT, weight[b])
                position[b, i] = at
                number[b, i] = np.uint32((np.uint64(j) << _SITE) | who)
                day[b, i] = line.day[b, at]
                stratum[b, i] = s
                word[b, i] = np.uint32(w3)
                site[b, i] = j
                i += 1
            at += 1
        enrolled[b] = i
