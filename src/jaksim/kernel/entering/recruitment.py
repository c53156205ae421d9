"""Patients screened at the sites of a trial, and in which order those who pass are ready to be randomised.

Each patient has an address of her own, her site and her number at it, with one Philox block for her first screening and
one for a second: what happens at one site never changes what happens at another.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from jaksim.kernel.jit import inlined, inner, kernel
from jaksim.kernel.logarithm import exponential
from jaksim.kernel.philox import block

_ZERO = np.uint64(0)
_ONE = np.uint64(1)
_TO_UNIT = 2.0**-32
RANDOMISED = -1


class Sites(NamedTuple):
    """Where patients are screened.

    group, country int64 (J,) of each site; rate float64 (G,): patients a day at full speed; row int64 (G,): the row of
    `speed` for a site of the group that opened on day 0, followed by those of later days; speed float64 (R, T + 1):
    days at full speed that a site has worked by the start of day t. cap int64 (J,), country_cap int64 (C,): most
    patients randomised.
    """

    group: Any
    country: Any
    rate: Any
    row: Any
    speed: Any
    cap: Any
    country_cap: Any


class Screen(NamedTuple):
    """What screening finds: up_to float64 (K,): probabilities of failing for the first reasons; again bool (K,):
    whether who fails for it may be screened again; rescreened, passes_again: probabilities; delay, rescreen_delay
    float64 (D,): distribution functions of days."""

    up_to: Any
    again: Any
    rescreened: float
    passes_again: float
    delay: Any
    rescreen_delay: Any


@inlined
def day_of(word: Any, cdf: Any) -> int:
    """Whole days by a distribution function (D,) whose last value is 1."""
    return int(np.searchsorted(cdf, word * _TO_UNIT, side="right"))


@inner
def time_worked(speed: Any, worked: float) -> Any:
    """The time at which a site has worked so many days at full speed, infinite if it never has."""
    last = speed.shape[0] - 1
    if worked >= speed[last]:
        return np.inf
    day = np.searchsorted(speed, worked, side="right") - 1
    return day + (worked - speed[day]) / (speed[day + 1] - speed[day])


@inner
def screening_of(screen: Screen, site: int, number: int, replicate: Any, address: Any, k0: Any, k1: Any) -> Any:
    """Words of a patient's first block: her wait since the patient before; outcome, RANDOMISED or the reason of her
    failure; days from her screening to randomisation; whether she came twice."""
    cell = address | np.uint64(site)
    who = np.uint64(number)
    w0, w1, w2, w3 = block(_ZERO, who, replicate, cell, k0, k1)
    outcome = np.int64(np.searchsorted(screen.up_to, w1 * _TO_UNIT, side="right"))
    if outcome == screen.up_to.shape[0]:
        return w0, RANDOMISED, day_of(w2, screen.delay), False
    if not (screen.again[outcome] and w3 * _TO_UNIT < screen.rescreened):
        return w0, outcome, 0, False
    v0, v1, v2, _ = block(_ONE, who, replicate, cell, k0, k1)
    wait = day_of(v0, screen.rescreen_delay)
    if v1 * _TO_UNIT < screen.passes_again:
        return w0, RANDOMISED, wait + day_of(v2, screen.delay), True
    return w0, outcome, wait, True


@kernel
def screened(
    sites: Sites,
    screen: Screen,
    opened: Any,
    factor: Any,
    until: Any,
    address: Any,
    first_replicate: int,
    k0: Any,
    k1: Any,
    time: Any,
    ready: Any,
    site: Any,
    number: Any,
    outcome: Any,
    twice: Any,
    n: Any,
) -> None:
    """Patients of each replicate b who are screened before until[b], site by site, into rows of the arrays (B, M).

    opened int64 (B, J), factor float64 (B, J) of each site's rate. time, ready float64: first screening, and when what
    became of it is known; site, number int32; outcome int16; twice bool. n int64 (B,) are all of them, even where there
    is no room for the last.
    """
    room = time.shape[1]
    for b in range(opened.shape[0]):
        replicate = np.uint64(first_replicate + b)
        m = 0
        for j in range(opened.shape[1]):
            g = sites.group[j]
            speed = sites.speed[sites.row[g] + opened[b, j]]
            rate = sites.rate[g] * factor[b, j]
            worked = 0.0
            i = 0
            while rate > 0.0:
                word, found, days, again = screening_of(screen, j, i, replicate, address, k0, k1)
                worked += exponential(np.uint32(word)) / rate
                at = time_worked(speed, worked)
                if at >= until[b]:
                    break
                if m < room:
                    time[b, m] = at
                    ready[b, m] = at + days
                    site[b, m] = j
                    number[b, m] = i
                    outcome[b, m] = found
                    twice[b, m] = again
                m += 1
                i += 1
        n[b] = m


@kernel
def line_up(
    sites: Sites,
    ready: Any,
    site: Any,
    outcome: Any,
    n: Any,
    until: Any,
    closed: Any,
    order: Any,
    lined_up: Any,
) -> None:
    """Those who pass in the order in which they can be randomised, order int32 (B, N) into the rows of the patients;
    lined_up int64 (B,) of them. Who is ready after until[b], or comes to a site or country that has reached its cap, is
    not one of them; closed float64 (B, J): when a site took its last."""
    most = order.shape[1]
    at_site = np.empty(sites.group.shape[0], np.int64)
    in_country = np.empty(sites.country_cap.shape[0], np.int64)
    for b in range(n.shape[0]):
        at_site[:] = 0
        in_country[:] = 0
        passing = np.flatnonzero(outcome[b, : n[b]] == RANDOMISED)
        sequence = passing[np.argsort(ready[b][passing], kind="mergesort")]
        m = 0
        for i in sequence:
            if m == most or ready[b, i] > until[b]:
                break
            j = site[b, i]
            c = sites.country[j]
            if at_site[j] >= sites.cap[j] or in_country[c] >= sites.country_cap[c]:
                continue
            at_site[j] += 1
            in_country[c] += 1
            order[b, m] = i
            m += 1
            if at_site[j] == sites.cap[j]:
                closed[b, j] = ready[b, i]
            if in_country[c] == sites.country_cap[c]:
                for other in range(sites.group.shape[0]):
                    if sites.country[other] == c:
                        closed[b, other] = min(closed[b, other], ready[b, i])
        lined_up[b] = m
