"""The answer of `jaksim plan`: one design, or a table of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from jaksim.plan.question import Beside, Formula, Table
from jaksim.plan.rule import Rule
from jaksim.result import Result

MOST_BESIDE: Final = 50
"""Tables of more designs do without powers by other means, which take longer than the formula."""


@dataclass(frozen=True)
class PlannedDesign:
    """One design: what was asked with, what was solved for, and what is known of it besides.

    `size` is in whole patients (or events) where it was solved for, `exact_size` what the formula gives, and
    `exact_facts` are the facts of a trial of just that size.
    """

    given: Mapping[str, Any]
    power: float
    size: float
    exact_size: float | None
    active: float | None
    reference: float | None
    effect: float
    rule: Rule
    allocation: str
    facts: Mapping[str, Any]
    beside: tuple[Beside, ...] = ()
    simulated: Beside | None = None
    tables: tuple[Table, ...] = ()
    exact_facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class Plan(Result):
    """Designs that answer one question; `solved` is what was left out, `lists` are the options that are lists.

    Where a list changes the formula, `formula` is that of the first design and `other_formulas` are the rest.
    """

    kind: str
    about: str
    solved: str
    size_name: str
    effect_name: str
    lists: tuple[str, ...]
    formula: Formula
    designs: tuple[PlannedDesign, ...]
    written: str | None = None
    other_formulas: tuple[Formula, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """What this is an answer to."""
        return f"{self.solved.replace('_', ' ').capitalize()}: {self.about}"

    def rows(self) -> Sequence[Mapping[str, Any]]:
        """One row for each design."""
        return [self._row(design) for design in self.designs]

    def short_rows(self) -> Sequence[Mapping[str, Any]]:
        """The lists, and what was solved for."""
        names = dict.fromkeys((*self.lists, self.size_name, self.effect_name, "power"))
        return [{name: row.get(name) for name in names} for row in self.rows()]

    def contents(self) -> Mapping[str, Any]:
        """Everything, each design with its names in front."""
        whole = {name: getattr(self, name) for name in ("kind", "about", "solved", "size_name", "effect_name", "lists")}
        designs = [
            {**row, "beside": [asdict(one) for one in design.beside], "tables": [asdict(one) for one in design.tables]}
            | ({"by_formula": dict(design.exact_facts)} if design.exact_facts else {})
            for row, design in zip(self.rows(), self.designs, strict=True)
        ]
        return {
            **whole,
            "formula": asdict(self.formula),
            "other_formulas": [asdict(one) for one in self.other_formulas],
            "designs": designs,
            "written": self.written,
            "provenance": dict(self.provenance),
        }

    def _row(self, design: PlannedDesign) -> dict[str, Any]:
        row: dict[str, Any] = {name: design.given[name] for name in self.lists}
        row |= {
            "power_wanted": design.given.get("power"),
            "power": design.power,
            self.size_name: design.size,
            f"{self.size_name}_by_formula": design.exact_size,
        }
        row |= {"active": design.active, "reference": design.reference, self.effect_name: design.effect}
        row |= {"hypothesis": design.rule.hypothesis, "margin": design.rule.margin, "alpha": design.rule.alpha}
        row |= {"sides": design.rule.sides, "allocation": design.allocation, **design.facts}
        if design.simulated is not None:
            row |= {"simulated_power": design.simulated.power, "simulated_mc_se": design.simulated.mc_se}
        return row
