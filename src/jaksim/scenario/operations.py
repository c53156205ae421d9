"""The operations part of a scenario: how the trial is run."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.operations.doors import LEFT_OUT, left_out_words
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption
from jaksim.trial.operations.costs import Costs
from jaksim.trial.operations.data_flow import Board, DataFlow
from jaksim.trial.operations.day_law import DayLaw, day_law, fixed
from jaksim.trial.operations.operations import Operations
from jaksim.trial.operations.recruitment import Country, Recruitment, Season, SiteGroup, Speed
from jaksim.trial.operations.screening import Reason, Screening
from jaksim.trial.operations.supply import Product, Resupply, Supply
from jaksim.trial.operations.wards import Ward

HERE = "operations"
NO_LAW: Final = (
    "every patient is simulated by herself (path): sites differ, so that patients have no law in common and no power "
    "is known without simulation"
)
_NORMAL_975: Final = 1.959963984540054
_PARTS = ("screening", "supply", "data", "board", "costs")


def read_operations(table: Mapping[str, Any], arms: Sequence[Arm]) -> Operations | None:
    """The `[operations]` table, None without one."""
    if not table:
        return None
    values = read_section(table, HERE, HERE)
    part = {name: read_section(values[name], f"{HERE}.{name}", f"{HERE}.{name}") for name in _PARTS if values[name]}
    start = _date(values["start"])
    countries = tuple(
        _country(place, read_section(entry, f"{HERE}.country", place), start)
        for place, entry in elements(values["country"], f"{HERE}.country")
    )
    wards = tuple(
        _ward(place, read_section(entry, f"{HERE}.ward", place))
        for place, entry in elements(values["ward"], f"{HERE}.ward")
    )
    with located(HERE):
        return Operations(
            Recruitment(countries, values["until"]),
            _screening(part["screening"]) if "screening" in part else Screening(),
            _supply(part["supply"], arms) if "supply" in part else None,
            wards,
            _data(part["data"]) if "data" in part else DataFlow(),
            _board(part["board"]) if "board" in part else Board(),
            _costs(part["costs"]) if "costs" in part else Costs(),
            values["site_sd"],
            values["randomised_within_sites"],
        )


def operations_assumptions(table: Mapping[str, Any], operations: Operations | None) -> Iterator[Assumption]:
    """What is assumed about how the trial is run, part by part, and where each part comes from."""
    if operations is None:
        return
    values = read_section(table, HERE, HERE)
    for country, entry in zip(operations.recruitment.countries, values["country"], strict=True):
        sites = sum(group.count for group in country.groups)
        rate = sum(group.count * group.rate for group in country.groups)
        words = f"{sites} sites, {rate:.3g} patients screened a day at full speed{_mix_words(country)}"
        yield _assumption(entry, f"sites in {country.name}", words)
    for name, words in _said(operations).items():
        if values[name]:
            yield _assumption(values[name], name, words)
    for reason in operations.screening.reasons:
        if reason.source:
            words = f"{100.0 * reason.probability:.1f} % of the screened fail for {reason.name}"
            note = values["screening"].get("assumption", "")
            yield Assumption("screening", words, source=reason.source, published=not note, note=note)
    for ward, entry in zip(operations.wards, values["ward"], strict=True):
        yield _assumption(entry, f"ward {ward.name}", _ward_words(ward))
    if operations.site_sd > 0.0:
        yield _assumption(values, "site effects", _site_words(operations.site_sd))
        yield Assumption("engine", NO_LAW)
    left_out = left_out_words(operations)
    if left_out:
        yield Assumption(LEFT_OUT, left_out)


def _mix_words(country: Country) -> str:
    """How far the strata of the patients differ between sites."""
    drawn = sorted({group.concentration for group in country.groups if math.isfinite(group.concentration)})
    listed = " and ".join(f"{one:g}" for one in drawn)
    return f", with shares of the strata of their own (Dirichlet, concentration {listed})" if drawn else ""


def _site_words(sd: float) -> str:
    low, high = math.exp(-_NORMAL_975 * sd), math.exp(_NORMAL_975 * sd)
    return (
        f"log intensities of getting better vary between sites with standard deviation {sd:g}: patients of 95 % of the "
        f"sites get better {low:.2f} to {high:.2f} times as fast as those of the median site, in every arm alike"
    )


def _ward_words(ward: Ward) -> str:
    """Places, other patients, and what becomes of a patient who finds no place."""
    wave = f", up to {max(factor for _, factor in ward.wave):g} times as many in the wave" if ward.wave else ""
    full = "is taken elsewhere"
    if ward.rule == "stay":
        full = f"stays, gets worse {ward.worse:g} times and better {ward.better:g} times as fast"
    return f"{ward.places} places at a site, {ward.others:g} other patients a day{wave}; who finds none {full}"


def _said(operations: Operations) -> dict[str, str]:
    """Each part in words."""
    board, flow = operations.board, operations.data_flow
    found = {
        "screening": f"{100.0 * operations.screening.randomised:.1f} % of the screened are randomised",
        "data": f"entered after {flow.entry.words}",
        "board": f"meets after {board.preparation.words}, sites know after {board.decision.words} more"
        + (", nobody is randomised in between" if board.pause else ""),
        "costs": f"in {operations.costs.currency or 'one currency'}",
    }
    if operations.supply is not None:
        resupply = operations.supply.resupply
        found["supply"] = (
            f"resupply by {resupply.policy}, lead time {resupply.lead.words}; {_missed_words(operations.supply)}"
        )
    return found


def _missed_words(supply: Supply) -> str:
    share = supply.missed_dose_effect
    if share == 0.0:
        return "a missed dispensing leaves the effect of the treatment as it is"
    lost = "no effect" if share == 1.0 else f"{100.0 * (1.0 - share):g} % of the effect (on the log scale)"
    named = f" of {' and '.join(supply.treatments)}" if supply.treatments else " of the treatment"
    return f"from a missed dispensing until the next kit a patient has {lost}{named}"


def _assumption(table: Mapping[str, Any], about: str, statement: str) -> Assumption:
    source, note = table.get("source", ""), table.get("assumption", "")
    return Assumption(about, statement, source, published=bool(source) and not note, note=note)


def _country(place: str, values: Mapping[str, Any], start: datetime.date | None) -> Country:
    if (values["rate"] is None) == (not values["group"]):
        raise InputError("the sites of a country are not given once", where=place, allowed="a rate, or groups of sites")
    with located(place):
        season = Season(
            start, tuple(values["months"]), values["weekend"], tuple(_pair(one, "closed") for one in values["closed"])
        )
    groups: list[tuple[str, Mapping[str, Any]]] = [(place, values)]
    if values["group"]:
        section = f"{HERE}.country.group"
        groups = [
            (at, read_section(entry, section, at)) for at, entry in elements(values["group"], join(place, "group"))
        ]
    return Country(values["name"], tuple(_group(at, entry) for at, entry in groups), season, values["cap"])


def _group(place: str, values: Mapping[str, Any]) -> SiteGroup:
    if values["rate"] is None:
        raise InputError("the rate of the sites is missing", where=join(place, "rate"), allowed="a number above 0")
    opens = _days(values["opens"], join(place, "opens"))
    with located(place):
        return SiteGroup(
            name=values["name"] or place.rpartition(".")[2],
            count=values["sites"],
            rate=values["rate"],
            opens=opens,
            shape=math.inf if values["rate_shape"] is None else values["rate_shape"],
            speed=Speed(values["ramp"], values["decay"]),
            cap=values["site_cap"],
            closes=values["closes"],
            strata=tuple(values["strata"]),
            concentration=math.inf if values["strata_concentration"] is None else values["strata_concentration"],
        )


def _screening(values: Mapping[str, Any]) -> Screening:
    read = [
        read_section(entry, f"{HERE}.screening.reason", place)
        for place, entry in elements(values["reason"], f"{HERE}.screening.reason")
    ]
    return Screening(
        tuple(Reason(one["name"], one["probability"], one["again"], one["source"]) for one in read),
        _days(values["delay"], "screening.delay"),
        values["rescreened"],
        _days(values["rescreen_delay"], "screening.rescreen_delay"),
        values["passes_again"],
    )


def _supply(values: Mapping[str, Any], arms: Sequence[Arm]) -> Supply:
    read = [
        (place, read_section(entry, f"{HERE}.supply.product", place))
        for place, entry in elements(values["product"], f"{HERE}.supply.product")
    ]
    products = tuple(
        Product(
            one["name"], one["made"], tuple(_pair(b, f"{place}.batches") for b in one["batches"]),
            one["shelf_life"], one["do_not_dispense"],
        )
        for place, one in read
    )  # fmt: skip
    kits = {arm: _kits(arm, table) for arm, table in values["kits"].items()}
    for arm in arms:
        if arm.name not in kits:
            raise InputError(
                "an arm has no kits", where="supply.kits", allowed="a table for every arm, {} for none", got=arm.name
            )
    return Supply(
        products,
        kits,
        tuple(values["dispensing"]),
        Resupply(
            values["policy"], values["first"], values["reorder"], values["up_to"], values["short"], values["long"],
            _days(values["lead"], "supply.lead"),
        ),
        values["without_kit"],
        values["missed_dose_effect"],
        tuple(values["treatments"]),
    )  # fmt: skip


def _kits(arm: str, table: object) -> dict[str, int]:
    if not isinstance(table, dict):
        raise InputError(
            "not a table of kits", where=f"supply.kits.{arm}", allowed="product = number of kits", got=table
        )
    for product, number in table.items():
        if isinstance(number, bool) or not isinstance(number, int):
            raise InputError(
                "kits are whole", where=f"supply.kits.{arm}.{product}", allowed="a whole number", got=number
            )
    return dict(table)


def _ward(place: str, values: Mapping[str, Any]) -> Ward:
    stay = None if values["stay"] is None else _days(values["stay"], join(place, "stay"))
    wave = tuple((int(day), float(factor)) for day, factor in (_numbers(one, "wave") for one in values["wave"]))
    with located(place):
        return Ward(
            values["name"], values["places"], tuple(values["scores"]), values["others"], stay, wave,
            values["rule"], values["worse"], values["better"], tuple(values["groups"]),
        )  # fmt: skip


def _data(values: Mapping[str, Any]) -> DataFlow:
    return DataFlow(
        tuple(values["visits"]), _days(values["entry"], "data.entry"), values["queried"],
        _days(values["query"], "data.query"), values["verified"], values["monitoring"], values["lock"],
    )  # fmt: skip


def _board(values: Mapping[str, Any]) -> Board:
    return Board(
        _days(values["preparation"], "board.preparation"), _days(values["decision"], "board.decision"), values["pause"]
    )


def _costs(values: Mapping[str, Any]) -> Costs:
    return Costs(**{name: value for name, value in values.items() if name not in ("source", "assumption")})


def _days(value: int | Mapping[str, Any], where: str) -> DayLaw:
    """A fixed number of days, or the law of a table with its name under "law"."""
    with located(where):
        if not isinstance(value, Mapping):
            return fixed(value)
        if "law" not in value:
            raise InputError("the distribution of days has no law", allowed='law = "lognormal" and its numbers')
        return day_law(value["law"], {name: number for name, number in value.items() if name != "law"})


def _date(text: str) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise InputError("not a date", where=f"{HERE}.start", allowed="such as 2020-12-01", got=text) from None


def _pair(value: object, where: str) -> tuple[int, int]:
    first, second = _numbers(value, where)
    if first != int(first) or second != int(second):
        raise InputError("not two whole numbers", where=where, got=value)
    return int(first), int(second)


def _numbers(value: object, where: str) -> tuple[float, float]:
    if not isinstance(value, list | tuple) or len(value) != 2 or any(
        isinstance(one, bool) or not isinstance(one, int | float) or not math.isfinite(one) for one in value
    ):  # fmt: skip
        raise InputError("not a pair of numbers", where=where, allowed="[number, number]", got=value)
    return float(value[0]), float(value[1])
