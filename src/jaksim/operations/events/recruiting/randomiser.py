"""The arm of the next patient, in plain Python: `jaksim.kernel.entering.arms` one by one, with the same words."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Final

from jaksim.operations.events.draws import UNIT
from jaksim.trial import Trial

_HALF: Final = 32


class Randomiser:
    """Lists of permuted blocks, or balances, of every site and stratum of one replicate."""

    def __init__(self, trial: Trial, allocation: Sequence[int], by_site: bool) -> None:
        rule = trial.randomisation
        self.scheme, self.coin, self.by_site = rule.scheme, rule.coin, by_site
        self._weight = [float(one) for one in allocation]
        repeats = rule.block_size // sum(allocation) if rule.scheme == "permuted blocks" else 1
        self._block = [arm for arm, one in enumerate(allocation) for _ in range(one * repeats)]
        self._groups = rule.groups(trial.population)
        self._levels = [[int(level) for level in row] for row in rule.levels(trial.population)]
        self._left: dict[tuple[int, int], list[int]] = {}
        self._count: dict[tuple[int, int], list[float]] = {}

    def anew(self) -> Randomiser:
        """The same scheme with nobody randomised."""
        found = copy(self)
        found._left, found._count = {}, {}
        return found

    def arm(self, stratum: int, site: int, word: int) -> int:
        """The arm that a word gives the next patient of a stratum at a site."""
        if self.scheme == "permuted blocks":
            return self._from_block(word, (site if self.by_site else 0, self._groups[stratum]))
        if self.scheme == "simple":
            return self._by_weight(word * UNIT)
        counts = [self._of(level) for level in self._balanced(stratum, site)]
        found = self._by_balance(word * UNIT, counts)
        for count in counts:
            count[found] += 1.0
        return found

    def _from_block(self, word: int, where: tuple[int, int]) -> int:
        left = self._left.get(where)
        if not left:
            left = self._left[where] = self._block.copy()
        return left.pop((word * len(left)) >> _HALF)

    def _by_weight(self, u: float) -> int:
        left = u * sum(self._weight)
        for arm, weight in enumerate(self._weight):
            if left < weight:
                return arm
            left -= weight
        return len(self._weight) - 1

    def _balanced(self, stratum: int, site: int) -> list[tuple[int, int]]:
        """The levels of a patient's factors; by minimisation the site is one factor more, with a coin each site has
        balances of its own."""
        if not self.by_site:
            return [(0, level) for level in self._levels[stratum]]
        if self.scheme == "minimisation":
            return [*((0, level) for level in self._levels[stratum]), (1, site)]
        return [(site, level) for level in self._levels[stratum]]

    def _of(self, level: tuple[int, int]) -> list[float]:
        return self._count.setdefault(level, [0.0] * len(self._weight))

    def _by_balance(self, u: float, counts: Sequence[list[float]]) -> int:
        weight = self._weight
        score = []
        for a in range(len(weight)):
            total = 0.0
            for count in counts:
                total += count[a] / weight[a]
            score.append(total)
        lowest = min(score)
        if max(score) <= lowest:
            return self._by_weight(u)
        behind = sum(w for w, s in zip(weight, score, strict=True) if s == lowest)
        rest = sum(w for w, s in zip(weight, score, strict=True) if s != lowest)
        for a in range(len(weight)):
            share = self.coin * weight[a] / behind if score[a] == lowest else (1.0 - self.coin) * weight[a] / rest
            if u < share:
                return a
            u -= share
        return len(weight) - 1
