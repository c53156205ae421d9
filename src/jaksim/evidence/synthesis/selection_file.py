"""From a small data file (TOML) to the selection of records it describes, with faults named by key."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from jaksim import checks
from jaksim.datafile import check_keys, parse_toml, read_toml
from jaksim.errors import InputError, located
from jaksim.evidence.figures import RATIO_MEASURES
from jaksim.evidence.synthesis.priors import HalfCauchy, HalfNormal, NormalPrior, TauPrior
from jaksim.evidence.synthesis.selection import (
    ChosenTrial,
    Excluded,
    InteractionPlan,
    ModifierEffect,
    Selection,
    WithinTrial,
)
from jaksim.named_file import beside

FAMILIES: Mapping[str, type[HalfNormal] | type[HalfCauchy]] = {"half_normal": HalfNormal, "half_cauchy": HalfCauchy}
_PRIORS = ("effect", "between_studies", "between_agents")


def selection_ids() -> tuple[str, ...]:
    """Names of the syntheses that ship with jaksim."""
    files = (resources.files("jaksim.evidence") / "syntheses").iterdir()
    return tuple(sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml")))


def load_selection(name_or_path: str | PathLike[str]) -> Selection:
    """A synthesis by name, or one described by a TOML file, by path; InputError names the key at fault."""
    text = fspath(name_or_path)
    if not isinstance(name_or_path, str) or text.endswith(".toml") or Path(text).name != text:
        with located(text):
            table = _with_studies_beside(read_toml(text), Path(text).parent)
        return selection_from(table, text)
    if text not in selection_ids():
        raise InputError("unknown outcome", where="synthesis", allowed=(*selection_ids(), "FILE.toml"), got=text)
    file = resources.files("jaksim.evidence") / "syntheses" / f"{text}.toml"
    return selection_from(parse_toml(file.read_text("utf-8"), where=file.name), text)


def _with_studies_beside(value: Any, folder: Path) -> Any:
    """The same with every study that is a file looked for from the folder of the synthesis."""
    if isinstance(value, dict):
        named = {key: beside(value[key], folder) for key in ("study",) if isinstance(value.get(key), str)}
        return {key: _with_studies_beside(inner, folder) for key, inner in value.items()} | named
    return [_with_studies_beside(inner, folder) for inner in value] if isinstance(value, list) else value


def selection_from(table: Mapping[str, Any], where: str) -> Selection:
    """The synthesis in a parsed TOML table."""
    required = ("title", "event", "better", "measure", "priors", "classes", "class_against_agent", "trials")
    check_keys(table, where=where, required=required, optional=("accepts", "note", "excluded", "interaction"))
    priors = checks.table(table["priors"], f"{where}, priors")
    check_keys(priors, where=f"{where}, priors", required=_PRIORS)
    question = checks.table(table["class_against_agent"], f"{where}, class_against_agent")
    check_keys(question, where=f"{where}, class_against_agent", required=("class", "differ_by"))
    classes, definitions = _classes(table["classes"], f"{where}, classes")
    measure = _one_of(table["measure"], RATIO_MEASURES, f"{where}, measure")
    trials = tuple(_trial(entry, place, tuple(classes)) for entry, place in _entries(table, "trials", where))
    return Selection(
        id=Path(where).stem,
        title=checks.text(table["title"], f"{where}, title"),
        events=_texts([table["event"]] if isinstance(table["event"], str) else table["event"], f"{where}, event"),
        better=_one_of(table["better"], ("lower", "higher"), f"{where}, better"),
        measure=measure,
        accepts=tuple(
            _one_of(item, RATIO_MEASURES, f"{where}, accepts")
            for item in checks.items(table.get("accepts", [measure]), f"{where}, accepts")
        ),
        note=checks.text(table.get("note", "-"), f"{where}, note"),
        effect_prior=_normal(priors["effect"], f"{where}, priors.effect"),
        study_prior=_tau(priors["between_studies"], f"{where}, priors.between_studies"),
        agent_prior=_tau(priors["between_agents"], f"{where}, priors.between_agents"),
        prior_reasons={name: str(priors[name].get("reason", "")) for name in _PRIORS},
        classes=classes,
        definitions=definitions,
        class_in_question=_one_of(question["class"], tuple(classes), f"{where}, class_against_agent, class"),
        differ_by=_ratio_above_one(question["differ_by"], f"{where}, class_against_agent, differ_by"),
        trials=trials,
        excluded=tuple(_excluded(entry, place) for entry, place in _entries(table, "excluded", where)),
        interaction=_interaction(table["interaction"], tuple(classes), trials, f"{where}, interaction")
        if "interaction" in table
        else None,
    )


def _classes(value: object, where: str) -> tuple[dict[str, str], dict[str, str]]:
    """Label and definition of the outcome of each class."""
    labels, definitions = {}, {}
    for name, entry in checks.table(value, where).items():
        place = f"{where}.{name}"
        check_keys(checks.table(entry, place), where=place, required=("label",), optional=("definition",))
        labels[name] = checks.text(entry["label"], f"{place}, label")
        definitions[name] = checks.text(entry["definition"], f"{place}, definition") if "definition" in entry else ""
    return labels, definitions


def _trial(entry: Mapping[str, Any], where: str, classes: tuple[str, ...]) -> ChosenTrial:
    optional = ("record", "counts", "glucocorticoid", "glucocorticoid_missing", "note")
    check_keys(entry, where=where, required=("study", "class", "agent"), optional=optional)
    counts = tuple(
        _texts([side] if isinstance(side, str) else side, f"{where}, counts")
        for side in checks.items(entry.get("counts", []), f"{where}, counts")
    )
    modifier = _texts(entry.get("glucocorticoid", []), f"{where}, glucocorticoid")
    if ("record" in entry) == bool(counts) or len(counts) not in (0, 2):
        raise InputError("either `record`, or two `counts`, first arm first", where=where)
    if len(modifier) > 2 or bool(modifier) == ("glucocorticoid_missing" in entry):
        allowed = "one record, or one for each arm; or `glucocorticoid_missing` saying why there is none"
        raise InputError("`glucocorticoid` is not clear", where=where, allowed=allowed)
    return ChosenTrial(
        study=checks.text(entry["study"], f"{where}, study"),
        treatment_class=_one_of(entry["class"], classes, f"{where}, class"),
        agent=checks.text(entry["agent"], f"{where}, agent"),
        record=checks.text(entry["record"], f"{where}, record") if "record" in entry else None,
        counts=counts,
        modifier=modifier,
        modifier_missing=str(entry.get("glucocorticoid_missing", "")),
        note=str(entry.get("note", "")),
    )


def _excluded(entry: Mapping[str, Any], where: str) -> Excluded:
    check_keys(entry, where=where, required=("study", "reason"))
    return Excluded(*(checks.text(entry[key], f"{where}, {key}") for key in ("study", "reason")))


def _interaction(
    value: object, classes: tuple[str, ...], trials: tuple[ChosenTrial, ...], where: str
) -> InteractionPlan:
    table = checks.table(value, where)
    check_keys(
        table, where=where, required=("name", "unit", "classes", "prior"), optional=("within", "modifier_effect")
    )
    crossed = tuple(_one_of(name, classes, f"{where}, classes") for name in _texts(table["classes"], where))
    own = {trial.study: trial.treatment_class for trial in trials}
    return InteractionPlan(
        name=checks.text(table["name"], f"{where}, name"),
        unit=checks.text(table["unit"], f"{where}, unit"),
        classes=crossed,
        prior=_normal(table["prior"], f"{where}, prior"),
        prior_reason=str(table["prior"].get("reason", "")),
        modifier=_modifier(table["modifier_effect"], f"{where}, modifier_effect")
        if "modifier_effect" in table
        else None,
        within=tuple(_within(entry, crossed, own, place) for entry, place in _entries(table, "within", where)),
    )


def _modifier(value: object, where: str) -> ModifierEffect:
    table = checks.table(value, where)
    check_keys(table, where=where, required=("study", "record"), optional=("reason",))
    study, record = (checks.text(table[key], f"{where}, {key}") for key in ("study", "record"))
    return ModifierEffect(study, record, str(table.get("reason", "")))


def _within(entry: Mapping[str, Any], classes: tuple[str, ...], own: Mapping[str, str], where: str) -> WithinTrial:
    check_keys(entry, where=where, required=("study", "with", "without"), optional=("class", "note"))
    study = checks.text(entry["study"], f"{where}, study")
    sides = []
    for key in ("with", "without"):
        names = [entry[key]] if isinstance(entry[key], str) else entry[key]
        sides.append(_texts(names, f"{where}, {key}"))
        if len(sides[-1]) not in (1, 2):
            raise InputError("a ratio, or two counts, first arm first", where=f"{where}, {key}")
    named = entry.get("class", own.get(study))
    return WithinTrial(
        study, _one_of(named, classes, f"{where}, class"), sides[0], sides[1], str(entry.get("note", ""))
    )


def _normal(value: object, where: str) -> NormalPrior:
    table = checks.table(value, where)
    check_keys(table, where=where, required=("mean", "standard_deviation"), optional=("reason",))
    mean, spread = (checks.number(table[key], f"{where}, {key}") for key in ("mean", "standard_deviation"))
    try:
        return NormalPrior(mean, spread)
    except InputError as error:
        raise error.at(where) from None


def _tau(value: object, where: str) -> TauPrior:
    table = checks.table(value, where)
    check_keys(table, where=where, required=("family", "scale"), optional=("reason",))
    family = _one_of(table["family"], tuple(FAMILIES), f"{where}, family")
    scale = checks.number(table["scale"], f"{where}, scale")
    try:
        return FAMILIES[family](scale)
    except InputError as error:
        raise error.at(where) from None


def _entries(table: Mapping[str, Any], key: str, where: str) -> list[tuple[Mapping[str, Any], str]]:
    entries = checks.items(table.get(key, []), f"{where}, {key}")
    places = [f"{where}, {key} {position}" for position in range(1, len(entries) + 1)]
    return [(checks.table(entry, place), place) for entry, place in zip(entries, places, strict=True)]


def _texts(value: object, where: str) -> tuple[str, ...]:
    return tuple(checks.text(item, where) for item in checks.items(value, where))


def _one_of(value: object, allowed: tuple[str, ...], where: str) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise InputError("unknown word", where=where, allowed=allowed, got=value)
    return value


def _ratio_above_one(value: object, where: str) -> float:
    ratio = checks.number(value, where)
    if not ratio > 1:
        raise InputError("a ratio above 1", where=where, got=ratio)
    return ratio
