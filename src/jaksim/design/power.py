"""Power and type I error of the planned analyses of a trial."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from jaksim.budget import Pace
from jaksim.design.engine.executor import check_workers, run_blocks
from jaksim.design.expected.endpoints import expected_endpoints
from jaksim.design.expected.turns import turn_shares
from jaksim.design.foreseen import tell_foreseen
from jaksim.design.planned_result import planned_result, with_control, with_sums
from jaksim.design.prepared import Prepared
from jaksim.design.replicate_rows import kinds_of, sums_and_rows
from jaksim.design.settings import Advance, Settings
from jaksim.design.sums.characteristics import Characteristics
from jaksim.design.sums.gains import gains
from jaksim.design.sums.multiple_counts import MultiplicityResult
from jaksim.design.sums.precision import check_replicates, controlled_error, precise_enough, standard_error
from jaksim.design.sums.result import PowerResult
from jaksim.design.sums.summary import Summary
from jaksim.design.sums.trial_sums import TrialSums
from jaksim.design.table_stream import table_stream
from jaksim.trial import Trial
from jaksim.trial.interim import Decision

# A run to a precision is judged after each step of this many replicates, so that it always stops at the same one.
STEP: Final = 10_000


def trial_power(
    trial: Trial,
    settings: Settings,
    *,
    null: bool = False,
    advance: Advance | None = None,
    out: str | os.PathLike[str] | None = None,
    metadata: Mapping[str, str] | None = None,
) -> PowerResult:
    """Share of replicates in which each planned analysis rejects, with its analytic twin.

    With `null` every arm gets the regimen of the reference arm, so the shares are type I errors. `advance` is told
    how many replicates have been finished since the last call. Each replicate is written to `out`, a CSV or Parquet
    file (with `metadata`), where one is given. The answer depends on trial, replicates, seed and engine alone.
    """
    started = time.perf_counter()
    prepared = prepare(trial.under_null() if null else trial, settings)
    tell_foreseen(prepared)
    if out is None:
        total = simulate(prepared, settings, advance)
    else:
        with table_stream(out, metadata or {}, kinds_of(prepared)) as add:
            total = simulate(prepared, settings, advance, add)
    return power_of(prepared, total, settings, null=null, seconds=time.perf_counter() - started)


def power_of(
    prepared: Prepared, total: TrialSums, settings: Settings, *, null: bool = False, seconds: float = 0.0
) -> PowerResult:
    """The answer of a power calculation from the sums over its replicates."""
    trial, summary, n = prepared.trial, total.summary, total.replicates
    analyses = tuple(
        with_sums(planned_result(prepared, test), sums, n)
        for test, sums in zip(prepared.tests, summary.tallies, strict=True)
    )
    if summary.controlled:
        analyses = tuple(
            with_control(analysis, control) for analysis, control in zip(analyses, summary.controlled, strict=True)
        )
    return PowerResult(
        scenario="",
        title=trial.title,
        n_patients=trial.population.patients,
        replicates=n,
        seed=settings.seed,
        engine=prepared.design.engine_name,
        null=null,
        elapsed_seconds=seconds,
        analyses=analyses,
        joint=tuple(tuple(count / n for count in row) for row in summary.joint.tolist()),
        any_rejection=summary.any_rejection / n,
        characteristics=_characteristics(prepared, total),
        multiplicity=_multiplicity(prepared, summary, settings),
        expected=expected_endpoints(prepared.cells),
        treatment_changes=turn_shares(prepared.cells),
        gains=gains(trial.analyses, summary),
    )


def prepare(trial: Trial, settings: Settings, *, like: Prepared | None = None) -> Prepared:
    """A trial made ready to be simulated with some settings; InputError where they do not go together."""
    reduction = settings.variance_reduction
    return Prepared(
        trial, settings.seed, settings.engine, variance_reduction=reduction, like=like, door=settings.door
    ).ready()


def _characteristics(prepared: Prepared, total: TrialSums) -> Characteristics | None:
    monitoring = prepared.trial.monitoring
    decisions: tuple[Mapping[str, Decision], ...] = () if monitoring is None else monitoring.decisions
    return None if total.design is None else total.design.characteristics(prepared.analytic, decisions)


def _multiplicity(prepared: Prepared, summary: Summary, settings: Settings) -> MultiplicityResult | None:
    """What the procedure for several hypotheses rejects, with its familywise error in each configuration."""
    multiple = prepared.multiple
    if multiple is None or summary.multiple is None:
        return None
    settings = replace(settings, replicates=summary.replicates, until_se=None, variance_reduction="none")
    errors = {"as simulated": summary.multiple} if multiple.true.any() else {}
    planned = prepared.design.as_planned(prepared.trial)
    for configuration in multiple.plan.configurations if not multiple.true.all() else ():
        found = simulate(prepare(planned.under_null(configuration.arms or None), settings), settings).summary.multiple
        if found is not None:
            errors[configuration.name] = found
    return multiple.result(summary.multiple, summary.replicates, errors)


def simulate(
    prepared: Prepared,
    settings: Settings,
    advance: Advance | None = None,
    each: Callable[[Mapping[str, Any]], None] | None = None,
) -> TrialSums:
    """The sums over the replicates of a trial: so many, or as many as its powers take to be precise.

    `each` is given the rows of the replicates, block by block in their order.
    """
    total, workers, length = prepared.empty(), check_workers(settings.workers), prepared.length(settings.length)
    known = settings.replicates if settings.until_se is None else STEP
    work: Callable[[int, int], Any] = prepared.sums if each is None else partial(sums_and_rows, prepared)

    def add(part: Any) -> None:
        if each is None:
            total.add(part)
        else:
            sums, rows = part
            total.add(sums)
            each(rows)

    with prepared.spread(work, workers, known) as spread:
        if settings.until_se is None:
            for part in run_blocks(spread, 0, settings.replicates, length, workers, advance):
                add(part)
            return total
        pace = Pace(
            STEP, "the replicates up to this precision", warm_up=STEP, where="‹until_se›",
            instead="a larger standard error",
        )  # fmt: skip
        while not _precise(total.summary, settings.until_se):
            last = total.replicates + STEP
            check_replicates(last)
            for part in run_blocks(spread, total.replicates, last, length, workers, advance):
                add(part)
            pace.advance(STEP, total=_replicates_needed(total.summary, settings.until_se))
    return total


def _precise(summary: Summary, target: float) -> bool:
    n = summary.replicates
    if summary.controlled:
        return all(controlled_error(proportion) <= target for proportion in summary.controlled)
    return n > 0 and all(precise_enough(sums.rejections, n, target) for sums in summary.tallies)


def _replicates_needed(summary: Summary, target: float) -> int:
    """How many replicates a precision takes, from the errors found so far."""
    if summary.controlled:
        largest = max(controlled_error(proportion) for proportion in summary.controlled)
    else:
        largest = max(standard_error(sums.rejections, summary.replicates) for sums in summary.tallies)
    return math.ceil(summary.replicates * max(largest / target, 1.0) ** 2)
