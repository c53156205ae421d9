"""Model templates as tables of a file: moves, profiles, treatments, effects, and the parameters that they name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from jaksim.checks import items, number, table, text, whole
from jaksim.datafile import check_table
from jaksim.errors import InputError
from jaksim.model.effect import Window
from jaksim.model.moves import GROUPS, group_of, parse, parse_selection
from jaksim.model.template import EffectTemplate, ModelTemplate, MoveTemplate, Parameter, Profile
from jaksim.model.template_keys import PRIORS, TEMPLATE_KEYS
from jaksim.piecewise import PiecewiseConstant
from jaksim.ratio import check_log, check_log_sd
from jaksim.scale import OrdinalScale, scale_in

PRIOR_KEYS = tuple(key.name for key in PRIORS)
# Of a log hazard ratio: wide enough that figures are not pulled towards no effect.
EFFECT_PRIOR_SD = 3.0
AddParameter = Callable[[str, Mapping[str, Any], float, str], str]


def template_from_mapping(document: Mapping[str, Any], where: str, *, effects_only: bool = False) -> ModelTemplate:
    """A template from its file form (tables `profile`, `move`, `treatment`, `effect`, `parameter`).

    One of `effects_only` has no moves. Errors: InputError naming the offending entry.
    """
    check_table(table(document, where), TEMPLATE_KEYS[""], where=where)
    scale = scale_in(document["scale"], where=f"{where}, scale")
    parameters: dict[str, Parameter] = {}

    def add(name: str, entry: Mapping[str, Any], default_sd: float, description: str) -> str:
        if name not in parameters:
            parameters[name] = Parameter(
                name,
                check_log(entry.get("prior_mean", 0.0), f"{where}, {name}, prior_mean"),
                check_log_sd(entry.get("prior_sd", default_sd), f"{where}, {name}, prior_sd"),
                str(entry.get("reason", description)),
            )
        return name

    for name, entry in _named(document, "parameter", where):
        check_table(entry, TEMPLATE_KEYS["parameter.NAME"], where=f"{where}, parameter {name}")
        add(name, entry, 1.0, "")
    profiles = {
        name: _profile(name, entry, add, f"{where}, profile {name}")
        for name, entry in _named(document, "profile", where)
    }
    moves = tuple(_move(entry, scale, profiles, add, where) for entry in _listed(document, "move", where))
    if bool(moves) == effects_only:
        raise InputError("no move belongs here" if moves else "at least one move is needed", where=f"{where}, move")
    for template in moves:
        if sum(other.move == template.move for other in moves) > 1:
            raise InputError("move defined twice", where=f"{where}, move {template.move}")
    drug_classes = {}
    for name, entry in _named(document, "treatment", where):
        check_table(entry, TEMPLATE_KEYS["treatment.NAME"], where=f"{where}, treatment {name}")
        drug_classes[name] = text(entry["class"], f"{where}, treatment {name}, class")
    source = str(document.get("source", ""))
    effects = tuple(
        _effect({"source": source, **entry}, scale, drug_classes, add, f"{where}, effect {position}")
        for position, entry in enumerate(_listed(document, "effect", where), start=1)
    )
    return ModelTemplate(scale, tuple(parameters.values()), moves, profiles, effects, drug_classes)


def _named(document: Mapping[str, Any], key: str, where: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = table(document.get(key, {}), f"{where}, {key}")
    return [(name, table(entry, f"{where}, {key} {name}")) for name, entry in entries.items()]


def _listed(document: Mapping[str, Any], key: str, where: str) -> list[Mapping[str, Any]]:
    return [table(entry, f"{where}, {key}") for entry in items(document.get(key, ()), f"{where}, {key}")]


def _profile(name: str, entry: Mapping[str, Any], add: AddParameter, where: str) -> Profile:
    check_table(entry, TEMPLATE_KEYS["profile.NAME"], where=where)
    cuts = tuple(number(c, f"{where}, cuts") for c in items(entry["cuts"], f"{where}, cuts"))
    try:
        PiecewiseConstant(cuts, (1.0,) * (len(cuts) + 1))
    except InputError as error:
        raise error.at(where) from None
    means = _per_cut(entry.get("prior_mean", 0.0), cuts, f"{where}, prior_mean")
    sds = _per_cut(entry.get("prior_sd", 1.0), cuts, f"{where}, prior_sd")
    names = tuple(
        add(
            f"log_profile.{name}.from_day_{cut:g}",
            {"prior_mean": mean, "prior_sd": sd},
            1.0,
            f"log multiplier of {name} intensities after day {cut:g}, relative to before day {cuts[0]:g}",
        )
        for cut, mean, sd in zip(cuts, means, sds, strict=True)
    )
    return Profile(name, cuts, names)


def _per_cut(given: object, cuts: tuple[float, ...], where: str) -> tuple[float, ...]:
    if isinstance(given, (int, float)):
        return (number(given, where),) * len(cuts)
    found = tuple(number(v, where) for v in items(given, where))
    if len(found) != len(cuts):
        raise InputError(f"{len(found)} prior values for {len(cuts)} cuts", where=where)
    return found


def _move(
    entry: Mapping[str, Any], scale: OrdinalScale, profiles: Mapping[str, Profile], add: AddParameter, where: str
) -> MoveTemplate:
    where = f"{where}, move {entry.get('move', '')}".rstrip()
    check_table(entry, TEMPLATE_KEYS["move"], where=where)
    move = parse(entry["move"])
    move.check(scale)
    profile = entry.get("profile")
    if profile is not None and text(profile, f"{where}, profile") not in profiles:
        raise InputError("unknown profile", where=where, allowed=list(profiles), got=profile)
    intensity = number(entry["intensity"], f"{where}, intensity")
    if not intensity > 0:
        raise InputError("prior intensity must be positive", where=where, got=intensity)
    group = entry.get("group", group_of(move, scale))
    if group not in GROUPS:
        raise InputError("unknown group of moves", where=where, allowed=GROUPS, got=group)
    name = add(
        f"log_intensity.{move}",
        {"prior_mean": math.log(intensity), **{k: entry[k] for k in ("prior_sd", "reason") if k in entry}},
        1.0,
        f"log intensity per day of {move} in the first time piece",
    )
    shared = tuple(text(n, f"{where}, shared") for n in items(entry.get("shared", ()), f"{where}, shared"))
    return MoveTemplate(move, group, (name, *shared), profile)


def _effect(
    entry: Mapping[str, Any], scale: OrdinalScale, drug_classes: Mapping[str, str], add: AddParameter, where: str
) -> EffectTemplate:
    scores_keys = ("current_scores", "baseline_scores")
    check_table(entry, TEMPLATE_KEYS["effect"], where=where)
    treatment = text(entry["treatment"], f"{where}, treatment")
    if treatment not in drug_classes:
        raise InputError("unknown treatment", where=where, allowed=list(drug_classes), got=treatment)
    name = add(
        f"log_hazard_ratio.{treatment}.{text(entry['name'], f'{where}, name')}",
        {k: entry[k] for k in PRIOR_KEYS if k in entry},
        EFFECT_PRIOR_SD,
        f"log hazard ratio of {treatment} on {entry['name']}",
    )
    window = items(entry.get("window", (0.0, math.inf)), f"{where}, window")
    if len(window) != 2:
        raise InputError("a window has a start and an end", where=where, got=window)
    start, end = (number(day, f"{where}, window", infinite=True) for day in window)
    scores = {key: _scores(entry[key], scale, f"{where}, {key}") if key in entry else None for key in scores_keys}
    try:
        return EffectTemplate(
            treatment=treatment,
            moves=tuple(parse_selection(m) for m in items(entry["moves"], "moves")),
            parameter=name,
            window=Window(start, end, str(entry.get("clock", "randomisation"))),
            source=str(entry.get("source", "")),
            label=str(entry["name"]),
            covariate=text(entry["covariate"], "covariate") if "covariate" in entry else "",
            **scores,
        )
    except InputError as error:
        raise error.at(where) from None


def _scores(given: object, scale: OrdinalScale, where: str) -> tuple[int, ...]:
    found = tuple(whole(score, where) for score in items(given, where))
    for score in found:
        scale.index(score)
    return found
