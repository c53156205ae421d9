"""jaksim analyze: the analyses of a user's own trial data."""

from __future__ import annotations

import shlex
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from jaksim.cli.options import Json, Seed
from jaksim.cli.output import print_answer

app = typer.Typer(add_completion=False, rich_markup_mode=None)

_ENDPOINT_HELP = (
    "Endpoint by name, among columns such as NAME_time and NAME_status or in --scenario; or, for daily scores, its "
    "keys as in a scenario, KEY=VALUE, several times."
)


def _column(option: str, what: str) -> Any:
    return typer.Option(option, metavar="COLUMN", help=f"Column of {what}.")


@app.command()
def analyze(
    data: Annotated[str, typer.Argument(metavar="DATA", help="Patients, .csv or .parquet.")],
    methods: Annotated[
        list[str] | None, typer.Option("--method", metavar="METHOD", help="Method; may be given several times.")
    ] = None,
    endpoint: Annotated[list[str] | None, typer.Option("--endpoint", metavar="NAME", help=_ENDPOINT_HELP)] = None,
    scenario: Annotated[
        str | None,
        typer.Option("--scenario", metavar="FILE", help="Scenario: its planned analyses, or endpoints for --method."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option("--scale", metavar="SCALE", help="Ordinal scale of the scores, by name or as a file.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference",
            metavar="ARM",
            help="Reference arm; by default that of the scenario, the one with a name such as placebo, or the first.",
        ),
    ] = None,
    active: Annotated[
        str | None, typer.Option("--active", metavar="ARM", help="Active arm; needed where there are three or more.")
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="METHOD.KEY=VALUE", help="Option of a method; may be given several times."),
    ] = None,
    ties: Annotated[str | None, typer.Option("--ties", help="Tied times in Cox models: efron or breslow.")] = None,
    covariates: Annotated[
        list[str] | None,
        typer.Option("--covariate", metavar="COLUMN", help="Covariate to adjust for, where the method can."),
    ] = None,
    robust: Annotated[
        bool, typer.Option("--robust", help="Robust standard errors of Cox, proportional odds and Markov models.")
    ] = False,
    cluster: Annotated[str | None, _column("--cluster", "clusters for a robust standard error")] = None,
    entry: Annotated[str | None, _column("--entry", "times from which patients were observed, if later than 0")] = None,
    frequency: Annotated[str | None, _column("--frequency", "numbers of patients that a row stands for")] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="COLUMN", help="Column that changes nothing of what a row means."),
    ] = None,
    codes: Annotated[
        str | None,
        typer.Option("--codes", metavar="MEANING=CODE,...", help="Codes of events: event, censored (none), competing."),
    ] = None,
    arm: Annotated[str, _column("--arm", "arms")] = "arm",
    time: Annotated[str, _column("--time", "times")] = "time",
    status: Annotated[str, _column("--status", "statuses: 0 censored, 1 event, 2 competing")] = "status",
    score: Annotated[str, _column("--score", "ordinal scores")] = "score",
    event: Annotated[str, _column("--event", "events, 0 or 1")] = "event",
    days: Annotated[str, _column("--days", "numbers of days")] = "days",
    stratum: Annotated[str | None, _column("--stratum", "strata; 'stratum' if there is one")] = None,
    unstratified: Annotated[bool, typer.Option("--unstratified", help="Leave strata out.")] = False,
    patient: Annotated[str, _column("--patient", "patients, for a row per patient and day")] = "patient",
    first_day: Annotated[
        int | None,
        typer.Option(
            "--day-of-randomisation",
            help="Study day of randomisation in daily scores; by default that of the scenario, else 0, "
            "or 1 where baseline_score is followed by score_day_2.",
        ),
    ] = None,
    better: Annotated[
        str | None,
        typer.Option("--better", help="Good for the patient: lower or higher; event or no event. Scores: lower."),
    ] = None,
    missing: Annotated[
        str,
        typer.Option("--missing", help="Missing values: error, drop the patient; daily scores: carry_forward, censor."),
    ] = "error",
    level: Annotated[float, typer.Option("--level", help="Confidence level.")] = 0.95,
    hypothesis: Annotated[
        str,
        typer.Option("--hypothesis", help="superiority, non-inferiority or equivalence, of --margin."),
    ] = "superiority",
    margin: Annotated[
        float | None,
        typer.Option("--margin", help="Margin as a ratio, difference or probability; --better says what is good."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Write curves or stacked bars, .png, .svg or .pdf.")
    ] = None,
    seed: Seed = None,
    json: Json = False,
) -> None:
    """Analyse trial data by one or several methods."""
    from jaksim.verbs.analyze import analyze as analyze_data

    if plot is not None:
        from jaksim.report.figure_file import check_plot

        check_plot(plot)
    found = analyze_data(
        data,
        methods=methods or (),
        scenario=scenario,
        endpoint=_endpoint(endpoint or []),
        scale=scale,
        arm=arm,
        time=time,
        status=status,
        score=score,
        event=event,
        days=days,
        stratum=stratum,
        stratified=not unstratified,
        patient=patient,
        day_of_randomisation=first_day,
        reference=reference,
        active=active,
        covariates=covariates or (),
        cluster=cluster,
        entry=entry,
        frequency=frequency,
        ignore=ignore or (),
        codes=codes,
        robust=robust,
        better=better,
        missing=missing,  # type: ignore[arg-type]
        options=tuple(option or ()),
        ties=ties,
        seed=seed,
        level=level,
        hypothesis=hypothesis,
        margin=margin,
    )
    if plot is not None:
        from jaksim.report.plot import plot_data

        plot_data(found.data, plot)
    provenance = {**found.provenance, "command": shlex.join(["jaksim", *sys.argv[1:]])}
    print_answer(replace(found, provenance=provenance), json)


def _endpoint(words: list[str]) -> Any:
    """What --endpoint says: None, a name, or the keys of an endpoint."""
    from jaksim.errors import InputError

    pairs = [word.partition("=") for word in words]
    if words and all(equals for _, equals, _ in pairs):
        return {key.strip(): _value(value) for key, _, value in pairs}
    if len(words) > 1:
        raise InputError("one endpoint is analysed at a time", where="--endpoint", allowed="a NAME, or KEY=VALUE pairs")
    return words[0] if words else None


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        return text.strip()
