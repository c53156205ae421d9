"""jaksim power: how often the planned analyses of a scenario reject."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Final

import typer

from jaksim.cli.flags import flag, flags_of
from jaksim.cli.options import Json, ScenarioName
from jaksim.cli.output import print_answer
from jaksim.errors import InputError
from jaksim.verbs.options.base import shared
from jaksim.verbs.options.power import PowerOptions, ShootOutOptions
from jaksim.verbs.options.size import AssuranceOptions

if TYPE_CHECKING:
    from jaksim.design.assurance import AssuranceResult
    from jaksim.design.shoot_out import ShootOut
    from jaksim.design.sums.result import PowerResult
    from jaksim.scenario.scenario import Scenario

ENDPOINTS: Final = ("planned", "all")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
@flags_of(
    PowerOptions,
    before="workers",
    helps={
        "replicates": "Number of simulated trials; 100,000 when left out, 10,000 by events or with --endpoints all."
    },
)
def power(
    scenario: ScenarioName,
    *,
    endpoints: Annotated[
        str,
        typer.Option(
            "--endpoints",
            help="planned: the analyses of the scenario; all: every endpoint, also the standard ones of the scale, "
            "with the analyses that fit, sorted by power.",
        ),
    ] = "planned",
    methods: Annotated[str | None, flag(ShootOutOptions, "methods", "With --endpoints all. ")] = None,
    assurance: Annotated[
        bool, typer.Option("--assurance", help="Also average the power over the posterior of the parameters.")
    ] = False,
    draws: Annotated[int | None, flag(AssuranceOptions, "draws", "With --assurance: ")] = None,
    plot: Annotated[
        str | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Write a plot (PNG, SVG or PDF) of the interim analyses or, with --endpoints all, of the endpoints.",
        ),
    ] = None,
    json: Json = False,
    options: PowerOptions,
) -> None:
    """Power of every analysis of a scenario, with its assumptions."""
    if endpoints not in ENDPOINTS:
        raise InputError("unknown choice of endpoints", where="--endpoints", allowed=ENDPOINTS, got=endpoints)
    if assurance and (endpoints == "all" or options.null):
        other = "--null" if options.null else "--endpoints all"
        raise InputError(f"does not go with {other}", where="--assurance", allowed="power of the planned analyses")
    if draws is not None and not assurance:
        raise InputError("parameters are drawn for an assurance only", where="--draws", allowed="--assurance")
    if endpoints == "all":
        asked = _of_all_endpoints(options, methods)
        print_answer(_shoot_out(scenario, asked, plot), json)
        return
    if methods is not None:
        raise InputError("methods are chosen for all endpoints", where="--methods", allowed="--endpoints all")
    from jaksim.verbs.asked import scenario_of

    loaded = scenario_of(scenario, options.changes)
    found = _power(loaded, replace(options, changes=()), plot)
    averaged = None
    if assurance:
        asked_of = AssuranceOptions(seed=options.seed)
        averaged = _assurance(loaded, asked_of if draws is None else replace(asked_of, draws=draws))
    if averaged is None:
        print_answer(found, json)
        return
    from jaksim.report.assurance import assurance_part
    from jaksim.report.of import parts_of

    found = _with_assurance(found, draws)
    print_answer(
        found,
        json,
        parts=[*parts_of(found), "", *assurance_part(averaged)],
        record=lambda: {**found.as_dict(), "assurance": averaged.as_dict()},
    )


def _power(loaded: Scenario, options: PowerOptions, plot: str | None) -> PowerResult:
    """The power of the planned analyses, and the plot of the interim analyses where one is wanted."""
    from jaksim.cli.output.compiling import foreseen_first
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.door import chosen_door, replicates_by
    from jaksim.verbs.power import power as power_of

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        if loaded.trial.monitoring is None:
            allowed = "--endpoints all, or a scenario with [monitoring]"
            raise InputError("the trial has no interim analyses to plot", where="--plot", allowed=allowed)
        check_plot(plot)
    total = replicates_by(chosen_door(options.door, loaded, engine=options.engine), options.replicates)
    with (
        foreseen_first(null=options.null),
        shown_progress("replicates", None if options.until_se is not None else total) as progress,
    ):
        found: PowerResult = power_of(loaded, **vars(replace(options, progress=progress)))
    if plot is not None:
        from jaksim.report.plots.characteristics import plot_characteristics

        plot_characteristics(found, loaded.trial, plot)
    return found


def _assurance(loaded: Scenario, options: AssuranceOptions) -> AssuranceResult:
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.assurance import assurance as assurance_of

    with shown_progress("parameter draws", options.draws) as progress:
        found: AssuranceResult = assurance_of(loaded, **vars(replace(options, progress=progress)))
    return found


def _with_assurance(found: PowerResult, draws: int | None) -> PowerResult:
    """The answer, whose command asks for the assurance too."""
    command = found.provenance["command"]
    if command is None:
        return found
    flags = " --assurance" if draws is None else f" --assurance --draws {draws}"
    changed = replace(found, provenance={**found.provenance, "command": f"{command}{flags}"})
    object.__setattr__(changed, "asked", found.asked)
    return changed


def _of_all_endpoints(options: PowerOptions, methods: str | None) -> ShootOutOptions:
    """The options of a shoot-out; InputError for those that it has not."""
    if options.until_se is not None:
        raise InputError("all endpoints are compared on a number of replicates", where="--until-se")
    if options.replicates_out is not None:
        allowed = "the planned analyses"
        raise InputError("replicates of all endpoints are not kept", where="--replicates-out", allowed=allowed)
    if options.variance_reduction != "none":
        raise InputError(
            "all endpoints are compared by plain shares of replicates",
            where="--variance-reduction",
            allowed="none, or the planned analyses",
            got=options.variance_reduction,
        )
    given = {**shared(options, ShootOutOptions), "methods": methods}
    return ShootOutOptions(**{name: value for name, value in given.items() if value is not None})


def _shoot_out(scenario: str, options: ShootOutOptions, plot: str | None) -> ShootOut:
    """Every endpoint with the analyses that fit, and their plot where one is wanted."""
    from jaksim.cli.progress import shown_progress
    from jaksim.verbs.power import shoot_out

    if plot is not None:
        from jaksim.report.plots.figure_file import check_plot

        check_plot(plot)
    with shown_progress("replicates", options.replicates) as progress:
        found: ShootOut = shoot_out(scenario, **vars(replace(options, progress=progress)))
    if plot is not None:
        from jaksim.report.plots.shoot_out import plot_shoot_out

        plot_shoot_out(found, plot)
    return found
