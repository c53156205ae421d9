"""The characteristics of the patients of a scenario: their laws, correlations and frailties."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from jaksim.checks import distinct, known
from jaksim.errors import InputError
from jaksim.model.effect import CovariateEffect
from jaksim.scenario.patients.associations import associated
from jaksim.scenario.patients.eligibility import with_eligibility
from jaksim.scenario.patients.names import check_name
from jaksim.scenario.patients.words import line, of_law
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics import ONSET, Characteristic, Characteristics, Marginal, Normal, Steps, laws

_OF_LAW = ("mean", "sd", "median", "quartiles", "share", "values", "shares", "low", "high")
_FEW: Final = 10
_LARGEST: Final = 1e50
_ENDS: Final = np.array([-8.25, 8.25])
_BOUNDED = ("", "normal", "lognormal", "gamma", "quantiles")


@dataclass(frozen=True)
class Patients:
    """The joint law of what patients bring along, what of it acts by itself, and what is assumed about it.

    `files` are hashes of the files it was read from, by name.
    """

    characteristics: Characteristics
    frailties: tuple[CovariateEffect, ...]
    assumptions: tuple[Assumption, ...]
    files: Mapping[str, str] = field(default_factory=dict)


def read_patients(
    values: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]], strata: Sequence[str], folder: Path
) -> Patients | None:
    """What patients bring along by the `values` of a `[population]` table with `strata` of these names, and the
    `[[eligibility]]` criteria; None without any. A table of patients is looked for from `folder`."""
    items: list[Characteristic] = []
    lines: list[Assumption] = []
    files: dict[str, str] = {}
    frailties: list[CovariateEffect] = []
    for place, entry in elements(values["characteristic"], "population.characteristic"):
        items.append(_characteristic(entry, place, len(items), strata))
    own = len(items)
    if values["association"]:
        items, lines = associated(values["association"], items)
    if values["table"]:
        from jaksim.scenario.patients.table import read_patient_table

        columns, more, files = read_patient_table(values["table"], strata, folder, len(items))
        items += columns
        lines += more
    for item in items:
        _check_onset(item)
        _check_size(item)
    lines = [*(line(item.name, of_law(item, strata), item.source, item.assumption) for item in items[:own]), *lines]
    measured = [item.name for item in items]
    for place, entry in elements(values["frailty"], "population.frailty"):
        read = read_section(entry, "population.frailty", place)
        if read["variance"] == 0.0:
            continue
        with located(place):
            item, effect = _frailty(read, 1 + max((one.latent for one in items), default=-1))
        items.append(item)
        frailties.append(effect)
        whose = f"each of {read['sites']} sites" if read["sites"] else "each patient"
        about = f"{read['law']} factor of {whose}, variance {read['variance']:g}"
        moves = ", ".join(map(str, effect.moves))
        lines.append(line(read["name"], f"{about}, on {moves}", read["source"], read["assumption"]))
    if not items:
        for where, given in (("population.correlation", values["correlation"]), ("eligibility", criteria)):
            if given:
                raise InputError("there are no characteristics", where=where)
        return None
    for item in items:
        check_name(item.name)
    with located("population"):
        distinct([item.name for item in items], "characteristic")
    items = _renumbered(items)
    correlation, more = _correlation(values["correlation"], items)
    with located("population"):
        found = Characteristics(tuple(items), correlation)
    found, chosen = with_eligibility(found, criteria, strata, measured)
    return Patients(found, tuple(frailties), (*lines, *more, *chosen), files)


def _renumbered(items: Sequence[Characteristic]) -> list[Characteristic]:
    """The characteristics with latents from 0 on, without gaps."""
    order = {latent: number for number, latent in enumerate(dict.fromkeys(item.latent for item in items))}
    return [replace(item, latent=order[item.latent]) for item in items]


def _check_onset(item: Characteristic) -> None:
    """InputError where days since onset are not whole days from 0 on."""
    if item.name != ONSET:
        return
    for marginal in item.marginals:
        values = marginal.values if isinstance(marginal, Steps) else (0.5,)
        if any(value != round(value) for value in values):
            raise InputError(
                "windows count whole days from the onset", where=ONSET, allowed="rounded = true, or whole numbers"
            )
        if min(values) < 0.0:
            raise InputError("an onset comes before randomisation", where=ONSET, allowed="low = 0")


def _check_size(item: Characteristic) -> None:
    """InputError for values whose squares numbers cannot hold."""
    for marginal in item.marginals:
        with np.errstate(over="ignore"):
            values = marginal.values if isinstance(marginal, Steps) else marginal.of_latent(_ENDS)
        if not np.all(np.abs(values) <= _LARGEST):
            raise InputError(
                "values are too large",
                where=f"population, characteristic {item.name!r}",
                allowed=f"laws whose values lie within {-_LARGEST:g} to {_LARGEST:g}",
                got=float(np.max(np.abs(values))),
            )


def _characteristic(entry: Mapping[str, Any], place: str, latent: int, strata: Sequence[str]) -> Characteristic:
    values = read_section(entry, "population.characteristic", place)
    by_stratum = values["stratum"]
    for name in by_stratum:
        known(name, strata, "stratum", join(place, "stratum"))
    given = {key: values[key] for key in _OF_LAW}
    if not by_stratum:
        marginals: tuple[Marginal, ...] = (_marginal(given, values, place),)
    else:
        all_of_them = []
        for name in strata:
            own, where = by_stratum.get(name, {}), join(place, f"stratum.{name}")
            read_section(own, "population.characteristic.stratum", where)
            all_of_them.append(_marginal({**given, **own}, values, where if own else place))
        marginals = tuple(all_of_them)
    return Characteristic(values["name"], latent, marginals, values["unit"], values["source"], values["assumption"])


def _marginal(given: Mapping[str, Any], values: Mapping[str, Any], place: str) -> Marginal:
    law = values["law"] or _law_of(given, place)
    with located(place):
        found = _of_law(law, given)
        if law in _BOUNDED and (given["low"], given["high"]) != (None, None):
            low = -math.inf if given["low"] is None else given["low"]
            found = laws.between(found, low, math.inf if given["high"] is None else given["high"])
        if values["rounded"]:
            if found.is_discrete:
                raise InputError("categories are not rounded", where="rounded")
            found = laws.rounded(found)
    return found


def _law_of(given: Mapping[str, Any], place: str) -> str:
    for law, keys in (("categories", ("share",)), ("categories", ("values", "shares")), ("", ("median", "quartiles"))):
        if all(given[key] is not None for key in keys):
            return law
    raise InputError(
        "it is not said what law it has",
        where=join(place, "law"),
        allowed="law with mean and sd, median and quartiles, share, or values and shares",
    )


_WANTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "": (("median", "quartiles"),),
    "normal": (("mean", "sd"), ("median", "quartiles")),
    "lognormal": (("mean", "sd"), ("median", "quartiles")),
    "gamma": (("mean", "sd"),),
    "beta": (("mean", "sd", "low", "high"),),
    "uniform": (("low", "high"),),
    "quantiles": (("shares", "values"),),
    "categories": (("share",), ("values", "shares")),
}


def _of_law(law: str, given: Mapping[str, Any]) -> Marginal:
    bounds = {"low", "high"} if law in _BOUNDED else set()
    has = {key for key in _OF_LAW if given[key] is not None} - bounds
    wanted = next((keys for keys in _WANTS[law] if has == set(keys)), None)
    if wanted is None:
        ways = ", or ".join(" and ".join(keys) for keys in _WANTS[law])
        raise InputError(
            f"a {law or 'median'} law is not given by these", allowed=ways, got=", ".join(sorted(has)) or "nothing"
        )
    one = {key: given[key] for key in wanted}
    if "sd" in one and one["sd"] <= 0.0:
        raise InputError("a standard deviation must be positive", where="sd", allowed="above 0", got=one["sd"])
    if "quartiles" in one and len(one["quartiles"]) != 2:
        raise InputError("two quartiles are needed", where="quartiles", got=one["quartiles"])
    if law in ("", "normal", "lognormal") and "quartiles" in one:
        return laws.from_quartiles(one["median"], one["quartiles"][0], one["quartiles"][1], law)
    if law == "normal":
        return Normal(one["mean"], one["sd"])
    if law == "lognormal":
        return laws.log_normal_of_moments(one["mean"], one["sd"])
    if law == "gamma":
        return laws.gamma(one["mean"], one["sd"])
    if law == "beta":
        return laws.beta(**one)
    if law == "uniform":
        return laws.uniform(**one)
    if law == "quantiles":
        return laws.quantiles(one["shares"], one["values"])
    if "share" in one:
        return laws.categories((0.0, 1.0), (1.0 - one["share"], one["share"]))
    return laws.categories(one["values"], one["shares"])


def _frailty(values: Mapping[str, Any], latent: int) -> tuple[Characteristic, CovariateEffect]:
    """The logarithm of the factor as a characteristic, and its effect, one for one, on the moves."""
    variance, name, sites = values["variance"], values["name"], values["sites"]
    if (sites > 0) != (values["level"] == "site") or sites == 1:
        raise InputError(
            "a frailty of sites needs their number, one of patients has none",
            where="sites",
            allowed='2 or more with level = "site", nothing otherwise',
            got=sites,
        )
    marginal = laws.log_gamma(variance) if values["law"] == "gamma" else Normal(0.0, math.sqrt(variance))
    moves = (values["moves"],) if isinstance(values["moves"], str) else tuple(values["moves"])
    effect = CovariateEffect(name, moves, 1.0, source=values["source"], label="frailty")
    item = Characteristic(name, latent, (marginal,), "log", values["source"], values["assumption"], sites)
    return item, effect


def _correlation(
    tables: Iterable[Mapping[str, Any]], items: Sequence[Characteristic]
) -> tuple[tuple[tuple[float, ...], ...], list[Assumption]]:
    names = [item.name for item in items]
    n_latents = 1 + max(item.latent for item in items)
    matrix = [[float(i == j) for j in range(n_latents)] for i in range(n_latents)]
    seen, lines = set(), []
    for place, entry in elements(list(tables), "population.correlation"):
        values = read_section(entry, "population.correlation", place)
        pair = values["pair"]
        if len(pair) != 2 or pair[0] == pair[1]:
            raise InputError("two characteristics are correlated", where=join(place, "pair"), got=pair)
        for name in pair:
            known(name, names, "characteristic", join(place, "pair"))
        if frozenset(pair) in seen:
            raise InputError("the pair is given twice", where=join(place, "pair"), got=pair)
        seen.add(frozenset(pair))
        first, second = (items[names.index(name)] for name in pair)
        for item in (first, second):
            _check_correlated(item, items, values["of"], join(place, "pair"))
        i, j, value = first.latent, second.latent, values["value"]
        latent = 2.0 * math.sin(math.pi * value / 6.0) if values["of"] == "ranks" else value
        matrix[i][j] = matrix[j][i] = latent
        words = f"{value:g} of {values['of']} of {pair[0]} and {pair[1]}"
        lines.append(line("correlation", words, values["source"], values["assumption"]))
    return tuple(tuple(row) for row in matrix), lines


def _check_correlated(item: Characteristic, items: Sequence[Characteristic], of: str, place: str) -> None:
    """InputError for a correlation that a characteristic cannot have in this sense."""
    if sum(one.latent == item.latent for one in items) > 1:
        raise InputError(
            f"{item.name} goes with others by a table of all their combinations",
            where=place,
            allowed="correlations of other characteristics; an association or a column for this one",
        )
    steps = [marginal for marginal in item.marginals if isinstance(marginal, Steps)]
    if any(after <= before for one in steps for before, after in itertools.pairwise(one.values)):
        raise InputError(f"the categories of {item.name} are in no order", where=place, allowed="values that increase")
    if of == "ranks" and any(len(one.values) < _FEW for one in steps):
        raise InputError(
            f"{item.name} has few values, and many patients the same rank",
            where=place,
            allowed='of = "latents": the tetrachoric, polychoric or polyserial correlation',
        )
