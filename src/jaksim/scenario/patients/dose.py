"""Doses that depend on a characteristic of the patient, such as kidney function, and what is left of the effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jaksim.checks import known
from jaksim.errors import InputError
from jaksim.model.covariate_shape import Shape
from jaksim.model.regimen import Treatment
from jaksim.scenario.disease import DiseaseSection
from jaksim.scenario.patients.words import line
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.scenario.treatments.change import TreatmentChange
from jaksim.trial.assumption import Assumption


@dataclass(frozen=True)
class Dose:
    """The dose of a treatment by a characteristic: `doses[i]` from `cuts[i - 1]` up to, not including, `cuts[i]`.

    `kept` are the parts of the log hazard ratios at each dose. `reference` are the shares of patients at each dose in
    the trial that the effects are from, which are then averages; without it they are those of the highest dose.
    """

    treatment: str
    characteristic: str
    cuts: tuple[float, ...]
    doses: tuple[float, ...]
    kept: tuple[float, ...]
    reference: tuple[float, ...] = ()
    unit: str = ""
    fact: str = ""

    @property
    def shape(self) -> Shape:
        """What the log hazard ratios are multiplied by."""
        mean = sum(part * share for part, share in zip(self.kept, self.reference, strict=True)) if self.reference else 1
        return Shape("category", cuts=self.cuts, values=tuple(part / mean for part in self.kept))


def read_doses(tables: Sequence[Mapping[str, Any]], treatments: Mapping[str, Treatment]) -> list[Dose]:
    """The `[[dose]]` tables, of some of the treatments."""
    found: list[Dose] = []
    for place, entry in elements(tables, "dose"):
        values = read_section(entry, "dose", place)
        known(values["treatment"], treatments, "treatment", join(place, "treatment"))
        if values["treatment"] in [one.treatment for one in found]:
            raise InputError("a treatment has two doses", where=join(place, "treatment"), got=values["treatment"])
        doses, n = tuple(values["doses"]), len(values["cuts"]) + 1
        for key in ("doses", "kept", "reference"):
            given = values[key]
            if (given or key == "doses") and (len(given) != n or min(given) < 0.0 or max(given) <= 0.0):
                raise InputError(
                    f"{n - 1} cuts need {n} numbers, none negative", where=join(place, key), got=list(given)
                )
        kept = tuple(values["kept"]) or tuple(dose / max(doses) for dose in doses)
        total = sum(values["reference"])
        reference = tuple(share / total for share in values["reference"])
        if reference and not any(part * share for part, share in zip(kept, reference, strict=True)):
            raise InputError("nobody of the trial had an effect", where=join(place, "reference"), got=list(reference))
        with located(place):
            dose = Dose(
                values["treatment"],
                values["characteristic"],
                tuple(values["cuts"]),
                doses,
                kept,
                reference,
                values["unit"],
                values["fact"],
            )
            _ = dose.shape
        found.append(dose)
    return found


def dosed(section: DiseaseSection, doses: Sequence[Dose]) -> DiseaseSection:
    """The disease with effects that go with the dose."""
    treatments, changes = dict(section.model.treatments), dict(section.changes)
    for dose in doses:
        treatment = treatments[dose.treatment]
        where = f"dose.{dose.treatment}"
        if any(name == dose.treatment for name, _ in section.statements):
            raise InputError(
                "its effects are stated on an endpoint, of patients on whatever dose they had",
                where=where,
                allowed="hazard ratios, or a parameter set",
            )
        if dose.treatment in section.model.background:
            raise InputError("its effects are inside the natural history", where=where, allowed="other treatments")
        if not treatment.effects:
            raise InputError("it has no effects that go with a dose", where=where, allowed="treatments with effects")
        for effect in treatment.effects:
            if effect.covariate:
                raise InputError(
                    f"an effect goes with {effect.covariate} already",
                    where=where,
                    allowed="effects that are alike in all patients",
                )
        effects = tuple(
            replace(effect, covariate=dose.characteristic, shape=dose.shape, by_dose=True)
            for effect in treatment.effects
        )
        treatments[dose.treatment] = replace(treatment, effects=effects)
        if dose.treatment in section.set_of:
            before = changes.get(dose.treatment)
            own = frozenset[int]() if before is None else before.own
            base = treatment if before is None else before.base
            names = ("", "") if before is None else (before.drug_class, before.source)
            changes[dose.treatment] = TreatmentChange(base, *names, dict(enumerate(effects)), own)
    return replace(section, model=replace(section.model, treatments=treatments), changes=changes)


def dose_assumptions(tables: Sequence[Mapping[str, Any]], doses: Sequence[Dose]) -> list[Assumption]:
    """What is assumed of doses and of their effects."""
    lines = []
    for (_, entry), dose in zip(elements(tables, "dose"), doses, strict=True):
        unit = f" {dose.unit}" if dose.unit else ""
        edges = [f"below {dose.cuts[0]:g}", *(f"from {cut:g}" for cut in dose.cuts)]
        given = ", ".join(f"{amount:g}{unit} {edge}" for amount, edge in zip(dose.doses, edges, strict=True))
        source = entry.get("source", "") or (f"fact {dose.fact}" if dose.fact else "")
        about = f"dose of {dose.treatment}"
        lines.append(line(about, f"{given} of {dose.characteristic}", source, ""))
        parts = ", ".join(f"{part:g}" for part in dose.kept)
        how = "" if entry.get("kept") else "proportional to the dose: "
        of = (
            f"average of those from patients of whom {', '.join(f'{100.0 * s:.3g} %' for s in dose.reference)} had each"
            if dose.reference
            else "those calibrated are of the highest dose"
        )
        note = entry.get("assumption", "") or "no trial has compared the doses in these patients"
        lines.append(line(f"{about}, effect", f"log hazard ratios {how}times {parts}; {of}", "", note))
    return lines
