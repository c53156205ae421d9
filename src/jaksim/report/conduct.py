"""The report of the conduct of a trial: enrolment, screening, sites, analyses, data, supply, wards, cost and power."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from jaksim.operations.doors import beyond_fast
from jaksim.operations.observing.observed import NUMBERS
from jaksim.report.blocks import Block
from jaksim.report.parts.assumptions import assumptions_part
from jaksim.report.parts.characteristics import characteristics_part
from jaksim.report.parts.layout import NO_BREAK, columns, definitions, heading, paragraph, recreated, title
from jaksim.report.parts.monitoring import operations_words, planned_triggers
from jaksim.report.parts.numbers import percent, probability_with_error, whole
from jaksim.report.parts.twins import level_cautions
from jaksim.report.parts.words import method_words
from jaksim.trial import Trial
from jaksim.verbs.conduct_result import ConductResult, Described

_AT_ANALYSIS: Final = ("enrolled_at_cut", "complete_at_cut", "events_at_cut", "enrolled_at_decision", "overrun")
_LEVELS: Final = ("5", "50", "95")
_HEADERS: Final = ("Mean", "SD", "5 %", "Median", "95 %")
_BY_PART: Final = ("supply", "wards")
_WIDE: Final = 4
_TITLES: Final = {
    "enrolment": "Enrolment",
    "screening": "Screening",
    "sites": "Sites",
    "data": "Data",
    "supply": "Supply",
    "wards": "Patients by state, wards",
}


def conduct_report(found: ConductResult) -> Iterator[Block]:
    """Plan in words, each section with its definitions, power and characteristics, assumptions and provenance."""
    trial: Trial = found.asked.trial
    yield title(found.title)
    yield ""
    yield heading("Plan")
    yield definitions(_plan(found, trial))
    for name in ("enrolment", "screening", "sites"):
        yield from _section(found, name)
    yield from _analyses(found, trial)
    for name in ("data", "supply", "wards"):
        yield from _section(found, name)
    yield from _cost(found)
    yield from _power(found)
    yield ""
    yield from assumptions_part(found.assumptions)
    yield ""
    yield from _provenance(found)


def _plan(found: ConductResult, trial: Trial) -> Iterator[tuple[str, str]]:
    yield "Patients", f"{whole(found.n_patients)} planned"
    assert trial.operations is not None
    yield "Accrual", operations_words(trial.operations, trial.population.patients)
    if found.start:
        yield "Day 0", found.start
    yield "Door", found.door_words
    if found.left_out:
        yield "Left out", f"{', '.join(found.left_out)}: not in these figures"


def _section(found: ConductResult, name: str) -> Iterator[Block]:
    numbers = [one for one in found.section(name) if not _nothing(one)]
    if not numbers:
        return
    yield ""
    yield heading(_TITLES[name])
    yield from _tables(numbers, name)
    if name == "enrolment":
        yield from _full(found)
    if name == "supply":
        yield paragraph(_to_make(numbers))
    yield from _meanings(numbers)


def _to_make(numbers: Sequence[Described]) -> str:
    """How many kits to make for a risk of 5 %."""
    drawn = [one for one in numbers if one.kind == "kits_drawn"]
    needed = ", ".join(f"{one.part} {one.summary.quantiles['95']:,.0f}" for one in drawn)
    return (
        f"In 95{NO_BREAK}% of the trials the depot is drawn upon for no more than this, to be made for a risk "
        f"of 5{NO_BREAK}%: {needed}."
    )


def _nothing(one: Described) -> bool:
    """Whether a quantity that plans without caps or closed strata never have is 0 throughout."""
    return one.name == "not_taken" and one.summary.mean == 0.0


def _tables(numbers: Sequence[Described], name: str) -> Iterator[Block]:
    """Days with their dates in one table, what several products or wards have in one, the rest in another."""
    by_part = [one for one in numbers if one.part and name in _BY_PART]
    if by_part:
        yield from _by_part(by_part)
    days = [one for one in numbers if one.unit == "day"]
    others = [one for one in numbers if one.unit != "day" and one not in by_part]
    headers = ["", *_HEADERS]
    if days:
        yield columns(["Day", *_HEADERS], [_row(one) for one in days], right=(1, 2, 3, 4, 5))
    if others:
        yield columns(headers, [_row(one) for one in others], right=(1, 2, 3, 4, 5))


def _by_part(numbers: Sequence[Described]) -> Iterator[Block]:
    """A row for each product, ward or group of states, a column for each kind of number; a table for those that have
    the same kinds."""
    parts: dict[str, dict[str, Described]] = {}
    for one in numbers:
        parts.setdefault(one.part, {})[one.kind] = one
    for kinds in dict.fromkeys(tuple(one) for one in parts.values()):
        some = {part: one for part, one in parts.items() if tuple(one) == kinds}
        for shown in (kinds[:_WIDE], kinds[_WIDE:]):
            if shown:
                rows = [(part, *(_with_error(one[kind]) for kind in shown)) for part, one in some.items()]
                headers = ["", *(NUMBERS[kind].words.capitalize() for kind in shown)]
                if len(shown) == 1:
                    headers, rows = (
                        ["", *_HEADERS],
                        [
                            (f"{NUMBERS[shown[0]].words}: {part}", *_row(one[shown[0]])[1:])
                            for part, one in some.items()
                        ],
                    )
                yield columns(headers, rows, right=range(1, len(headers)))


def _row(one: Described) -> tuple[str, ...]:
    return (
        one.words,
        _with_error(one),
        _number(one.summary.sd, _digits(one.summary.mc_se)),
        *(_at(one, level) for level in _LEVELS),
    )


def _at(one: Described, level: str) -> str:
    value = one.summary.quantiles[level]
    if not math.isfinite(value):
        return "-"
    text = f"{value:,.0f}" if one.unit else f"{value:,.2f}"
    return f"{one.dates[level]} ({text})" if level in one.dates else text


def _digits(error: float) -> int:
    """Decimals that an error deserves."""
    if not (math.isfinite(error) and error > 0.0):
        return 0
    return int(min(max(0, 1 - math.floor(math.log10(error))), 4))


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}" if math.isfinite(value) else "-"


def _meanings(numbers: Iterable[Described]) -> Iterator[Block]:
    said: dict[str, str] = {}
    for one in numbers:
        whole_of_it = one.part and one.section in ("enrolment", "screening")
        said.setdefault(one.kind, one.definition if whole_of_it else f"{NUMBERS[one.kind].words}: {one.definition}")
    yield paragraph(" ".join(f"{text[:1].upper()}{text[1:]}" for text in said.values()))


def _full(found: ConductResult) -> Iterator[Block]:
    full = found.numbers.get("full_day")
    sentences = []
    if math.isfinite(found.exact_full_day) and found.replicates:
        z = "" if full is None or full.z is None else f", {full.z:+.1f} Monte Carlo errors from the simulated one"
        sentences.append(
            f"By the exact law{_without(found)} a trial that nothing stops is full on day "
            f"{found.exact_full_day:.1f} on average{z}."
        )
    never = 0 if full is None else found.replicates - full.summary.n
    if never > 0:
        sentences.append(f"{whole(never)} of {whole(found.replicates)} trials are never full.")
    if found.full_by is not None:
        one = found.full_by
        simulated = "" if not math.isfinite(one.share) else f"{probability_with_error(one.share, one.mc_se)} simulated"
        law = "" if one.exact is None else f"{percent(one.exact, 2)} by the exact law"
        sentences.append(f"Full by the end of {_day(one.day, one.date)}: {', '.join(filter(None, (simulated, law)))}.")
    if found.needed is not None:
        sentences.append(_needed(found))
    if sentences:
        yield paragraph(" ".join(sentences))


def _without(found: ConductResult) -> str:
    """What the exact law of enrolment leaves out."""
    parts = beyond_fast(found.asked.trial.operations)
    return f", without {' and '.join(parts)}," if parts else ""


def _needed(found: ConductResult) -> str:
    one = found.needed
    assert one is not None
    goal = f"to be full by then with a chance of {100 * one.chance:g}{NO_BREAK}%"
    sites = "no number of sites is enough" if one.sites_to_add is None else f"{whole(one.sites_to_add)} sites"
    rate = "no rate is enough" if one.rate_factor is None else f"{one.rate_factor:.3f} times the rate at every site"
    return f"It takes {sites} more like those of {one.sites_like}, or {rate}, {goal}, by the exact law."


def _day(day: int, date: str) -> str:
    return f"day {day}" + (f" ({date})" if date else "")


def _analyses(found: ConductResult, trial: Trial) -> Iterator[Block]:
    analyses = found.analyses
    if not analyses:
        return
    yield ""
    yield heading("Analyses")
    rows = []
    for (number, one), when in zip(analyses.items(), planned_triggers(trial, len(analyses)), strict=True):
        share, error = found.reached(number)
        reached = "-" if math.isnan(share) else probability_with_error(share, error)
        days = (one[kind] for kind in ("analysis_day", "decision_day"))
        rows.append((str(number), when, reached, *(text for day in days for text in _span(day))))
    headers = ["", "When", "Reached", "Data cut", "5 to 95 %", "Decision", "5 to 95 %"]
    yield columns(headers, rows, right=range(2, 7))
    kinds = [kind for kind in _AT_ANALYSIS if any(kind in one for one in analyses.values())]
    rows = [(str(number), *(_with_error(one.get(kind)) for kind in kinds)) for number, one in analyses.items()]
    headers = ["", *(NUMBERS[kind].words.capitalize() for kind in kinds)]
    yield columns(headers, rows, right=range(1, len(headers)))
    yield paragraph(
        "Medians of days and means of patients over the trials that reach an analysis."
        f" {'Events and complete' if 'events_at_cut' in kinds else 'Complete'} outcomes are of {_monitored(trial)}."
    )
    yield from _meanings(next(iter(analyses.values())).values())


def _monitored(trial: Trial) -> str:
    name = trial.monitoring.analysis if trial.monitoring is not None else trial.analyses[0].name
    return next(one.endpoint for one in trial.analyses if one.name == name)


def _span(one: Described) -> tuple[str, str]:
    """Median with the date, and the range from 5 to 95 %."""
    low, middle, high = (one.summary.quantiles[level] for level in _LEVELS)
    if not math.isfinite(middle):
        return "-", "-"
    return _at(one, "50"), f"{low:.0f} to {high:.0f}"


def _with_error(one: Described | None) -> str:
    if one is None or not math.isfinite(one.summary.mean):
        return "-"
    digits = _digits(one.summary.mc_se)
    error = f" ± {one.summary.mc_se:,.{digits}f}" if one.summary.mc_se > 0.0 else ""
    return f"{one.summary.mean:,.{digits}f}{error}"


def _cost(found: ConductResult) -> Iterator[Block]:
    if "cost" not in found.numbers:
        return
    currency = found.currency or "money"
    yield ""
    yield heading("Cost")
    total = found.numbers["cost"]
    rows = [
        (
            one.item,
            f"{one.mean:,.0f} ± {one.mc_se:,.0f}",
            percent(one.share),
            percent(round(one.share_of_variance, 4) + 0.0),
        )
        for one in found.cost_drivers
    ]
    summary = total.summary
    rows.append(("total", f"{summary.mean:,.0f} ± {summary.mc_se:,.0f}", percent(1.0), percent(1.0)))
    yield columns([f"Item, {currency}", "Mean", "Of the total", "Of its variance"], rows, right=(1, 2, 3))
    low, middle, high = (summary.quantiles[level] for level in _LEVELS)
    yield paragraph(
        f"Total: median {middle:,.0f}, 5 to 95{NO_BREAK}% of trials {low:,.0f} to {high:,.0f} {currency}. "
        f"{total.definition} Of its variance: covariance of an item with the total over the variance of the total, "
        "which says what moves the total from trial to trial."
    )


def _power(found: ConductResult) -> Iterator[Block]:
    power = found.power
    if power is None:
        return
    yield ""
    yield heading("Power, in the same trials")
    rows = [
        (f"[{number}]", f"{one.endpoint}, {method_words(one.method)}", probability_with_error(one.power, one.mc_se))
        for number, one in enumerate(power.analyses, start=1)
    ]
    yield columns(["", "Endpoint and method", "Power"], rows, right=(2,))
    yield from level_cautions(power.analyses, null=False)
    if power.characteristics is not None:
        yield ""
        yield from characteristics_part(power.characteristics)


def _provenance(found: ConductResult) -> Iterator[Block]:
    origin = found.provenance
    simulated = f"{whole(found.replicates)} replicates, seed {found.seed}, " if found.replicates else ""
    yield paragraph(
        f"{simulated}{found.door} door, {found.elapsed_seconds:.1f} s; jaksim {origin['version']}, scenario "
        f"{origin['scenario_hash'][:12]}. ± is the Monte Carlo standard error of a mean or a share, SD and quantiles "
        "are over trials. Days count from day 0, the first of the trial."
    )
    yield recreated(origin["command"])
