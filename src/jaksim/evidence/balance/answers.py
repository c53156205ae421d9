"""What is asked of benefit and risk: numbers needed, net benefit, and the weights at which it turns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

from jaksim.checks import named
from jaksim.evidence.balance.net_benefit import NetBenefit, break_even, net_benefit
from jaksim.evidence.balance.question_file import BalanceQuestion, balance_ids, load_balance
from jaksim.result import Result, plain
from jaksim.version import __version__


@dataclass(frozen=True, repr=False)
class Balance(Result):
    """Outcomes with the patients needed for one of each, and their weighted sum."""

    question: BalanceQuestion
    net: NetBenefit
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"version": __version__})

    def headline(self) -> str:
        """The net benefit per 100 patients."""
        low, high = self.net.interval
        return f"{self.question.title}: {100 * self.net.estimate:.1f} ({100 * low:.1f} to {100 * high:.1f}) per 100"

    def rows(self) -> list[dict[str, Any]]:
        """One row per outcome."""
        return [plain(self._row(place)) for place in range(len(self.question.outcomes))]

    def short_rows(self) -> list[dict[str, Any]]:
        """Outcome and number needed."""
        return [
            {"outcome": row["outcome"], "number_needed": row["number_needed"], "for": row["number_needed_for"]}
            for row in self.rows()
        ][:4]

    def contents(self) -> dict[str, Any]:
        """Everything by name; risks and benefits as shares of the patients."""
        question, net = self.question, self.net
        return {
            "question": question.id,
            "title": question.title,
            "treated": question.treated,
            "control": question.control,
            "note": question.note,
            "outcomes": self.rows(),
            "net_benefit": {
                **asdict(net),
                "interval": list(net.interval),
                "widest_interval": list(net.widest_interval),
                "over_weights": list(net.over_weights),
            },
            "citations": {name: asdict(citation) for name, citation in question.citations.items()},
            "provenance": dict(self.provenance),
        }

    def _row(self, place: int) -> dict[str, Any]:
        one = self.question.outcomes[place]
        needed, turn = one.needed, break_even(self.question.outcomes, place)
        return {
            "outcome": one.name,
            "desirable": one.desirable,
            "treated_risk": None if one.risks is None else one.risks[0],
            "control_risk": None if one.risks is None else one.risks[1],
            "difference": one.difference.estimate,
            "interval": list(one.difference.interval),
            "number_needed": needed.number,
            "number_needed_for": "benefit" if needed.of_benefit else "harm",
            "number_needed_interval": None if needed.interval is None else list(needed.interval),
            "number_needed_to_benefit_from": needed.to_benefit,
            "number_needed_to_harm_from": needed.to_harm,
            "weight": one.weight,
            "weights": list(one.weights),
            "why": one.why,
            "contribution": one.weight * one.benefit.estimate,
            "break_even_weight": math.nan if turn is None else turn,
            "records": list(one.records),
        }


@dataclass(frozen=True, repr=False)
class BalanceQuestions(Result):
    """The questions about benefit and risk that ship with jaksim."""

    questions: tuple[BalanceQuestion, ...]
    provenance: Mapping[str, Any] = field(default_factory=lambda: {"version": __version__})

    def headline(self) -> str:
        """How many."""
        return f"{len(self.questions)} questions about benefit and risk"

    def rows(self) -> list[dict[str, Any]]:
        """One row per question."""
        return [{"question": one.id, "title": one.title, "outcomes": len(one.outcomes)} for one in self.questions]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        return {"questions": self.rows(), "provenance": dict(self.provenance)}


def balance_questions() -> BalanceQuestions:
    """The questions that `balance` knows by name."""
    return BalanceQuestions(tuple(load_balance(name) for name in balance_ids()))


def balance(question: str | PathLike[str] = "actt-2") -> Balance:
    """Benefit and risk with stated weights. `question` is one that `balance_questions` lists, or a file."""
    asked = load_balance(named(question, "question"))
    return Balance(asked, net_benefit(asked.outcomes), {"version": __version__, "question": asked.id})
