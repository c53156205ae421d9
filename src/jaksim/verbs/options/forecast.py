"""What can be said to `forecast`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from jaksim.verbs.options import shared
from jaksim.verbs.options.base import Options, option


@dataclass(frozen=True, kw_only=True)
class ForecastOptions(Options):
    """Up to when the log goes, what is asked of the days after, and how far the plan is trusted."""

    on: str | int | None = option(
        None, "The day of the trial, or date, up to whose end the log goes.", metavar="DATE|DAY", holds=str | None
    )
    by: str | int | None = option(
        None,
        "Patients randomised by the end of this day of the trial, or date, and the chance of being full.",
        metavar="DATE|DAY",
        holds=str | None,
    )
    rate_cv: float = option(
        0.0,
        "How unsure the planned rates are: coefficient of variation of a factor that the sites of a group share, "
        "besides what differs between sites; 0 takes the planned rates for granted.",
        low=0.0,
    )
    screening_weight: float = option(
        100.0,
        "How many patients' screenings the planned shares of failing are worth; 1e9 takes them for granted.",
        low=0.0,
    )
    gaps: str = option("error", "Days without a score between two with one: error, or model, to draw them from it.")
    draws: int = option(
        0,
        "Draws of the uncertain parameters for the predictive power, with 20 continuations each; 0: conditional power "
        "alone. Needs a log with arms and scores.",
        low=0,
    )
    between_trial_sd: float | str | Mapping[str, float] | None = shared.between_trial_sd()
    replicates: int = option(1_000, "Number of simulated continuations.")
    seed: int = shared.seed()
    workers: int | None = shared.workers()
    changes: Sequence[str] = shared.changes()
    progress: Callable[[int], None] | None = shared.progress()
