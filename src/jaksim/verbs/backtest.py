"""The verb `backtest`: each published trial predicted from the others, and the predictions scored."""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

import numpy as np

from jaksim.calibration.backtest import Backtest, BacktestPlan, backtest_ids, load_backtest
from jaksim.calibration.backtest import backtest as predict_each
from jaksim.calibration.joint.selection import load_joint_selection
from jaksim.calibration.mechanistic.backtest import MechanisticBacktest, backtest_trials
from jaksim.calibration.mechanistic.trial import ScoredNumber
from jaksim.checks import named
from jaksim.design.sums.precision import check_seed
from jaksim.model.parameter_set import load_parameter_set
from jaksim.result import Result
from jaksim.verbs.options.backtest import BacktestOptions
from jaksim.verbs.options.base import takes
from jaksim.version import __version__

EVERY = "all"
"""The name that asks for every outcome that ships."""
UNSAID = BacktestOptions()
"""Options of which nothing was said."""
FIRST = "mortality"
"""The outcome where none is named."""
POOLED = "pooled"
"""The parameter set that holds what each trial told of its effects."""


@dataclass(frozen=True, repr=False)
class BacktestResult(Result):
    """The prediction of each published trial from the others alone, and the scores of the predictions."""

    name: str
    plan: BacktestPlan
    found: Backtest
    earlier: bool = False
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
            "earlier": self.earlier,
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
        """All predictions with their outcomes, coverage over all, scores of each, and each outcome by name."""
        outcomes = {outcome.name: outcome.contents() for outcome in self.outcomes}
        return {
            "trial_outcomes": self.trial_outcomes,
            "trials": [{"outcome": name, **trial} for name, found in outcomes.items() for trial in found["trials"]],
            "coverage": self.coverage,
            "log_score": {outcome.name: outcome.found.log_score for outcome in self.outcomes},
            "outcomes": outcomes,
            "provenance": self.provenance,
        }


@dataclass(frozen=True, repr=False)
class MechanisticResult(Result):
    """Every figure of each trial predicted by the disease model, and the backtest of the outcome that was asked for.

    `statistical` is None where no outcome was named.
    """

    statistical: BacktestResult | BacktestedOutcomes | None
    found: MechanisticBacktest
    selection: str
    parameter_set: Mapping[str, str]
    draws: int
    replicates: int
    seed: int
    elapsed_seconds: float
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Trials, figures and coverage."""
        overall = self.found.overall
        shares = ", ".join(f"{level} %: {share:.2f}" for level, share in overall.coverage.items())
        return f"{len(self.found.studies)} trials predicted, {overall.figures} figures, coverage {shares}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per published number."""
        return [_number_row(number) for study in self.found.studies for number in study.numbers]

    def short_rows(self) -> list[dict[str, Any]]:
        """Study, figure, reported and predicted."""
        return [{key: row[key] for key in ("study", "id", "reported", "predicted")} for row in self.rows()]

    def contents(self) -> dict[str, Any]:
        """The mechanistic backtest and the statistical one, each under its name."""
        both = self.found.against_statistical
        return {
            "mechanistic": {
                "overall": asdict(self.found.overall),
                "by_study": [asdict(study) for study in self.found.by_study],
                "by_kind": [asdict(kind) for kind in self.found.by_kind],
                "predicted_by_both": None if both is None else asdict(both),
                "missed": [_number_row(number) for number in self.found.missed],
                "numbers": self.rows(),
                "fitted": {study.study: list(study.fitted_records) for study in self.found.studies},
                "titles": {study.study: study.title for study in self.found.studies},
                "skipped": dict(self.found.skipped),
                "selection": self.selection,
                "parameter_set": dict(self.parameter_set),
                "draws": self.draws,
                "replicates": self.replicates,
                "seed": self.seed,
                "elapsed_seconds": self.elapsed_seconds,
            },
            "statistical": None if self.statistical is None else self.statistical.contents(),
            "provenance": self.provenance,
        }


def _number_row(number: ScoredNumber) -> dict[str, Any]:
    row = asdict(number)
    placed = row.pop("placed")
    row["predicted"] = placed["median"]
    for level, (low, high) in placed["intervals"].items():
        row[f"low_{level}"], row[f"high_{level}"] = low, high
    row["tail"] = number.placed.tail
    row.update({f"log_score of {name}": score for name, score in row.pop("log_scores").items()})
    return row


@takes(BacktestOptions)
def backtest(
    plan: str | PathLike[str] | BacktestPlan | None = None, options: BacktestOptions = UNSAID
) -> BacktestResult | BacktestedOutcomes | MechanisticResult:
    """Predict each published trial's headline effect from the other trials alone, and score the predictions.

    `plan` is a backtest that comes with jaksim by name, "all" for every one of them, an own file by path, or one that
    has been read; without one it is that of mortality. With `earlier` each is predicted from those published before it
    alone. With `mechanistic` the disease model predicts every figure of each trial: its natural history is fitted to
    the control arm alone, its effects come from the other trials; the statistical backtest is made beside it where
    `plan` names one.
    """
    options.check_used()
    if options.mechanistic:
        return _mechanistic(None if plan is None else _statistical(plan, options.earlier), options)
    return _statistical(FIRST if plan is None else plan, options.earlier)


def _statistical(plan: str | PathLike[str] | BacktestPlan, earlier: bool) -> BacktestResult | BacktestedOutcomes:
    return _every(earlier) if plan == EVERY else _scored(plan, earlier)


def _mechanistic(
    statistical: BacktestResult | BacktestedOutcomes | None, options: BacktestOptions
) -> MechanisticResult:
    started = time.perf_counter()
    check_seed(options.seed)
    selection, pooled = load_joint_selection(), load_parameter_set(POOLED)
    assert pooled.pooling is not None
    found = backtest_trials(
        selection.trials,
        pooled.pooling.trials,
        priors=pooled.pooling.priors,
        plans=[load_backtest(name) for name in backtest_ids()],
        only=tuple(options.studies),
        draws=options.draws,
        replicates=options.replicates,
        seed=options.seed,
        earlier=options.earlier,
        advance=options.progress,
    )
    asked = f"jaksim backtest{_flag(options.earlier)}" if statistical is None else statistical.provenance.get("command")
    trials = "".join(f" --study {shlex.quote(study)}" for study in options.studies)
    numbers = f"--draws {options.draws} --replicates {options.replicates} --seed {options.seed}"
    recreate = {} if asked is None else {"command": f"{asked} --mechanistic{trials} {numbers}"}
    return MechanisticResult(
        statistical=statistical,
        found=found,
        selection=selection.name,
        parameter_set={"name": pooled.name, "hash": pooled.hash},
        draws=options.draws,
        replicates=options.replicates,
        seed=options.seed,
        elapsed_seconds=round(time.perf_counter() - started, 3),
        provenance={"version": __version__, **recreate},
    )


def _every(earlier: bool) -> BacktestedOutcomes:
    found = tuple(_scored(name, earlier) for name in backtest_ids())
    return BacktestedOutcomes(found, {"version": __version__, "command": f"jaksim backtest {EVERY}{_flag(earlier)}"})


def _scored(plan: str | PathLike[str] | BacktestPlan, earlier: bool) -> BacktestResult:
    loaded = plan if isinstance(plan, BacktestPlan) else load_backtest(named(plan, "plan"))
    name = loaded.title if isinstance(plan, BacktestPlan) else named(plan, "plan")
    found = predict_each(loaded.trials, loaded.published, loaded.spread, earlier=earlier)
    command = f"jaksim backtest {shlex.quote(name)}{_flag(earlier)}"
    recreate = {} if isinstance(plan, BacktestPlan) else {"command": command}
    return BacktestResult(name, loaded, found, earlier, {"version": __version__, **recreate})


def _flag(earlier: bool) -> str:
    return " --earlier" if earlier else ""
