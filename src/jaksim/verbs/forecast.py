"""The verb `forecast`: how a running trial goes on, from its log."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.forecast_power import PredictivePower, predictive_powers
from jaksim.design.forecasting import Ahead, Beliefs, RunningTrial, check_covered
from jaksim.design.prepared import Prepared
from jaksim.design.sums.precision import check_replicates, check_seed, standard_error
from jaksim.errors import InputError
from jaksim.operations.observing.observed import CurveSummary
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario.scenario import Scenario
from jaksim.trial.operations.recruitment import Recruitment
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.draws import drawn_trials, spread_of, spread_words
from jaksim.verbs.forecast_result import ForecastResult, FullBy, expected
from jaksim.verbs.log_described import (
    future_analyses,
    future_ends,
    groups_so_far,
    notes_of,
    screening_so_far,
    sites_so_far,
    so_far,
)
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.forecast import ForecastOptions
from jaksim.verbs.provenance import command, digits, provenance_of
from jaksim.verbs.trial_day import day_of

_BYTES = 8 * 3
CONTINUATIONS = 20
"""Of each parameter draw."""


@takes(ForecastOptions)
def forecast(
    scenario: AskedScenario, data: str | os.PathLike[str] | Mapping[str, Any] | Any, options: ForecastOptions
) -> ForecastResult:
    """How a running trial goes on: the day of the last patient, dates, events and complete outcomes of its analyses,
    and, where the log says who is in which arm, the conditional power.

    `data` is the log, a file, a data frame or a mapping of columns: a row for each event, up to the end of the day
    `on`. Raises `InputError` for a scenario without operations, a log that cannot be, and values out of range.
    """
    started = time.perf_counter()
    asked = scenario_of(scenario, options.changes)
    operations = check_covered(asked.trial)
    check_seed(options.seed)
    check_replicates(options.replicates)
    recruitment = operations.recruitment
    if options.on is None:
        raise InputError("is missing: up to when the log goes", where="‹on›", allowed="a day of the trial, or a date")
    on = day_of(options.on, recruitment, "‹on›")
    by = None if options.by is None else day_of(options.by, recruitment, "‹by›")
    _check_beliefs(options)
    columns = columns_of(data)
    log = read_log(columns, asked.trial, operations, on, options.gaps)
    beliefs = Beliefs.of(log, operations, options.rate_cv, options.screening_weight)
    running = RunningTrial(
        Prepared(asked.trial, options.seed, "path"), log, beliefs, options.seed, () if by is None else (by,)
    )
    ahead = _ahead(running, options)
    predictive = _predictive(running, asked, options) if options.draws else ()
    numbers = {name: expected(name, values, recruitment.date) for name, values in ahead.numbers.items()}
    provenance = provenance_of(asked, command("forecast", asked, _words(options, data)))
    answer = ForecastResult(
        scenario=asked.path,
        title=asked.title,
        data=columns.where,
        start=recruitment.date(0.0),
        on=on,
        on_date=recruitment.date(on),
        n_patients=asked.trial.population.patients,
        replicates=options.replicates,
        seed=options.seed,
        rate_cv=options.rate_cv,
        screening_weight=options.screening_weight,
        gaps=options.gaps,
        so_far=so_far(log, asked.trial),
        groups=groups_so_far(log, recruitment, beliefs.rates),
        sites=sites_so_far(log, recruitment, beliefs.rates),
        screening=screening_so_far(operations.screening, beliefs.shares),
        numbers=numbers,
        curves={name: _curve(values) for name, values in ahead.curves.items()},
        full_by=None if by is None else _full_by(by, recruitment, ahead.numbers["full_day"]),
        draws=options.draws,
        power=future_analyses(running.prepared.tests, ahead, predictive),
        ends=future_ends(running.design.looks, ahead),
        notes=notes_of(running, numbers["full_day"]),
        elapsed_seconds=time.perf_counter() - started,
        assumptions=asked.assumptions,
        provenance={**provenance, "data_hash": columns.content_hash},
    )
    return about(answer, asked)


def _check_beliefs(options: ForecastOptions) -> None:
    if not 0.0 <= options.rate_cv <= 5.0:
        raise InputError("is out of range", where="‹rate_cv›", allowed="0 to 5", got=options.rate_cv)
    if not options.screening_weight > 0.0:
        raise InputError(
            "the planned shares weigh nothing", where="‹screening_weight›", allowed="above 0",
            got=options.screening_weight,
        )  # fmt: skip


def _ahead(running: RunningTrial, options: ForecastOptions) -> Ahead:
    """All continuations, in order, whatever the workers."""
    recruitment = check_covered(running.trial).recruitment
    check_memory(
        _BYTES * options.replicates * min(recruitment.until + 400, 1500),
        f"the days of {options.replicates:,} replicates",
        where="forecast",
        instead="fewer replicates",
    )
    parts = run_blocks(
        running.block, 0, options.replicates, running.length, check_workers(options.workers), options.progress
    )
    return Ahead.joined(list(parts))


def _predictive(running: RunningTrial, asked: Scenario, options: ForecastOptions) -> tuple[PredictivePower, ...]:
    """The predictive power of all analyses, `InputError` for a log without what it takes."""
    if not running.is_up_to_date:
        raise InputError(
            "the log does not have arm and daily scores of every patient up to its end",
            where="‹draws›", allowed="0, or such a log", got=options.draws,
        )  # fmt: skip
    spread = spread_of(asked, options.between_trial_sd)
    trials = list(drawn_trials(asked, draws=options.draws, seed=options.seed, spread=spread))
    return predictive_powers(running, trials, CONTINUATIONS, workers=options.workers)


def _curve(values: Floats) -> CurveSummary:
    return CurveSummary.of(values.astype(np.float32))


def _full_by(day: int, recruitment: Recruitment, full: Floats) -> FullBy:
    reached = full <= day
    return FullBy(day, recruitment.date(day), float(reached.mean()), standard_error(int(reached.sum()), len(reached)))


def _words(options: ForecastOptions, data: Any) -> list[str]:
    """The options that make the answer again; the data are a file, or whatever FILE they were saved as."""
    import shlex

    file = shlex.quote(os.fspath(data)) if isinstance(data, str | os.PathLike) else "FILE"
    words = [f"--data {file}", f"--on {options.on}"]
    words += [] if options.by is None else [f"--by {options.by}"]
    words += [] if options.rate_cv == 0.0 else [f"--rate-cv {digits(options.rate_cv)}"]
    default = ForecastOptions.__dataclass_fields__
    if options.screening_weight != default["screening_weight"].default:
        words += [f"--screening-weight {digits(options.screening_weight)}"]
    words += [] if options.gaps == "error" else [f"--gaps {options.gaps}"]
    if options.draws:
        words += [f"--draws {options.draws}"]
        spread = options.between_trial_sd
        words += [] if spread is None else [f"--between-trial-sd {spread_words(spread)}"]
    return [*words, f"--replicates {options.replicates}", f"--seed {options.seed}"]
