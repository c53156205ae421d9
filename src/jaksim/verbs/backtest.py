"""The verb `backtest`: each published trial predicted from the others, and the predictions scored."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from jaksim.calibration.backtest import Backtest, BacktestPlan, backtest_ids, load_backtest
from jaksim.calibration.backtest import backtest as predict_each
from jaksim.checks import named
from jaksim.result import Result
from jaksim.version import __version__

EVERY = "all"
"""The name that asks for every outcome that ships."""


@dataclass(frozen=True, repr=False)
class BacktestResult(Result):
    """The prediction of each published trial from the others alone, and the scores of the predictions."""

    name: str
    plan: BacktestPlan
    found: Backtest
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trials, coverage and score."""
        shares = ", ".join(f"{level} %: {share:.2f}" for level, share in self.found.coverage.items())
        return f"backtest {self.name!r}: {len(self.found.trials)} trials, coverage {shares}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per trial."""
        rows = []
        for trial in self.found.trials:
            row = asdict(trial)
            for level, (low, high) in row.pop("intervals").items():
                row[f"low_{level}"], row[f"high_{level}"] = low, high
            row.update({f"log_score of {name}": score for name, score in row.pop("baseline_log_scores").items()})
            rows.append(row)
        return rows

    def short_rows(self) -> list[dict[str, Any]]:
        """Study, reported and predicted."""
        return [
            {"study": trial.study, "reported": trial.reported, "predicted": trial.mean} for trial in self.found.trials
        ]

    def contents(self) -> dict[str, Any]:
        """Predictions, coverage, scores, and what the backtest is."""
        return {
            "backtest": self.name,
            "title": self.plan.title,
            "headline": self.plan.headline,
            "spread": asdict(self.plan.spread),
            **asdict(self.found),
            "version": self.provenance["version"],
            "provenance": self.provenance,
        }


@dataclass(frozen=True, repr=False)
class BacktestedOutcomes(Result):
    """The backtests of every outcome that ships, and the coverage over all of them."""

    outcomes: tuple[BacktestResult, ...]
    provenance: Mapping[str, Any] = field(default_factory=dict)

    @property
    def coverage(self) -> dict[str, float]:
        """Share of all trial-outcomes inside their intervals, by level."""
        counts = [len(outcome.found.trials) for outcome in self.outcomes]
        levels = self.outcomes[0].found.coverage
        return {
            level: float(np.average([outcome.found.coverage[level] for outcome in self.outcomes], weights=counts))
            for level in levels
        }

    @property
    def trial_outcomes(self) -> int:
        """Predictions of all outcomes together."""
        return sum(len(outcome.found.trials) for outcome in self.outcomes)

    def headline(self) -> str:
        """Outcomes, predictions and coverage."""
        shares = ", ".join(f"{level} %: {share:.2f}" for level, share in self.coverage.items())
        return f"{len(self.outcomes)} backtests, {self.trial_outcomes} trial-outcomes, coverage {shares}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per outcome and trial."""
        return [{"outcome": outcome.name, **row} for outcome in self.outcomes for row in outcome.rows()]

    def short_rows(self) -> list[dict[str, Any]]:
        """Outcome and number of trials."""
        return [{"outcome": outcome.name, "trials": len(outcome.found.trials)} for outcome in self.outcomes]

    def contents(self) -> dict[str, Any]:
        """Each outcome by name, and the coverage over all."""
        return {
            "trial_outcomes": self.trial_outcomes,
            "coverage": self.coverage,
            "outcomes": {outcome.name: outcome.contents() for outcome in self.outcomes},
            "provenance": self.provenance,
        }


def backtest(plan: str | PathLike[str] | BacktestPlan = "mortality") -> BacktestResult | BacktestedOutcomes:
    """Predict each published trial's headline effect from the other trials alone, and score the predictions.

    `plan` is a backtest that comes with jaksim by name, "all" for every one of them, an own file by path, or one that
    has been read.
    """
    if plan == EVERY:
        found = tuple(_scored(name) for name in backtest_ids())
        return BacktestedOutcomes(found, {"version": __version__, "command": f"jaksim backtest {EVERY}"})
    return _scored(plan)


def _scored(plan: str | PathLike[str] | BacktestPlan) -> BacktestResult:
    loaded = plan if isinstance(plan, BacktestPlan) else load_backtest(named(plan, "plan"))
    name = loaded.title if isinstance(plan, BacktestPlan) else named(plan, "plan")
    found = predict_each(loaded.trials, loaded.published, loaded.spread)
    recreate = {} if isinstance(plan, BacktestPlan) else {"command": f"jaksim backtest {shlex.quote(name)}"}
    return BacktestResult(name, loaded, found, {"version": __version__, **recreate})
