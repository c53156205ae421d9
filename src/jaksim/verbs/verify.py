"""The verb `verify`: worked results of other software, run by the installed tool."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.checks import text
from jaksim.result import Result
from jaksim.verification.case import choose, load_cases
from jaksim.verification.check import FAIL, NOT_COVERED, PASS, Outcome, check
from jaksim.version import __version__


@dataclass(frozen=True, repr=False)
class Verification(Result):
    """Every case with its source, what was expected and what came out; `named` are the cases asked for by name."""

    outcomes: tuple[Outcome, ...]
    named: tuple[str, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether a case that is covered does not agree."""
        return any(outcome.result == FAIL for outcome in self.outcomes)

    @property
    def counts(self) -> dict[str, int]:
        """Cases in all, and by result."""
        found = Counter(outcome.result for outcome in self.outcomes)
        return {"total": len(self.outcomes), **{name: found[name] for name in (PASS, FAIL, NOT_COVERED)}}

    def headline(self) -> str:
        """How many cases agree."""
        return f"verification: {', '.join(f'{name} {n}' for name, n in self.counts.items())}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per number compared."""
        return [
            {"id": outcome.case.id, "result": outcome.result, **vars(comparison)}
            for outcome in self.outcomes
            for comparison in outcome.comparisons
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """The cases that fail."""
        return [
            {"id": outcome.case.id, "result": outcome.result} for outcome in self.outcomes if outcome.result == FAIL
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name, with the counts of each result."""
        return {
            "version": __version__,
            "cases": [
                {
                    "id": outcome.case.id,
                    "kind": outcome.case.kind,
                    "source": outcome.case.citation,
                    "result": outcome.result,
                    "reason": outcome.reason,
                    "comparisons": [vars(comparison) for comparison in outcome.comparisons],
                    "not_compared": list(outcome.not_compared),
                }
                for outcome in self.outcomes
            ],
            "counts": self.counts,
            "provenance": dict(self.provenance),
        }


def verify(*names: str, progress: Callable[[int], None] | None = None) -> Verification:
    """Run worked results of other software and papers, and compare: cases by id or kind, all when none is named.

    `progress` is told of every case. Raises `InputError` for a name that is neither.
    """
    outcomes = []
    for case in choose(load_cases(), [text(name, "names") for name in names]):
        outcomes.append(check(case))
        if progress is not None:
            progress(1)
    command = " ".join(["jaksim verify", *names])
    return Verification(tuple(outcomes), names, {"version": __version__, "command": command})
