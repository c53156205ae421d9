"""What can be asked of a scenario: `power` and `simulate`, each a value with its provenance."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from jaksim import __version__
from jaksim.design.power import DEFAULT_REPLICATES, DEFAULT_SEED, Settings, trial_power
from jaksim.design.result import PowerResult
from jaksim.scenario.scenario import Scenario


def power(
    scenario: Scenario,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    until_se: float | None = None,
    null: bool = False,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> PowerResult:
    """Power of every planned analysis of a scenario, with its large-sample twin.

    `engine` is "law", "path" or "auto"; `until_se` runs until every power has that Monte Carlo standard error,
    instead of a number of replicates; `null` gives every arm the regimen of the reference, so that the shares are
    type I errors. `workers` threads do the work and do not change the result; `progress` is told how many replicates
    have been finished since it was last called. Raises `InputError` for values out of range.
    """
    settings = Settings(replicates=replicates, seed=seed, engine=engine, until_se=until_se, workers=workers)
    result = trial_power(scenario.trial, settings, null=null, advance=progress)
    options = [f"--until-se {until_se:g}" if until_se is not None else f"--replicates {replicates}"]
    options += [f"--seed {seed}", f"--engine {result.engine}", *(["--null"] if null else [])]
    provenance = provenance_of(scenario, command("power", scenario, options))
    return replace(result, scenario=scenario.path, provenance=provenance)


def command(verb: str, scenario: Scenario, options: list[str]) -> str:
    """The command line that makes a result again."""
    changes = [f"--set {shlex.quote(change)}" for change in scenario.changes]
    return " ".join(["jaksim", verb, shlex.quote(scenario.path), *options, *changes])


def provenance_of(scenario: Scenario, recreate: str) -> dict[str, Any]:
    """Version, hashes and command that a result is traced by."""
    return {
        "version": __version__,
        "scenario_hash": scenario.hash,
        "parameter_sets": dict(scenario.parameter_sets),
        "changes": list(scenario.changes),
        "command": recreate,
    }
