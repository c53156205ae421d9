"""What can be asked about the design of a scenario: `size`, `assurance` and `compare`, each with its provenance."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from jaksim.design.assurance import AssuranceResult, DrawnTwins, drawn_twins
from jaksim.design.comparison import Comparison, compare_trials
from jaksim.design.settings import DEFAULT_REPLICATES, DEFAULT_SEED, Settings
from jaksim.design.sizing import SampleSize, sized_analysis, trial_size
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.draws import drawn_trials
from jaksim.verbs.power import command, provenance_of
from jaksim.version import __version__

DEFAULT_DRAWS: Final = 400


def size(
    scenario: AskedScenario,
    *,
    power: float = 0.9,
    analysis: str = "",
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> SampleSize:
    """Patients with which an analysis of a scenario has a power, found by simulation, with the analytic answer.

    `analysis` is the primary one when left out. Raises `InputError` where no number of patients gives the power.
    """
    scenario = scenario_of(scenario)
    settings = Settings(replicates=replicates, seed=seed, engine=engine, workers=workers)
    result = trial_size(scenario.trial, power, settings, analysis=analysis, advance=progress)
    options = [f"--power {power:g}", f"--analysis {shlex.quote(result.analysis)}", f"--replicates {replicates}"]
    recreate = command("size", scenario, [*options, f"--seed {seed}", f"--engine {result.engine}"])
    answer = replace(result, scenario=scenario.path, assumptions=scenario.assumptions)
    return about(replace(answer, provenance=provenance_of(scenario, recreate)), scenario)


def assurance(
    scenario: AskedScenario,
    *,
    target: float | None = None,
    analysis: str = "",
    draws: int = DEFAULT_DRAWS,
    between_trial_sd: float | None = None,
    seed: int = DEFAULT_SEED,
    progress: Callable[[int], None] | None = None,
) -> AssuranceResult:
    """Power of every planned analysis averaged over the posterior of the parameters, in favour of the active arm.

    With `target`, the patients that give `analysis` (the primary one when left out) this assurance are sought. The
    draws are those of `predict`. Raises `InputError` for values out of range.
    """
    scenario = scenario_of(scenario)
    check_seed(seed)
    if draws < 2:
        raise InputError("two draws at least are needed", where="draws", allowed="2 or more", got=draws)
    if target is not None and not 0.0 < target < 1.0:
        raise InputError("the assurance is not a probability", where="power", allowed="above 0, below 1", got=target)
    spread = scenario.between_trial_sd if between_trial_sd is None else between_trial_sd
    name = sized_analysis(scenario.trial, analysis) if target is not None else ""
    trials = drawn_trials(scenario, draws=draws, seed=seed, between_trial_sd=spread)
    twins = drawn_twins(trials, names=[name] if name else None, advance=progress)
    needed, found = None, tuple(one.assurance() for one in twins)
    if target is not None:
        needed = _needed(twins, name, target, scenario)
        found = tuple(one.assurance(needed) for one in twins)
    options = ["--assurance", *([f"--power {target:g}"] if target is not None else []), f"--draws {draws}"]
    if target is not None and analysis:
        options.append(f"--analysis {shlex.quote(analysis)}")
    recreate = command("power" if target is None else "size", scenario, [*options, f"--seed {seed}"])
    answer = AssuranceResult(
        scenario=scenario.path,
        title=scenario.title,
        analyses=found,
        n_in_scenario=scenario.trial.population.patients,
        target=target,
        n_patients=needed,
        draws=draws,
        seed=seed,
        between_trial_sd=spread,
        between_trial_source=scenario.between_trial_source if between_trial_sd is None else "given by the user",
        provenance=provenance_of(scenario, recreate),
        assumptions=scenario.assumptions,
        exactly_known=scenario.exactly_known,
        certain=scenario.is_certain and spread == 0.0,
    )
    return about(answer, scenario)


def _needed(twins: tuple[DrawnTwins, ...], name: str, target: float, scenario: Scenario) -> int:
    if not twins:
        raise InputError("the method has no large-sample power to average", where=f"analysis {name!r}")
    multiple = sum(arm.allocation for arm in scenario.trial.arms)
    needed = twins[0].patients_needed(target, multiple)
    if needed is None:
        limit = twins[0].assurance().limit
        raise InputError(
            f"no number of patients gives an assurance of {100 * target:g} %: the effect favours the active arm with "
            f"probability {100 * limit:.1f} %",
            where=f"analysis {name!r}",
            allowed=f"below {limit:.3f}",
            got=target,
        )
    return needed


def compare(
    first: AskedScenario,
    second: AskedScenario,
    *,
    replicates: int = DEFAULT_REPLICATES,
    seed: int = DEFAULT_SEED,
    engine: str = "auto",
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Differences between two scenarios, second less first, on common random numbers.

    Analyses are matched by name. Raises `InputError` where none match.
    """
    first, second = scenario_of(first), scenario_of(second)
    settings = Settings(replicates=replicates, seed=seed, engine=engine, workers=workers)
    result = compare_trials((first.trial, second.trial), settings, advance=progress)
    paths = f"{shlex.quote(first.path)} {shlex.quote(second.path)}"
    shared = [change for change in first.changes if change in second.changes]
    if len(shared) < len(first.changes):
        raise InputError("a change of the first scenario alone cannot be told apart", where="compare", allowed="a file")
    changes = [f"--set {shlex.quote(change)}" for change in shared]
    changes += [f"--set-second {shlex.quote(change)}" for change in second.changes if change not in shared]
    recreate = " ".join(["jaksim compare", paths, f"--replicates {replicates}", f"--seed {seed}", *changes])
    provenance = {
        "version": __version__,
        "first": provenance_of(first, ""),
        "second": provenance_of(second, ""),
        "command": recreate,
    }
    answer = replace(
        result,
        scenarios=(first.path, second.path),
        provenance=provenance,
        assumptions=(first.assumptions, second.assumptions),
    )
    return about(answer, (first, second))
