"""The population part of a scenario: how many patients, in which strata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jaksim.errors import InputError
from jaksim.model.disease import PatientType
from jaksim.model.effect import CovariateEffect
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.assumption import Assumption
from jaksim.trial.characteristics.characteristics import ONSET
from jaksim.trial.population import Population, Stratum

if TYPE_CHECKING:
    from jaksim.scenario.patients.reading import Patients


@dataclass(frozen=True)
class PopulationSection:
    """The population of a scenario, the factors by which its patients differ, and what is assumed about them.

    `files` are hashes of the files that patients come from, by name.
    """

    population: Population
    shares: Assumption
    frailties: tuple[CovariateEffect, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)


def read_population(
    table: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]] = (), folder: Path = Path()
) -> PopulationSection:
    """The `[population]` table with the `[[eligibility]]` criteria; its files are looked for from `folder`."""
    values = read_section(table, "population", "population")
    read = [
        (place, read_section(entry, "population.stratum", place))
        for place, entry in elements(values["stratum"], "population.stratum")
    ]
    weights = _weights(read)
    strata = tuple(_stratum(entry, weight, place) for (place, entry), weight in zip(read, weights, strict=True))
    with located("population"):
        population = Population(values["patients"], strata, values["stratum_sizes"])
    patients = _patients(values, criteria, population, folder)
    if patients is not None:
        _check_given_once(population, patients.characteristics.names)
        population = replace(population, characteristics=patients.characteristics)
    shares = ", ".join(f"{s.name} {100.0 * s.weight:.1f} %" for s in strata)
    assumption = Assumption(
        about="population",
        statement=f"share of the strata: {shares}",
        source=values["source"],
        published=bool(values["source"]) and not values["assumption"],
        note=values["assumption"],
    )
    if patients is None:
        return PopulationSection(population, assumption)
    return PopulationSection(population, assumption, patients.frailties, patients.assumptions, patients.files)


def _check_given_once(population: Population, drawn: Sequence[str]) -> None:
    """Refuse a value, given for the patients of a stratum, of what patients draw from a law."""
    for stratum in population.strata:
        for _, patient in stratum.patients:
            onset = () if patient.days_since_onset is None else (ONSET,)
            for name in (*patient.covariates, *onset):
                if name in drawn:
                    raise InputError(
                        f"{name} is a characteristic, which patients draw from its law",
                        where=f"population.stratum.{stratum.name}",
                        allowed="a law that is another in this stratum (stratum = { ... } of the characteristic), or "
                        "covariates alone",
                        got=name,
                    )


def _patients(
    values: Mapping[str, Any], criteria: Sequence[Mapping[str, Any]], population: Population, folder: Path
) -> Patients | None:
    """What patients bring along, None where nothing is said: most scenarios start without the modules of that."""
    given = ("characteristic", "correlation", "association", "table", "frailty")
    if not criteria and not any(values[key] for key in given):
        return None
    from jaksim.scenario.patients.reading import read_patients

    return read_patients(values, criteria, [stratum.name for stratum in population.strata], folder)


def _weights(strata: list[tuple[str, dict[str, Any]]]) -> list[float]:
    if len(strata) == 1 and strata[0][1]["weight"] is None and strata[0][1]["count"] is None:
        return [1.0]
    for key in ("weight", "count"):
        if all(entry[key] is not None for _, entry in strata):
            other = "count" if key == "weight" else "weight"
            if any(entry[other] is not None for _, entry in strata):
                break
            total = sum(entry[key] for _, entry in strata) if key == "count" else 1.0
            if total <= 0.0:
                raise InputError("the counts of the strata are all zero", where="population.stratum")
            return [entry[key] / total for _, entry in strata]
    raise InputError(
        "the shares of the strata are not given alike",
        where="population.stratum",
        allowed="a weight in every stratum, or a count in every stratum",
    )


def _stratum(values: Mapping[str, Any], weight: float, where: str) -> Stratum:
    mixture, score = values["mixture"], values["baseline_score"]
    if (mixture is None) == (score is None):
        raise InputError(
            "the patients of the stratum are not given once", where=where, allowed="baseline_score or a mixture"
        )
    with located(where):
        if mixture is None:
            patients: tuple[tuple[float, PatientType], ...] = ((1.0, _patient(values, where)),)
        else:
            entries = [
                (place, read_section(entry, "population.stratum.mixture", place))
                for place, entry in elements(mixture, join(where, "mixture"))
            ]
            patients = tuple((entry["weight"], _patient(entry, place)) for place, entry in entries)
        name = values["name"] or (f"score {score}" if score is not None else where.rpartition(".")[2])
        return Stratum(name, weight, patients)


def _patient(values: Mapping[str, Any], where: str) -> PatientType:
    return PatientType(values["baseline_score"], values["covariates"], values["days_since_onset"])
