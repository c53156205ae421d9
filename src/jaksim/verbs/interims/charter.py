"""The verb `charter`: when the interim analyses of a scenario are expected, and what their bounds mean."""

from __future__ import annotations

from time import perf_counter

from jaksim.design.conduct.charter.charter import MonitoringCharter, expected_drift, looks_of_charter
from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.sums.precision import check_seed
from jaksim.verbs.asked import AskedScenario, about, scenario_of
from jaksim.verbs.interims.monitored import monitored
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.interims import CharterOptions
from jaksim.verbs.provenance import command, provenance_of


@takes(CharterOptions)
def charter(scenario: AskedScenario, options: CharterOptions) -> MonitoringCharter:
    """The analyses of the monitored analysis of a scenario, as a charter of a data monitoring committee lists them.

    Of each, as if no trial stopped before: calendar day, patients enrolled, events, complete outcomes and information
    (mean, 10 and 90 % points of simulated trials); its bounds as z, as p, and as an estimate with the standard error
    expected there; and the chance of rejecting later from each bound. Raises `InputError` for a scenario without
    [monitoring].
    """
    asked = scenario_of(scenario, options.changes)
    check_seed(options.seed)
    started = perf_counter()
    _, design = monitored(asked, options.seed, "charter")
    looks = looks_of_charter(design, options.replicates, workers=options.workers, advance=options.progress)
    found = design.monitoring.boundaries
    words = [f"--replicates {options.replicates}", f"--seed {options.seed}"]
    answer = MonitoringCharter(
        scenario=asked.path,
        title=asked.title,
        analysis=design.monitoring.analysis,
        method=design.test.method.name,
        scale=Scale.of(design.test),
        boundaries=found,
        looks=looks,
        expected_drift=expected_drift(design),
        planned_drift=found.drift,
        doubt=design.doubt,
        replicates=options.replicates,
        seed=options.seed,
        engine=design.engine_name,
        elapsed_seconds=perf_counter() - started,
        provenance=provenance_of(asked, command("boundaries", asked, words)),
    )
    return about(answer, asked)
