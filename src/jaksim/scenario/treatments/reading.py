"""The treatments of a scenario: from a parameter set, with or without changes to it, or written in the file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jaksim.errors import InputError
from jaksim.model.effect import TreatmentEffect
from jaksim.model.parameter_set import ParameterSet
from jaksim.model.regimen import Treatment
from jaksim.scale import OrdinalScale
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.scenario.treatments.change import TreatmentChange
from jaksim.scenario.treatments.effect_table import Statement, read_effect, read_window


@dataclass
class Treatments:
    """The treatments by name; `set_of` names the parameter set of each that has effects from one, `changes` what is
    changed of these, and `statements` what is stated of effects, by treatment and position."""

    by_name: dict[str, Treatment] = field(default_factory=dict)
    set_of: dict[str, str] = field(default_factory=dict)
    changes: dict[str, TreatmentChange] = field(default_factory=dict)
    statements: dict[tuple[str, int], Statement] = field(default_factory=dict)


def read_treatments(
    tables: Mapping[str, Any],
    find: Callable[[str, str], ParameterSet],
    scale: OrdinalScale,
    background: Iterable[str],
) -> Treatments:
    """The `[disease.treatments]` table; `find(name, where)` gives a parameter set."""
    found = Treatments()
    for name, given in tables.items():
        where = join("disease.treatments", name)
        if isinstance(given, str):
            found.by_name[name], found.set_of[name] = _of_set(find(given, where), given, name, scale, where), given
        elif isinstance(given, dict):
            _read(name, given, where, find, scale, found)
        else:
            raise InputError("wrong kind of value", where=where, allowed="a text or a table", got=given)
    # A treatment that everyone behind the natural history received needs no effects of its own.
    for name in background:
        found.by_name.setdefault(name, Treatment(name))
    return found


def _of_set(found: ParameterSet, given: str, name: str, scale: OrdinalScale, where: str) -> Treatment:
    if name not in found.treatments:
        raise InputError(
            f"the parameter set {given!r} has no such treatment", where=where, allowed=list(found.treatments), got=name
        )
    if found.scale != scale:
        raise InputError(f"the parameter set {given!r} has another scale", where=where, allowed=scale.name)
    treatment = found.treatments[name]
    fitted = f"fitted to {found.title} (parameter set {found.name})"
    return replace(treatment, source=treatment.source or fitted)


def _read(
    name: str,
    table: Mapping[str, Any],
    where: str,
    find: Callable[[str, str], ParameterSet],
    scale: OrdinalScale,
    found: Treatments,
) -> None:
    """Read a treatment that has a table into what was found."""
    values = read_section(table, "disease.treatments", where)
    given, place = values["effect"], f"{where}.effect"
    entries = [(place, given)] if isinstance(given, Mapping) else list(elements(given, place))
    if values["window"] is not None:
        entries = [(at, entry if "window" in entry else {**entry, "window": values["window"]}) for at, entry in entries]
    if values["parameter_set"]:
        chosen = values["parameter_set"]
        treatment = _of_set(find(chosen, join(where, "parameter_set")), chosen, name, scale, where)
        change, stated = _change(treatment, values, entries, where)
        found.changes[name] = change
        found.by_name[name] = change.of(treatment)
        if len(change.own) < len(treatment.effects):
            found.set_of[name] = chosen
        found.statements |= {(name, position): one for position, one in stated.items()}
        return
    read = [read_effect(entry, at) for at, entry in entries]
    with located(where):
        found.by_name[name] = Treatment(
            name, values["drug_class"], tuple(effect for effect, _ in read), values["source"]
        )
    found.statements |= {(name, number): one for number, (_, one) in enumerate(read) if one is not None}


def _change(
    treatment: Treatment, values: Mapping[str, Any], entries: Sequence[tuple[str, Mapping[str, Any]]], where: str
) -> tuple[TreatmentChange, dict[int, Statement]]:
    """What a table changes of a treatment of a parameter set, and what it states of it."""
    labels = [effect.label for effect in treatment.effects]
    effects: dict[int, TreatmentEffect] = {}
    if values["window"] is not None:
        with located(where):
            window = read_window(values["window"])
        effects = {number: replace(effect, window=window) for number, effect in enumerate(treatment.effects)}
    own, stated = set(), {}
    for place, entry in entries:
        label = entry.get("label", labels[0] if len(labels) == 1 else None)
        if label not in labels:
            what = "which effect of the parameter set is changed" if label is None else "no such effect"
            raise InputError(what, where=join(place, "label"), allowed=labels, got=label)
        position = labels.index(label)
        if position in own or any(entry is not other and other.get("label") == label for _, other in entries):
            raise InputError("an effect is changed twice", where=place, allowed="each label once", got=label)
        effect, statement = read_effect({"label": label, **entry}, place, treatment.effects[position])
        effects[position] = effect
        if statement is not None:
            stated[position] = statement
        if statement is not None or "hazard_ratio" in entry or "log_hazard_ratio" in entry:
            own.add(position)
    return TreatmentChange(treatment, values["drug_class"], values["source"], effects, frozenset(own)), stated
