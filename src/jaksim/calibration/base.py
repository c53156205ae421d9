"""The natural history of one study as the shape of another's: intensities held, levels free.

Small studies publish a few totals, which say how fast patients improved, got worse and died, but not by which moves.
Their model takes the shape of a calibrated study (`base`) and one free multiplier for each chosen set of moves
(`shift`). Moves and profiles that the study gives itself replace those of the base.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jaksim.calibration.keys import STUDY_KEYS
from jaksim.checks import items, table, text
from jaksim.datafile import check_table
from jaksim.errors import InputError
from jaksim.model.moves import Move, group_of, parse_selection
from jaksim.model.parameter_set import ParameterSet, load_parameter_set, shipped_parameter_sets
from jaksim.named_file import beside
from jaksim.scale import scale_in


def with_base(model: Mapping[str, Any], where: str, folder: Path = Path()) -> dict[str, Any]:
    """The model table of a study with its `base` written out as fixed moves and profiles, or as given without one.

    A base that is a file is looked for from `folder`.
    """
    if "base" not in model:
        return dict(model)
    base = load_parameter_set(beside(text(model["base"], f"{where}, base"), folder))
    if not base.template.moves:
        allowed = [name for name in shipped_parameter_sets() if load_parameter_set(name).template.moves]
        what = f"{base.name} holds effects alone and no natural history"
        raise InputError(what, where=f"{where}, base", allowed=allowed, got=base.name)
    if scale_in(model.get("scale"), where=f"{where}, scale") != base.scale:
        raise InputError("the base has another scale", where=f"{where}, base", allowed=base.scale.name)
    shifts = {
        name: table(entry, f"{where}, shift {name}")
        for name, entry in table(model.get("shift", {}), f"{where}, shift").items()
    }
    chosen: dict[str, list[str | Move]] = {}
    for name, entry in shifts.items():
        check_table(entry, STUDY_KEYS["model.shift.NAME"], where=f"{where}, shift {name}")
        given = items(entry["moves"], f"{where}, shift {name}, moves")
        chosen[name] = [parse_selection(text(m, f"{where}, shift {name}, moves")) for m in given]
    own = {str(table(entry, f"{where}, move").get("move")) for entry in items(model.get("move", ()), f"{where}, move")}
    moves = [entry for entry in _moves(base, chosen) if entry["move"] not in own]
    used = {parameter for move in moves for parameter in move.get("shared", ())}
    for name in shifts:
        if f"shift.{name}" not in used:
            raise InputError("no move of the base is shifted", where=f"{where}, shift {name}")
    rest = {key: value for key, value in model.items() if key not in ("base", "shift", "move", "parameter", "profile")}
    parameters = {
        f"shift.{name}": {key: entry[key] for key in ("prior_mean", "prior_sd", "reason") if key in entry}
        for name, entry in shifts.items()
    }
    return {
        **rest,
        "parameter": {**parameters, **model.get("parameter", {})},
        "profile": {**_profiles(base), **model.get("profile", {})},
        "move": [*moves, *model.get("move", ())],
    }


def _profiles(base: ParameterSet) -> dict[str, Any]:
    value = {p.name: p.estimate for p in base.parameters}
    return {
        name: {"cuts": list(profile.cuts), "prior_mean": [value[p] for p in profile.parameters], "prior_sd": 0.0}
        for name, profile in base.template.profiles.items()
    }


def _moves(base: ParameterSet, chosen: Mapping[str, list[str | Move]]) -> list[dict[str, Any]]:
    value = {p.name: p.estimate for p in base.parameters}
    moves = []
    for move in base.template.moves:
        intensity = math.exp(sum(value[p] for p in move.parameters))
        entry: dict[str, Any] = {"move": str(move.move), "intensity": float(f"{intensity:.6g}"), "prior_sd": 0.0}
        if move.group != group_of(move.move, base.scale):
            entry["group"] = move.group
        if move.profile is not None:
            entry["profile"] = move.profile
        shared = [f"shift.{name}" for name, selection in chosen.items() if {move.move, move.group} & set(selection)]
        if shared:
            entry["shared"] = shared
        moves.append(entry)
    return moves
