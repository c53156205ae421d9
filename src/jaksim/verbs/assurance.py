"""The verb `assurance`: power averaged over what is uncertain of the parameters."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from jaksim.design.assurance import AssuranceResult, DrawnTwins, drawn_twins
from jaksim.design.sizing import sized_analysis
from jaksim.design.sums.precision import check_seed
from jaksim.errors import InputError
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.draws import drawn_trials, spread_of, spread_value
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.size import AssuranceOptions
from jaksim.verbs.provenance import command, digits, provenance_of


@takes(AssuranceOptions)
def assurance(scenario: AskedScenario, options: AssuranceOptions) -> AssuranceResult:
    """Power of every planned analysis averaged over the posterior of the parameters, in favour of the active arm.

    With a `target`, the patients that give `analysis` this assurance are sought. The draws are those of `predict`.
    Raises `InputError` for values out of range.
    """
    asked = scenario_of(scenario, options.changes)
    check_seed(options.seed)
    target, draws = options.target, options.draws
    if target is not None and not 0.0 < target < 1.0:
        raise InputError("the assurance is not a probability", where="‹target›", allowed="above 0, below 1", got=target)
    spread = spread_of(asked, options.between_trial_sd)
    name = sized_analysis(asked.trial, options.analysis) if target is not None else ""
    trials = drawn_trials(asked, draws=draws, seed=options.seed, spread=spread)
    twins = drawn_twins(trials, names=[name] if name else None, advance=options.progress)
    needed, found = None, tuple(twin.assurance() for twin in twins)
    if target is not None:
        needed = _needed(twins, name, target, asked)
        found = tuple(twin.assurance(needed) for twin in twins)
    answer = AssuranceResult(
        scenario=asked.path,
        title=asked.title,
        analyses=found,
        n_in_scenario=asked.trial.population.patients,
        target=target,
        n_patients=needed,
        draws=draws,
        seed=options.seed,
        between_trial_sd=spread.by_kind,
        between_trial_source=spread.source,
        between_trial_correlation=spread.kind_correlation,
        between_trial_induced=spread.induced,
        provenance=provenance_of(asked, _command(asked, options)),
        assumptions=asked.assumptions,
        exactly_known=asked.exactly_known,
        certain=asked.is_certain and not spread.differ,
        by_patients=_curves(twins, needed or asked.trial.population.patients, asked),
    )
    return about(answer, asked)


def _curves(twins: Sequence[DrawnTwins], patients: int, asked: Scenario) -> dict[str, tuple[tuple[int, float], ...]]:
    """The assurance of each analysis around a number of patients."""
    multiple = sum(arm.allocation for arm in asked.trial.arms)
    curves = {twin.test.plan.name: twin.curve(patients, multiple) for twin in twins}
    return {name: curve for name, curve in curves.items() if curve}


def _command(scenario: Scenario, options: AssuranceOptions) -> str:
    """The command line that makes the assurance again; a spread between trials of one's own is set in the scenario."""
    words = ["--assurance"]
    if options.target is not None:
        words.append(f"--power {digits(options.target)}")
    words.append(f"--draws {options.draws}")
    if options.target is not None and options.analysis:
        words.append(f"--analysis {shlex.quote(options.analysis)}")
    words.append(f"--seed {options.seed}")
    if options.between_trial_sd is not None:
        words.append(f"--set {shlex.quote(f'prediction.between_trial_sd={spread_value(options.between_trial_sd)}')}")
    return command("power" if options.target is None else "size", scenario, words)


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
