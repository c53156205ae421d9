"""The verbs `power` and `shoot_out`: how often analyses of a scenario reject, each with its provenance."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from jaksim.design.patients.patient_table import check_output
from jaksim.design.power import trial_power
from jaksim.design.settings import Settings
from jaksim.design.shoot_out import ShootOut
from jaksim.design.shoot_out import shoot_out as compare_endpoints
from jaksim.design.sums.result import PowerResult
from jaksim.errors import InputError
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import assumptions_by, chosen_door, door_words, replicates_by
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.power import PowerOptions, ShootOutOptions
from jaksim.verbs.provenance import command, digits, provenance_of


@takes(PowerOptions)
def power(scenario: AskedScenario, options: PowerOptions) -> PowerResult:
    """Power of every planned analysis of a scenario (its path, its name or itself), with its large-sample twin.

    `until_se` runs to a precision instead of a number of `replicates`; with `null` the shares are type I errors.
    Every replicate is written to the file `replicates_out` where one is named. Raises `InputError` for values out of
    range.
    """
    if options.until_se is not None and options.replicates is not None:
        raise InputError("replicates and a precision are both given", where="‹until_se›", allowed="one of the two")
    asked = scenario_of(scenario, options.changes)
    door = chosen_door(options.door, asked, engine=options.engine)
    settings = Settings(
        replicates=replicates_by(door, options.replicates),
        door=door,
        seed=options.seed,
        engine=options.engine,
        until_se=options.until_se,
        workers=options.workers,
        variance_reduction=options.variance_reduction,
    )
    if options.replicates_out is not None:
        check_output(options.replicates_out)

    def provenance(engine: str) -> dict[str, Any]:
        precise = settings.until_se
        words = [f"--until-se {digits(precise)}" if precise is not None else f"--replicates {settings.replicates}"]
        words += [f"--seed {settings.seed}", f"--engine {engine}", *(["--null"] if options.null else [])]
        if settings.variance_reduction != "none":
            words.append(f"--variance-reduction {settings.variance_reduction}")
        return provenance_of(asked, command("power", asked, words + door_words(door, [asked])))

    result = trial_power(
        asked.trial,
        settings,
        null=options.null,
        advance=options.progress,
        out=options.replicates_out,
        metadata={"jaksim": json.dumps(provenance(options.engine))},
    )
    about_it = provenance(result.engine)
    answer = replace(result, scenario=asked.path, assumptions=assumptions_by(door, asked), provenance=about_it)
    return about(answer, asked)


@takes(ShootOutOptions)
def shoot_out(scenario: AskedScenario, options: ShootOutOptions) -> ShootOut:
    """Every endpoint of a scenario and the standard ones of its scale, with the analyses that fit, by power.

    All on the same simulated patients, between the arms and at the level of the scenario's first analysis. Raises
    `InputError` for values out of range.
    """
    asked = scenario_of(scenario, options.changes)
    door = chosen_door(options.door, asked, engine=options.engine)
    settings = Settings(
        replicates=options.replicates, seed=options.seed, engine=options.engine, workers=options.workers, door=door
    )
    result = compare_endpoints(
        asked.trial, settings, methods=options.methods, null=options.null, advance=options.progress
    )
    words = ["--endpoints all", f"--methods {options.methods}", f"--replicates {settings.replicates}"]
    words += [f"--seed {settings.seed}", f"--engine {result.engine}", *(["--null"] if options.null else [])]
    words += door_words(door, [asked])
    provenance = provenance_of(asked, command("power", asked, words))
    answer = replace(result, scenario=asked.path, assumptions=assumptions_by(door, asked), provenance=provenance)
    return about(answer, asked)
