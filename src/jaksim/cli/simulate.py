"""jaksim simulate: the patients of one simulated trial, or its log while it is running."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from jaksim.cli.flags import flag, flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import note, print_answer
from jaksim.errors import InputError
from jaksim.verbs.options.simulate import SimulateOptions
from jaksim.verbs.options.simulate_log import SimulateLogOptions

if TYPE_CHECKING:
    from jaksim.scenario.scenario import Scenario

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_OF_LOG = "With --log: "


@app.command()
@flags_of(SimulateOptions, before="seed")
def simulate(
    scenario: ScenarioName,
    *,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="File to write the patients to, .csv or .parquet.")
    ] = None,
    replicates: Annotated[
        str | None,
        typer.Option(
            "--replicates",
            metavar="I:J",
            help="Write the patients of replicates I to J - 1, with a column `replicate`, such as 0:1000.",
        ),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option("--log", metavar="FILE", help="File to write the log to that the trial has while it is running."),
    ] = None,
    on: Annotated[str | None, flag(SimulateLogOptions, "on", _OF_LOG)] = None,
    arms: Annotated[bool, flag(SimulateLogOptions, "arms", _OF_LOG)] = False,
    scores: Annotated[bool, flag(SimulateLogOptions, "scores", _OF_LOG)] = True,
    engine: Annotated[
        str,
        typer.Option("--engine", help="Engine of jaksim power that the trial is one of; only path has daily scores."),
    ] = "path",
    json: Json = False,
    options: SimulateOptions,
) -> None:
    """Write the daily scores and endpoints of the patients of one replicate of jaksim power --engine path to a file.

    A trial with interim or adaptive analyses is conducted: the file has the patients enrolled until it ended, with
    their complete follow-up unless --as-known is given. With --log the file has what happened at the sites of a trial
    with operations up to the day --on, as jaksim forecast reads it.
    """
    from jaksim.design.patients.patient_table import check_output
    from jaksim.verbs.asked import scenario_of
    from jaksim.verbs.simulate import simulate_trial

    if (out is None) == (log is None):
        raise InputError("one file is written", where="--out, --log", allowed="one of the two")
    check_output(out or log or "")
    if engine != "path":
        raise InputError(
            "patients drawn from the law have no daily scores", where="--engine", allowed="path", got=engine
        )
    loaded = scenario_of(scenario, options.changes)
    if replicates is not None:
        if log is not None or options.replicate:
            raise InputError("a range is of patients alone", where="--replicates", allowed="without --log, --replicate")
        assert out is not None
        _write_replicates(loaded, out, replicates, options, json)
        return
    if log is not None:
        if options.counterfactual or options.as_known:
            raise InputError("a log has what happened", where="--log", allowed="without --counterfactual, --as-known")
        asked = SimulateLogOptions(on=on, arms=arms, scores=scores, replicate=options.replicate, seed=options.seed)
        _write_log(loaded, log, asked, json)
        return
    if on is not None or arms or not scores:
        raise InputError("only a log ends on a day", where="--on, --arms, --no-scores", allowed="with --log")
    assert out is not None
    if loaded.trial.in_calendar_time and options.counterfactual:
        note(
            "jaksim: all planned patients are written, without accrual, interim analyses or adaptation; "
            "they are not those of a replicate of jaksim power"
        )
    simulated = simulate_trial(loaded, **vars(replace(options, changes=())))
    simulated.write(out)
    from jaksim.report.parts.layout import AsPrinted
    from jaksim.report.simulated import ending_and_effects

    under = " under each regimen" if options.counterfactual else ""
    written = f"{len(simulated.patients)} patients of replicate {options.replicate}{under} written to {out}"
    print_answer(
        simulated,
        json,
        parts=[AsPrinted(written), *ending_and_effects(simulated)],
        record=lambda: {"scenario": simulated.scenario, "file": str(out), **simulated.as_dict()},
    )


def _write_replicates(scenario: Scenario, out: Path, replicates: str, options: SimulateOptions, json: bool) -> None:
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.options.base import shared
    from jaksim.verbs.options.simulate import SimulateReplicatesOptions
    from jaksim.verbs.simulating.replicates import range_of, simulate_replicates

    first, last = range_of(replicates)
    asked = {**shared(options, SimulateReplicatesOptions), "changes": (), "replicates": replicates}
    with shown_progress("replicates", last - first) as progress:
        found = simulate_replicates(scenario, out, **{**asked, "progress": progress})
    print_answer(found, json)


def _write_log(scenario: Scenario, log: Path, options: SimulateLogOptions, json: bool) -> None:
    from jaksim.report.parts.layout import AsPrinted
    from jaksim.verbs.simulate_log import simulate_log

    found = simulate_log(scenario, **vars(options))
    found.write(log)
    written = f"{len(found.events)} events of replicate {found.replicate} up to day {found.on} written to {log}"
    print_answer(found, json, parts=[AsPrinted(written)], record=lambda: {**found.as_dict(), "file": str(log)})
