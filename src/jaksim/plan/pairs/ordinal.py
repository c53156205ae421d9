"""Wins of ordered categories, from the distribution of each arm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.errors import InputError
from jaksim.formulas.ordinal_laws import shifted
from jaksim.formulas.win_law import WinLaw, null_sd, ordinal_win_law
from jaksim.plan.pairs.stated import NET, told
from jaksim.plan.question import Formula, Question, Table
from jaksim.plan.rule import Rule
from jaksim.plan.scenario_text import Categories, rule_keys, scenario_text
from jaksim.plan.statistic import Statistic
from jaksim.root import root

WALD: Final = "wald"
PERMUTATION: Final = "permutation"
TESTS: Final = (WALD, PERMUTATION)
_MOST_SHOWN: Final = 30
_FARTHEST: Final = 30.0
_ONE: Final = np.ones(1)


@dataclass(frozen=True)
class OrdinalWins(Question):
    """Probabilities (K,) of the categories, the best first; `active` None where they follow from the measure."""

    control: Floats
    active: Floats | None
    test: str

    @property
    def one_effect(self) -> bool:
        """With the distribution of the active arm the effect is that one."""
        return self.active is not None

    def formula(self) -> Formula:
        """The law of U-statistics."""
        return FORMULAS[self.test]

    def statistic(self, effect: float, size: float, null: float) -> Statistic:
        """The Wald test of the measure, or the test with the variance without effect."""
        law, share = self.law(effect), self.allocation.active_share
        name = self.scale.name
        if self.test == PERMUTATION:
            sd = null_sd(self.control, self.distribution(effect), share)
            return Statistic(law.net / sd * math.sqrt(size), law.sd(NET, share) / sd)
        distance = law.net - null if name == NET else math.log(law.value(name) / null)
        return Statistic(distance / law.sd(name, share) * math.sqrt(size))

    def law(self, effect: float) -> WinLaw:
        """Wins and losses under an effect."""
        return ordinal_win_law(self.control, self.distribution(effect))

    def distribution(self, effect: float) -> Floats:
        """Probabilities in the active arm: as given, or by proportional odds that give the measure."""
        if self.active is not None:
            return self.active
        name = self.scale.name

        def distance(log_odds_ratio: float) -> float:
            value = ordinal_win_law(self.control, shifted(self.control, math.exp(log_odds_ratio))).value(name)
            return value - effect if name == NET else math.log(value / effect)

        if not distance(-_FARTHEST) < 0.0 < distance(_FARTHEST):
            most = ordinal_win_law(self.control, shifted(self.control, math.exp(_FARTHEST))).value(name)
            allowed = f"below {most:.4g} with this reference distribution"
            raise InputError("no proportional odds give this effect", where=f"‹{name}›", allowed=allowed, got=effect)
        return shifted(self.control, math.exp(root(distance, -_FARTHEST, _FARTHEST)))

    def facts(self, effect: float, size: float, rule: Rule) -> Mapping[str, Any]:
        """Wins, losses, ties and the other measures."""
        law = self.law(effect)
        return {"win_probability": 0.5 * (1.0 + law.net), **told(law, self.scale.name)}

    def tables(self, effect: float, size: float, rule: Rule) -> Sequence[Table]:
        """The distributions that the numbers rest on."""
        if len(self.control) > _MOST_SHOWN:
            return ()
        pairs = zip(self.control, self.distribution(effect), strict=True)
        rows = [
            (f"{k + 1}{' (best)' if k == 0 else ''}", float(other), float(one)) for k, (other, one) in enumerate(pairs)
        ]
        return (Table("Expected distribution", ("Category", "Reference", "Active"), tuple(rows)),)

    def scenario(self, effect: float, size: int, rule: Rule) -> str:
        """A scenario with exactly these distributions on its last day."""
        outcome = Categories(
            [f"category {k + 1}" for k in range(len(self.control))],
            self.control[None, :],
            self.distribution(effect)[None, :],
            _ONE,
        )
        return scenario_text(
            "Wins of ordered categories, written by jaksim plan",
            f"{self.formula().name}: {self.scale.words} {effect:.6g}.",
            outcome,
            {"kind": "score_on_day"},
            {"method": self.scale.name, "options": {"test": self.test}, **rule_keys(rule, self.scale)},
            size,
            self.allocation,
        )


FORMULAS: Final = {
    WALD: Formula(
        "Wald test of the win statistic with its variance under the effect",
        "Bebu and Lachin 2016, Biostatistics 17:178; Brunner, Vandemeulebroecke and Mütze 2021, Statistics in Medicine "
        "40:3367",
        (
            "The logarithm (of the net benefit the difference) is normal, which it is not with few patients.",
            "Where only the win statistic is given, the active arm follows from proportional odds.",
        ),
    ),
    PERMUTATION: Formula(
        "Finkelstein-Schoenfeld (Wilcoxon) test with its mean and variance under the effect",
        "Finkelstein and Schoenfeld 1999, Statistics in Medicine 18:1341; Lehmann 1975, Nonparametrics, section 2.3",
        (
            "The sum of wins is normal, which it is not with few patients.",
            "Where only the win statistic is given, the active arm follows from proportional odds.",
        ),
    ),
}
