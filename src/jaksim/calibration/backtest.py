"""Predicting each trial's headline effect from the other trials alone, and scoring the predictions.

Log ratios of trials share a mean, a deviation of their class, one of their agent and one of their own:

    y_i ~ N(mu + class + agent + trial, s_i^2),

with a normal prior on mu and half-normal priors on the three standard deviations, which are integrated over a grid.
Given the standard deviations all is normal, so that the prediction of a left-out trial is a mixture of conditional
normals. Its own standard error s_i counts as known, because it follows from the trial's size.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from os.path import exists
from pathlib import Path
from typing import Final

import numpy as np

from jaksim.calibration.left_out import Spread, each_from_earlier, each_from_others
from jaksim.checks import items, table, text
from jaksim.datafile import check_keys, parse_toml, read_text
from jaksim.errors import InputError
from jaksim.evidence.catalogue import load_study
from jaksim.evidence.synthesis.posterior import NormalMixture
from jaksim.evidence.synthesis.selection_file import load_selection
from jaksim.evidence.synthesis.trial_evidence import TrialEvidence, gather
from jaksim.named_file import beside
from jaksim.ratio import check_log_sd

LEVELS: Final = (0.5, 0.8, 0.95)
FEWEST_TRIALS: Final = 4
READ_FIRST: Final = ("mortality", "discharge", "ventilation-or-death", "clinical-status")


@dataclass(frozen=True)
class BacktestedTrial:
    """The prediction of one trial from all others; estimates are log ratios, `pit` is the predicted chance of less."""

    study: str
    treatment_class: str
    agent: str
    reported: float
    standard_error: float
    mean: float
    sd: float
    intervals: dict[str, tuple[float, float]]
    pit: float
    log_score: float
    baseline_log_scores: dict[str, float]


@dataclass(frozen=True)
class Backtest:
    """All predictions, the share of trials inside their intervals, and mean log scores (higher is better)."""

    trials: tuple[BacktestedTrial, ...]
    coverage: dict[str, float]
    log_score: dict[str, float]


def backtest(
    trials: Sequence[TrialEvidence],
    published: Sequence[str],
    spread: Spread | None = None,
    *,
    earlier: bool = False,
) -> Backtest:
    """Leave out each trial in turn; `published` lists the studies in the order in which they appeared.

    With `earlier` a trial is predicted from those before it in that order alone, the first from the prior. Baselines:
    "no effect" predicts N(0, s_i^2), "last effect" the estimate of the trial published before, with both standard
    errors (no effect for the first). Raises InputError for too few trials or an order that misses one.
    """
    if len(trials) < FEWEST_TRIALS:
        raise InputError("too few trials to leave one out", allowed=f"{FEWEST_TRIALS} or more", got=len(trials))
    order = {study: position for position, study in enumerate(published)}
    for trial in trials:
        if trial.study not in order:
            raise InputError("the order of publication misses a study", got=trial.study)
    ordered = sorted(trials, key=lambda trial: order[trial.study])
    scales = spread or Spread()
    predictions = each_from_earlier(ordered, scales) if earlier else each_from_others(ordered, scales)
    found = tuple(
        _scored(trial, predicted, before)
        for trial, predicted, before in zip(ordered, predictions, [None, *ordered[:-1]], strict=True)
    )
    coverage = {
        level: float(np.mean([_inside(prediction, level) for prediction in found])) for level in found[0].intervals
    }
    scores = {"jaksim": float(np.mean([prediction.log_score for prediction in found]))}
    for name in found[0].baseline_log_scores:
        scores[name] = float(np.mean([prediction.baseline_log_scores[name] for prediction in found]))
    return Backtest(found, coverage, scores)


def _scored(trial: TrialEvidence, predicted: NormalMixture, before: TrialEvidence | None) -> BacktestedTrial:
    error = trial.standard_error
    last = (before.log_ratio, math.hypot(before.standard_error, error)) if before is not None else (0.0, error)
    return BacktestedTrial(
        study=trial.study,
        treatment_class=trial.treatment_class,
        agent=trial.agent,
        reported=trial.log_ratio,
        standard_error=error,
        mean=predicted.mean,
        sd=predicted.standard_deviation,
        intervals={f"{100 * level:g}": predicted.interval(level) for level in LEVELS},
        pit=predicted.below(trial.log_ratio),
        log_score=_log_density(predicted, trial.log_ratio),
        baseline_log_scores={
            "no effect": _normal_log_density(trial.log_ratio, 0.0, error),
            "last effect": _normal_log_density(trial.log_ratio, *last),
        },
    )


def _log_density(mixture: NormalMixture, value: float) -> float:
    terms = np.log(mixture.weights) + np.array(
        [
            _normal_log_density(value, float(mean), float(deviation))
            for mean, deviation in zip(mixture.means, mixture.standard_deviations, strict=True)
        ]
    )
    return float(np.logaddexp.reduce(terms))


def _normal_log_density(value: float, mean: float, deviation: float) -> float:
    return -0.5 * ((value - mean) / deviation) ** 2 - math.log(deviation) - 0.5 * math.log(2 * math.pi)


def _inside(one: BacktestedTrial, level: str) -> bool:
    low, high = one.intervals[level]
    return low <= one.reported <= high


@dataclass(frozen=True)
class BacktestPlan:
    """A backtest as its data file describes it."""

    title: str
    headline: str
    trials: tuple[TrialEvidence, ...]
    published: tuple[str, ...]
    spread: Spread


def backtest_ids() -> tuple[str, ...]:
    """Names of the backtests that come with jaksim, in the order in which they are best read."""
    folder = resources.files("jaksim.calibration") / "backtests"
    found = {file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml")}
    return (*(name for name in READ_FIRST if name in found), *sorted(found - set(READ_FIRST)))


def load_backtest(name_or_path: str = "mortality") -> BacktestPlan:
    """A backtest that comes with jaksim by name, or an own file by path; InputError names the key at fault."""
    path = Path(name_or_path)
    if name_or_path in backtest_ids():
        folder = resources.files("jaksim.calibration") / "backtests"
        content = (folder / f"{name_or_path}.toml").read_text("utf-8")
    elif path.suffix == ".toml" or exists(path):
        content = read_text(path)
    else:
        raise InputError("unknown backtest", allowed=(*backtest_ids(), "all"), got=name_or_path)
    where = name_or_path
    document = parse_toml(content, where=where)
    check_keys(document, where=where, required=("title", "headline", "selection"), optional=("published", "spread"))
    scales = table(document.get("spread", {}), f"{where}, spread")
    check_keys(scales, where=f"{where}, spread", optional=("mean", "classes", "agents", "trials"))
    spread = Spread(**{key: check_log_sd(value, f"{where}, spread, {key}") for key, value in scales.items()})
    trials = gather(load_selection(beside(text(document["selection"], f"{where}, selection"), path.parent)))
    return BacktestPlan(
        title=text(document["title"], f"{where}, title"),
        headline=text(document["headline"], f"{where}, headline"),
        trials=trials,
        published=_stated_order(document["published"], where) if "published" in document else order_of(trials),
        spread=spread,
    )


def _stated_order(value: object, where: str) -> tuple[str, ...]:
    published = table(value, f"{where}, published")
    check_keys(published, where=f"{where}, published", required=("order",))
    return tuple(text(study, f"{where}, published") for study in items(published["order"], f"{where}, published"))


def order_of(trials: Sequence[TrialEvidence]) -> tuple[str, ...]:
    """Studies by the month of their first results in the catalogue; those of one month stay in the order given.

    Raises InputError for a study without a month.
    """
    months = {trial.study: load_study(trial.study).published for trial in trials}
    for study, month in months.items():
        if not month:
            raise InputError(
                "the study does not say when it was published", where=f"study {study}", allowed="published"
            )
    return tuple(sorted(months, key=lambda study: months[study]))
