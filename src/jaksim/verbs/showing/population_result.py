"""The answer of `show_population`: the law of what patients bring along, before and after exclusions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.result import Result, plain_values


@dataclass(frozen=True)
class ShownCriterion:
    """A criterion of eligibility and the shares of patients screened that it excludes.

    `alone` if it were the only one, `in_turn` of all screened after those before it; `left` are those who are left.
    """

    name: str
    words: str
    alone: float
    in_turn: float
    left: float
    fact: str = ""
    statement: str = ""


@dataclass(frozen=True)
class ShownLaw:
    """A characteristic in a stratum, or in all together, of those screened or of those let in.

    `shares` are those of its values where there are few.
    """

    characteristic: str
    unit: str
    stratum: str
    of: str
    mean: float
    sd: float
    low: float
    median: float
    high: float
    shares: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class ShownStratum:
    """A stratum: its share of those let in, as the scenario gives it, and of those screened; how many are let in."""

    name: str
    of_let_in: float
    of_screened: float
    let_in: float


@dataclass(frozen=True)
class ShownCorrelation:
    """The rank correlation of two characteristics in the whole population: of those screened and those let in."""

    pair: tuple[str, str]
    screened: float
    let_in: float


@dataclass(frozen=True, repr=False)
class ShownPopulation(Result):
    """What patients bring along, and what each criterion of eligibility does to them.

    `let_in` is the share of those screened that all criteria let in, and `error` the largest standard error of a share.
    """

    scenario: str
    title: str
    patients: int
    let_in: float
    error: float
    criteria: tuple[ShownCriterion, ...]
    strata: tuple[ShownStratum, ...]
    laws: tuple[ShownLaw, ...]
    correlations: tuple[ShownCorrelation, ...]
    nodes: int | None = None
    quadrature_error: float | None = None
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trial, characteristics and how many are let in."""
        names = dict.fromkeys(one.characteristic for one in self.laws)
        return f"patients of {self.title!r}: {', '.join(names)}; {100.0 * self.let_in:.1f} % of those screened let in"

    def rows(self) -> list[dict[str, Any]]:
        """One row for each characteristic, stratum and those screened or let in."""
        return [
            {
                "characteristic": one.characteristic,
                "unit": one.unit,
                "stratum": one.stratum,
                "of": one.of,
                "mean": one.mean,
                "sd": one.sd,
                "low": one.low,
                "median": one.median,
                "high": one.high,
            }
            for one in self.laws
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Each criterion with the shares that it excludes."""
        return [
            {"criterion": one.name, "alone": one.alone, "in_turn": one.in_turn, "left": one.left}
            for one in self.criteria
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return plain_values(self)
