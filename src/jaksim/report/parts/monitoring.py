"""How a trial is conducted, in words: accrual, randomisation, interim analyses and their boundaries, adaptations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from jaksim.piecewise import PiecewiseConstant
from jaksim.report.blocks import Block
from jaksim.report.boundaries import bounds_table
from jaksim.report.parts.layout import NO_BREAK, paragraph
from jaksim.report.parts.numbers import whole
from jaksim.trial import Trial
from jaksim.trial.accrual import Accrual
from jaksim.trial.interim import Monitoring
from jaksim.trial.randomisation import Randomisation
from jaksim.trial.trigger import Condition, Trigger

if TYPE_CHECKING:
    from jaksim.trial.operations.day_law import DayLaw
    from jaksim.trial.operations.operations import Operations
    from jaksim.trial.operations.recruitment import Recruitment

MOST_PIECES: Final = 4
_COUNTS: Final = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_SHARES = {"events": "of events", "complete": "complete", "patients": "randomised"}
_NUMBERS = {"events": "events", "complete": "complete", "patients": "randomised"}
_INFORMATION = {"events": "events", "complete": "complete outcomes"}


def conduct_rows(trial: Trial) -> Iterator[tuple[str, str]]:
    """Term and text of each thing that a trial in calendar time has beyond one analysed once."""
    if trial.operations is not None:
        yield "Accrual", operations_words(trial.operations, trial.population.patients)
    elif trial.accrual is not None:
        yield "Accrual", accrual_words(trial.accrual, trial.population.patients, _intake(trial))
    if trial.monitoring is not None:
        yield from _monitoring(trial.monitoring, [plan.name for plan in trial.analyses])
    if trial.adaptation is not None:
        for number, sentence in enumerate(trial.adaptation.describe()):
            yield ("" if number else "Adaptation"), sentence


def conduct_tables(trial: Trial) -> Iterator[Block]:
    """The boundaries of a monitored analysis, with what triggers each analysis."""
    monitoring = trial.monitoring
    if monitoring is None:
        return
    when = [trigger_words(interim) for interim in monitoring.interims]
    when.append("all complete" if monitoring.last is None else trigger_words(monitoring.last))
    yield ""
    from jaksim.trial.monitoring.record import boundaries_record

    yield bounds_table(boundaries_record(monitoring.boundaries), when)
    if monitoring.information != "planned":
        what = _INFORMATION[monitoring.information]
        total = "the planned number" if monitoring.maximum is None else whole(round(monitoring.maximum))
        yield paragraph(f"Each trial's bounds follow the information in its data, {what} in parts of {total}.")


def randomisation_words(randomisation: Randomisation) -> str:
    """The scheme of randomisation as a fragment."""
    within = " within strata" if randomisation.stratified else ""
    words = {
        "simple": "simple randomisation",
        "permuted blocks": f"permuted blocks of {randomisation.block_size}{within}",
        "biased coin": f"biased coin ({randomisation.coin:g}){within}",
        "minimisation": f"minimisation over the strata's factors ({randomisation.coin:g})",
    }[randomisation.scheme]
    if randomisation.blinded is None:
        return words
    return f"{words}, {'blinded' if randomisation.blinded else 'open'}"


def accrual_words(accrual: Accrual, patients: int, intake: PiecewiseConstant | None = None) -> str:
    """How patients come, and when the last is expected; `intake` is the share of them that is recruited."""
    rates, cuts = accrual.rate.values, accrual.rate.cuts
    if len(rates) > MOST_PIECES:
        speed = f"{rates[0]:.3g} to {rates[-1]:.3g} patients a day in {len(rates)} steps until day {cuts[-1]:g}"
    else:
        pieces = [f"{rate:.3g} until day {cut:g}" for rate, cut in zip(rates, cuts, strict=False)]
        speed = ", then ".join([*pieces, f"{rates[-1]:.3g}"]) + " patients a day"
    how = "at random" if accrual.arrivals == "random" else "evenly"
    recruited = accrual if intake is None else replace(accrual, rate=accrual.rate * intake)
    turned = ", of whom those of strata that are closed are turned away" if intake is not None else ""
    last = f"number {whole(patients)} is expected on day {recruited.day_of(patients):.0f}"
    lag = f"; data are in the analysis after {accrual.lag} days" if accrual.lag else ""
    return f"{speed}, {how}{turned}; {last}{lag}"


def operations_words(operations: Operations, patients: int) -> str:
    """Through which sites patients come, how fast, and when the last is expected."""
    recruitment, flow, board = operations.recruitment, operations.data_flow, operations.board
    countries, sites = len(recruitment.countries), recruitment.n_sites
    screened = sum(group.count * group.rate for group in recruitment.groups)
    share = operations.screening.randomised
    where = f"{whole(sites)} {'site' if sites == 1 else 'sites'}"
    if countries > 1:
        where += f" in {_COUNTS.get(countries, str(countries))} countries"
    opened = [group.opens for group in recruitment.groups]
    longest = max(one.longest for one in opened)
    opening = "open from day 0" if longest == 0 else f"opening on days {min(map(_first, opened))} to {longest}"
    speed = f"at full speed {screened:.3g} patients screened a day"
    speed += f" and {share * screened:.3g} randomised" if share < 1.0 else ""
    from jaksim.trial.operations.recruitment import expected_patients

    expected = expected_patients(recruitment, 1.0, operations.screening.days_to_randomisation)
    last = int(np.searchsorted(expected, patients - 1e-9))
    words = f"{where}, {opening}; {speed}; number {whole(patients)} is expected on {_dated(recruitment, last)}"
    late = flow.entry.mean + flow.queried * flow.query.mean
    words += f"; data are late by {late:.0f} days on average" if flow.delays else ""
    wait = board.preparation.mean + board.decision.mean
    return words + (f"; a decision takes {wait:.0f} days from the data cut" if wait > 0.0 else "")


def _first(law: DayLaw) -> int:
    return int(np.argmax(law.pmf > 0.0))


def _dated(recruitment: Recruitment, day: int) -> str:
    date = recruitment.date(day)
    return f"day {day}" + (f" ({date})" if date else "")


def _intake(trial: Trial) -> PiecewiseConstant | None:
    if trial.adaptation is None:
        return None
    return trial.adaptation.intake({stratum.name: stratum.weight for stratum in trial.population.strata})


def trigger_words(trigger: Trigger) -> str:
    """When an analysis happens."""
    return " or ".join(" and ".join(_condition(condition) for condition in group) for group in trigger.groups)


def planned_triggers(trial: Trial, looks: int) -> list[str]:
    """When each of so many analyses is planned, in words."""
    monitoring = trial.monitoring
    if monitoring is None:
        before = () if trial.adaptation is None else trial.adaptation.data_cuts(trial)
        return [*(one if isinstance(one, str) else trigger_words(one) for one in before), "all complete"]
    last = "all complete" if monitoring.last is None else trigger_words(monitoring.last)
    return [*(trigger_words(one) for one in monitoring.interims), last]


def _condition(one: Condition) -> str:
    of = f" ({one.endpoint})" if one.endpoint else ""
    if one.quantity == "day":
        return f"day {one.value:g}"
    if one.share:
        return f"{100.0 * one.value:g}{NO_BREAK}% {_SHARES[one.quantity]}{of}"
    return f"{whole(int(one.value))} {_NUMBERS[one.quantity]}{of}"


def _monitoring(monitoring: Monitoring, analyses: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The design of the boundaries, and which other analyses decide where."""

    def numbered(name: str) -> str:
        return f"[{list(analyses).index(name) + 1}]"

    from jaksim.trial.monitoring.record import design_words

    yield "Interims", f"of {numbered(monitoring.analysis)}, {design_words(monitoring.boundaries.plan).rstrip('.')}"
    for name in dict.fromkeys(monitoring.efficacy):
        if name != monitoring.analysis:
            where = ", ".join(str(number) for number, one in enumerate(monitoring.efficacy, start=1) if one == name)
            yield (
                "",
                f"at analysis {where} {numbered(name)} is tested for efficacy instead, at the level and on the sides "
                f"of {numbered(monitoring.analysis)}",
            )
    for number, judge in enumerate(monitoring.futility, start=1):
        if judge is not None:
            yield (
                "",
                f"futility at analysis {number} is judged by {numbered(judge.analysis)} instead, on the data of the "
                f"same day: the trial ends where its z, positive for benefit, is below {judge.z:g}; no bound counts "
                "on that",
            )
    if monitoring.harm is not None:
        bounds = ", ".join(f"{z:.2f}" for z in monitoring.harm.z)
        yield (
            "",
            f"harm at the interim analyses is judged by {numbered(monitoring.harm.analysis)}, on the data of the same "
            f"day: the trial ends where its z, positive for benefit, is below {bounds} ({monitoring.harm.words}), "
            "whatever the other analyses say; nothing is rejected then",
        )
