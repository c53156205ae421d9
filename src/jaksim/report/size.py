"""The report of a sample size."""

from __future__ import annotations

from collections.abc import Iterator

from jaksim.design.sizing import SampleSize
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import rests_on
from jaksim.report.parts.layout import columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.multiplicity import each_by_itself
from jaksim.report.parts.numbers import patients, percent, probability_with_error, whole


def size_report(result: SampleSize) -> Iterator[Block]:
    """The answer with its uncertainty, the analytic answer, and the steps of the search."""
    low, high = result.interval
    yield title(result.title)
    yield ""
    yield heading("Patients needed")
    yield definitions(
        [
            ("Analysis", result.analysis),
            ("Power wanted", percent(result.target)),
            ("Patients", f"{whole(result.n_patients)} (95 % interval of the simulation {whole(low)} to {whole(high)})"),
            ("Power with these", f"{probability_with_error(result.power, result.mc_se)} (simulated)"),
            ("Analytic answer", _analytic(result)),
            ("In the scenario", f"{whole(result.n_in_scenario)} patients"),
        ]
    )
    if result.asked is not None:
        yield from each_by_itself(result.asked.trial)
    yield ""
    yield heading("Steps of the search")
    rows = [(whole(step.n_patients), whole(step.replicates), percent(step.power, 2)) for step in result.steps]
    yield columns(["Patients", "Replicates", "Power"], rows, right=(0, 1, 2))
    yield from rests_on(result.assumptions)
    yield ""
    origin = result.provenance
    yield paragraph(
        f"All arms together, in multiples of {result.multiple}; every step uses the same random numbers. ± is the "
        f"Monte Carlo standard error. {result.engine} engine, seed {result.seed}, {result.elapsed_seconds:.1f} s; "
        f"jaksim {origin['version']}, scenario {origin['scenario_hash'][:12]}."
    )
    yield recreated(origin["command"])


def _analytic(result: SampleSize) -> str:
    if result.analytic_n_patients is not None:
        return f"{patients(result.analytic_n_patients)} ({result.analytic_law})"
    if result.analytic_caution:
        return f"- (not to be relied on: {result.analytic_caution})"
    return "- (none is known for this design)"
