"""What was simulated: patients, how the trial ended, and average effects where each patient has every regimen."""

from __future__ import annotations

from collections.abc import Iterator

from jaksim.report.blocks import Block
from jaksim.report.parts.counterfactual import effects_part, strata_part
from jaksim.report.parts.ending import ending_lines
from jaksim.report.parts.layout import AsPrinted
from jaksim.verbs.simulate import SimulatedTrial
from jaksim.verbs.simulate_log import SimulatedLog
from jaksim.verbs.simulating.replicates import SimulatedReplicates


def simulated_report(found: SimulatedTrial) -> Iterator[Block]:
    """Patients in a line, the ending, and the effects of the regimens on the same patients."""
    under = " under each regimen" if found.worlds is not None else ""
    yield AsPrinted(f"{len(found.patients)} patients of replicate {found.replicate}{under}")
    yield from ending_and_effects(found)


def ending_and_effects(found: SimulatedTrial) -> Iterator[Block]:
    """What there is to say besides the number of patients."""
    if found.ending is not None:
        yield AsPrinted("\n".join(ending_lines(found.ending)))
    if found.left_out:
        yield AsPrinted(found.left_out)
    if found.worlds is not None:
        yield ""
        yield from effects_part(found.worlds.effects())
        strata = found.worlds.principal_strata()
        if strata:
            yield ""
            yield from strata_part(strata)


def replicates_report(found: SimulatedReplicates) -> Iterator[Block]:
    """Patients and replicates of the file."""
    last = found.last - 1
    numbers = f"replicate {found.first}" if last == found.first else f"replicates {found.first} to {last}"
    yield AsPrinted(f"{found.patients} patients of {numbers} written to {found.file}")
    if found.empty:
        yield AsPrinted(f"nobody is randomised in {found.empty} of them")


def log_report(found: SimulatedLog) -> Iterator[Block]:
    """Events by kind."""
    yield AsPrinted(f"{len(found.events)} events of replicate {found.replicate} up to day {found.on}")
    yield AsPrinted(", ".join(f"{n} {event}" for event, n in found.counts.items()))
