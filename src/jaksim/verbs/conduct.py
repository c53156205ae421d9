"""The verb `conduct`: how a trial goes at its sites, from the first opening to the lock of the data base."""

from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import known
from jaksim.design.conducting import ConductedTrials, conduct_trials
from jaksim.design.settings import Settings
from jaksim.design.sums.precision import standard_error
from jaksim.design.sums.result import PowerResult
from jaksim.errors import InputError
from jaksim.operations.doors import DOORS, EXACT, FAST, LEFT_OUT, WORDS, beyond_fast
from jaksim.operations.exact.day_full import DayFull, day_full
from jaksim.operations.exact.enrolment import EnrolmentLaw
from jaksim.operations.exact.needed import rate_factor, sites_to_add
from jaksim.operations.observing.law import full_day_summary, recruited_by_law
from jaksim.operations.observing.observed import PART, Observed
from jaksim.scenario.scenario import Scenario
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Recruitment
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.conduct_result import ConductResult, CostDriver, FullBy, Needed, described
from jaksim.verbs.door import chosen_door
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.conduct import ConductOptions
from jaksim.verbs.provenance import command, digits, provenance_of
from jaksim.verbs.trial_day import day_of


@takes(ConductOptions)
def conduct(scenario: AskedScenario, options: ConductOptions) -> ConductResult:
    """How a trial with `[operations]` goes: enrolment, screening, sites, analyses, data and cost, with its power.

    Everything is of the same replicates. `by` asks for the chance of being full by a day of the trial (from 0) or a
    date, `chance` for what it takes to have that chance. Raises `InputError` for a scenario without operations, a door
    that does not cover the plan, and values out of range.
    """
    started = time.perf_counter()
    asked = scenario_of(scenario, options.changes)
    operations = asked.trial.operations
    if operations is None:
        raise InputError(
            "nothing says how the trial is run", where=asked.path, allowed="a scenario with an [operations] table"
        )
    known(options.door, DOORS, "door", "‹door›")
    settings = Settings(
        replicates=options.replicates, seed=options.seed, engine=options.engine, workers=options.workers
    )
    recruitment, patients = operations.recruitment, asked.trial.population.patients
    day = None if options.by is None else day_of(options.by, recruitment, "‹by›")
    if options.chance is not None:
        _check_chance(options.chance, day)
    door = EXACT if options.door == EXACT else chosen_door(options.door, asked, engine=options.engine)
    law = EnrolmentLaw(recruitment, operations.screening)
    full = day_full(law, patients)
    if door == EXACT:
        numbers, curves = {"full_day": full_day_summary(full)}, {"recruited": recruited_by_law(law, full, patients)}
        observed, trials = None, None
    else:
        trials = conduct_trials(
            asked.trial, operations, settings, door=door, unstopped=day is not None, advance=options.progress
        )
        observed = trials.observed
        numbers = {name: observed.summary(name) for name in observed.numbers}
        curves = {name: observed.curve(name) for name in observed.curves}
    exact = {"full_day": full.mean} if door == FAST else {}
    answer = ConductResult(
        scenario=asked.path,
        title=asked.title,
        door=door,
        door_words=WORDS[door],
        left_out=_left_out(door, operations),
        start=recruitment.date(0.0),
        n_patients=patients,
        sites=recruitment.n_sites,
        replicates=0 if trials is None else settings.replicates,
        seed=settings.seed,
        currency=operations.costs.currency,
        numbers={name: described(name, found, recruitment.date, exact.get(name)) for name, found in numbers.items()},
        curves=curves,
        exact_full_day=full.mean,
        full_by=None if day is None else _full_by(day, recruitment, observed, full),
        needed=_needed(law, patients, day, options.chance),
        cost_drivers=() if observed is None else _drivers(observed),
        power=None if trials is None else _power(trials, asked),
        elapsed_seconds=time.perf_counter() - started,
        assumptions=tuple(one for one in asked.assumptions if one.about != LEFT_OUT),
        provenance=provenance_of(asked, command("conduct", asked, _words(options, door, trials))),
    )
    return about(answer, asked)


def _check_chance(chance: float, day: int | None) -> None:
    if day is None:
        raise InputError("a chance of being full by no day", where="‹chance›", allowed="with ‹by›")
    if not 0.0 < chance < 1.0:
        raise InputError("the chance is not a probability", where="‹chance›", allowed="above 0, below 1", got=chance)


def _left_out(door: str, operations: Operations) -> tuple[str, ...]:
    if door == EXACT:
        return ("screening by reason", "analyses", "data", "supply", "wards", "cost", "power")
    return beyond_fast(operations) if door == FAST else ()


def _full_by(day: int, recruitment: Recruitment, observed: Observed | None, full: DayFull) -> FullBy:
    share = error = math.nan
    if observed is not None:
        reached = observed.numbers["full_day"] <= day
        share, error = float(reached.mean()), standard_error(int(reached.sum()), len(reached))
    return FullBy(day, recruitment.date(day), share, error, full.by(day))


def _needed(law: EnrolmentLaw, patients: int, day: int | None, chance: float | None) -> Needed | None:
    """What it takes to be full by a day with a chance, with sites like those of the largest group."""
    if chance is None or day is None:
        return None
    recruitment = law.recruitment
    largest = max(range(len(recruitment.groups)), key=lambda g: recruitment.groups[g].count)
    country = next(c for c in recruitment.countries if recruitment.groups[largest] in c.groups)
    name = recruitment.groups[largest].name
    like = country.name if name in ("", country.name) else f"{country.name}, {name}"
    return Needed(
        day,
        recruitment.date(day),
        chance,
        like,
        sites_to_add(law, patients, day, chance, largest),
        rate_factor(law, patients, day, chance),
    )


def _drivers(observed: Observed) -> tuple[CostDriver, ...]:
    """The items of the cost, the largest first."""
    if "cost" not in observed.numbers:
        return ()
    total = observed.numbers["cost"]
    found = []
    for name, values in observed.numbers.items():
        kind, _, item = name.partition(PART)
        if kind == "cost_of":
            summary = observed.summary(name)
            share = summary.mean / float(total.mean()) if total.any() else math.nan
            found.append(CostDriver(item, summary.mean, summary.mc_se, share, _moves_with(values, total)))
    return tuple(sorted(found, key=lambda one: -one.mean))


def _moves_with(values: Floats, total: Floats) -> float:
    variance = float(total.var())
    return float(np.cov(values, total, bias=True)[0, 1]) / variance if variance > 0.0 else math.nan


def _power(trials: ConductedTrials, asked: Scenario) -> PowerResult:
    found = trials.power
    words = [f"--replicates {found.replicates}", f"--seed {found.seed}", f"--engine {found.engine}"]
    provenance = provenance_of(asked, command("power", asked, words))
    return about(replace(found, scenario=asked.path, provenance=provenance), asked)


def _words(options: ConductOptions, door: str, trials: ConductedTrials | None) -> list[str]:
    """The options that make the answer again."""
    words = [] if options.by is None else [f"--by {options.by}"]
    words += [] if options.chance is None else [f"--chance {digits(options.chance)}"]
    if trials is not None:
        words += [f"--replicates {options.replicates}", f"--seed {options.seed}", f"--engine {trials.power.engine}"]
    return [*words, f"--door {door}"]
