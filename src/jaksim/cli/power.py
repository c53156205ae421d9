"""jaksim power: how often the planned analyses of a scenario reject."""

from __future__ import annotations

from typing import Annotated

import typer

from jaksim.cli.options import Json, Seed, Settings, Workers
from jaksim.cli.output import print_answer, print_report, write_json

ENDPOINTS = ("planned", "all")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def power(
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="Scenario file (TOML), or a name such as actt4.")],
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates", help="Number of simulated trials; 100,000 when left out, 10,000 with --endpoints all."
        ),
    ] = None,
    seed: Seed = None,
    engine: Annotated[
        str, typer.Option("--engine", help="law: counts from exact laws; path: every patient simulated; auto.")
    ] = "auto",
    until_se: Annotated[
        float | None,
        typer.Option("--until-se", help="Run until every power has this Monte Carlo standard error, such as 0.001."),
    ] = None,
    null: Annotated[
        bool, typer.Option("--null", help="Give every arm the regimen of the reference arm: type I errors.")
    ] = False,
    variance_reduction: Annotated[
        str,
        typer.Option(
            "--variance-reduction",
            help="control-variates: the same powers with smaller Monte Carlo errors, from the large-sample twin; none.",
        ),
    ] = "none",
    endpoints: Annotated[
        str,
        typer.Option(
            "--endpoints",
            help="planned: the analyses of the scenario; all: every endpoint, also the standard ones of the scale, "
            "with the analyses that fit, sorted by power.",
        ),
    ] = "planned",
    methods: Annotated[
        str | None,
        typer.Option(
            "--methods",
            help="With --endpoints all. main: planned analyses and those that differ in more than the scale of their "
            "estimate; all: every analysis that fits.",
        ),
    ] = None,
    assurance: Annotated[
        bool, typer.Option("--assurance", help="Also average the power over the posterior of the parameters.")
    ] = False,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Write a plot (PNG, SVG or PDF) of the interim analyses or, with --endpoints all, of the endpoints.",
        ),
    ] = None,
    workers: Workers = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Power of every analysis of a scenario, with its assumptions."""
    from jaksim.cli.progress import shown_progress
    from jaksim.design.settings import DEFAULT_REPLICATES, DEFAULT_SEED
    from jaksim.errors import InputError
    from jaksim.scenario import load_scenario
    from jaksim.verbs.power import power as power_of

    if until_se is not None and replicates is not None:
        raise InputError("replicates and a precision are both given", where="--until-se", allowed="one of the two")
    if endpoints not in ENDPOINTS:
        raise InputError("unknown choice of endpoints", where="--endpoints", allowed=ENDPOINTS, got=endpoints)
    if assurance and (endpoints == "all" or null):
        raise InputError("assurance is that of the planned analyses", where="--assurance", got="--null or --endpoints")
    if endpoints == "all":
        if until_se is not None:
            raise InputError("all endpoints are compared on a number of replicates", where="--until-se")
        if variance_reduction != "none":
            raise InputError(
                "all endpoints are compared by plain shares of replicates",
                where="--variance-reduction",
                allowed="none, or the planned analyses",
                got=variance_reduction,
            )
        _compare(
            scenario,
            replicates,
            seed,
            engine,
            plot,
            methods="main" if methods is None else methods,
            null=null,
            workers=workers,
            settings=settings,
            as_json=json,
        )
        return
    if methods is not None:
        raise InputError("methods are chosen for all endpoints", where="--methods", allowed="--endpoints all")
    loaded = load_scenario(scenario, changes=settings or ())
    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        if loaded.trial.monitoring is None:
            allowed = "--endpoints all, or a scenario with [monitoring]"
            raise InputError("the trial has no interim analyses to plot", where="--plot", allowed=allowed)
        check_plot(plot)
    total = DEFAULT_REPLICATES if replicates is None else replicates
    with shown_progress("replicates", None if until_se is not None else total) as progress:
        result = power_of(
            loaded,
            replicates=total,
            seed=DEFAULT_SEED if seed is None else seed,
            engine=engine,
            until_se=until_se,
            null=null,
            variance_reduction=variance_reduction,
            workers=workers,
            progress=progress,
        )
    if plot is not None:
        from jaksim.report.plots.characteristics import plot_characteristics

        plot_characteristics(result, loaded.trial, plot)
    averaged = None
    if assurance:
        from jaksim.verbs.size import DEFAULT_DRAWS
        from jaksim.verbs.size import assurance as assurance_of

        with shown_progress("parameter draws", DEFAULT_DRAWS) as progress:
            averaged = assurance_of(loaded, seed=DEFAULT_SEED if seed is None else seed, progress=progress)
    if json:
        record = result.as_dict()
        write_json({**record, "assurance": averaged.as_dict()} if averaged is not None else record)
        return
    print_answer(result)
    if averaged is not None:
        from jaksim.report.assurance import assurance_part

        print_report(["", *assurance_part(averaged)])


def _compare(
    scenario: str,
    replicates: int | None,
    seed: int | None,
    engine: str,
    plot: str | None,
    *,
    methods: str,
    null: bool,
    workers: int | None,
    settings: list[str] | None,
    as_json: bool,
) -> None:
    from jaksim.cli.progress import shown_progress
    from jaksim.design.settings import DEFAULT_SEED
    from jaksim.design.shoot_out import DEFAULT_REPLICATES, METHOD_CHOICES
    from jaksim.errors import InputError
    from jaksim.scenario import load_scenario
    from jaksim.verbs.power import shoot_out

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    if methods not in METHOD_CHOICES:
        raise InputError("unknown choice of methods", where="--methods", allowed=METHOD_CHOICES, got=methods)
    loaded = load_scenario(scenario, changes=settings or ())
    total = DEFAULT_REPLICATES if replicates is None else replicates
    with shown_progress("replicates", total) as progress:
        result = shoot_out(
            loaded,
            replicates=total,
            seed=DEFAULT_SEED if seed is None else seed,
            engine=engine,
            methods=methods,
            null=null,
            workers=workers,
            progress=progress,
        )
    if plot is not None:
        from jaksim.report.plots.shoot_out import plot_shoot_out

        plot_shoot_out(result, plot)
    print_answer(result, as_json)
