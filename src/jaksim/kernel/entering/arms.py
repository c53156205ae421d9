"""The arm of one patient: from a permuted block, by weight, or by a coin biased towards balance."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from jaksim.kernel.jit import inlined, inner

_HALF = np.uint64(32)
_TO_UNIT = 2.0**-32
_WORDS = 2.0**32


@inlined
def from_block(word: Any, full: Any, up_to: Any, group: int) -> Any:
    """Arm of the next place of a group's permuted block, opened anew when it is used up.

    full (A,): places in a whole block of the arms up to each; up_to (groups, A): those left. Every arm is looked at,
    since a branch that depends on the draw would often be mispredicted.
    """
    last = full.shape[0] - 1
    left = up_to[group, last]
    place = np.int64((np.uint64(word) * np.uint64(left)) >> _HALF)
    used_up = left == 1
    up_to[group, last] = full[last] if used_up else left - 1
    arm = last
    for a in range(last):
        places = up_to[group, a]
        taken = np.int64(place < places)
        up_to[group, a] = full[a] if used_up else places - taken
        arm -= taken
    return arm


@inlined
def by_weight(u: float, weight: Any) -> int:
    """Arm drawn with probability in proportion to its weight; looks at every arm, as `from_block` does."""
    total = 0.0
    arm = 0
    for a in range(weight.shape[0]):
        total += weight[a]
        arm = a if weight[a] > 0.0 else arm
    left = u * total
    open_ended = True
    for a in range(weight.shape[0]):
        here = open_ended & (weight[a] > 0.0) & (left < weight[a])
        arm = a if here else arm
        open_ended = open_ended & (not here)
        left -= weight[a]
    return arm


@inner
def words_by_weight(weight: Any, out: Any) -> None:
    """The smallest 32-bit word out[a], uint64 (A,), by which `by_weight` draws an arm beyond a; 2**32 where none does.

    Its answer grows with the word, so many patients need no more than comparisons; near each bound it is asked itself,
    since sums of weights are rounded otherwise than its differences.
    """
    total = weight.sum()
    up_to = 0.0
    for a in range(weight.shape[0]):
        up_to += weight[a]
        at = min(math.ceil(up_to / total * _WORDS), _WORDS)
        while at > 0.0 and by_weight((at - 1.0) * _TO_UNIT, weight) > a:
            at -= 1.0
        while at < _WORDS and by_weight(at * _TO_UNIT, weight) <= a:
            at += 1.0
        out[a] = np.uint64(at)


@inner
def by_balance(u: float, coin: float, weight: Any, count: Any, level: Any, s: int, score: Any) -> int:
    """Arm by biased coin: those whose levels of the factors lag behind their weights share the probability `coin`.

    Pocock and Simon's rule with the sum of the marginal counts as imbalance; Efron's for one factor and two arms. When
    all arms are level the weights alone decide. score (A,) is scratch.
    """
    lowest, highest = np.inf, -np.inf
    for a in range(weight.shape[0]):
        score[a] = np.inf
        if weight[a] > 0.0:
            score[a] = 0.0
            for f in range(level.shape[1]):
                score[a] += count[level[s, f], a] / weight[a]
            lowest = min(lowest, score[a])
            highest = max(highest, score[a])
    if highest <= lowest:
        return by_weight(u, weight)
    behind = 0.0
    rest = 0.0
    for a in range(weight.shape[0]):
        if score[a] == lowest:
            behind += weight[a]
        else:
            rest += weight[a]
    last = 0
    for a in range(weight.shape[0]):
        if weight[a] > 0.0:
            share = coin * weight[a] / behind if score[a] == lowest else (1.0 - coin) * weight[a] / rest
            last = a
            if u < share:
                return a
            u -= share
    return last
