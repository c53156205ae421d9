"""The verb `size`: patients needed for a power."""

from __future__ import annotations

import shlex
from dataclasses import replace

from jaksim.design.defaults import EVENT_SIZE_REPLICATES
from jaksim.design.settings import Settings
from jaksim.design.sizing import SampleSize, trial_size
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.door import assumptions_by, chosen_door, door_words, replicates_by
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.size import SizeOptions
from jaksim.verbs.provenance import command, digits, provenance_of


@takes(SizeOptions)
def size(scenario: AskedScenario, options: SizeOptions) -> SampleSize:
    """Patients with which an analysis of a scenario has a power, found by simulation, with the analytic answer.

    Raises `InputError` where no number of patients gives the power, and for values out of range.
    """
    asked = scenario_of(scenario, options.changes)
    door = chosen_door(options.door, asked, engine=options.engine)
    settings = Settings(
        replicates=replicates_by(door, options.replicates, EVENT_SIZE_REPLICATES),
        door=door,
        seed=options.seed,
        engine=options.engine,
        workers=options.workers,
    )
    result = trial_size(asked.trial, options.power, settings, analysis=options.analysis, advance=options.progress)
    words = [f"--power {digits(options.power)}", f"--analysis {shlex.quote(result.analysis)}"]
    words += [f"--replicates {settings.replicates}", f"--seed {settings.seed}", f"--engine {result.engine}"]
    words += door_words(door, [asked])
    provenance = provenance_of(asked, command("size", asked, words))
    answer = replace(result, scenario=asked.path, assumptions=assumptions_by(door, asked), provenance=provenance)
    return about(answer, asked)
