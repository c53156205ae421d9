"""The shape of an effect of a covariate, as the keys of its table give it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.errors import InputError
from jaksim.model.covariate_shape import LINEAR, Shape
from jaksim.scenario.section import join, located

_LINE = ("centre", "per")
_OTHERS = ("cuts", "values")


def read_shape(table: Mapping[str, Any], values: Mapping[str, Any], where: str) -> Shape:
    """The shape in a table with these values; InputError for keys that have no use beside each other."""
    kind = values["shape"]
    for key in _OTHERS if kind == "linear" else _LINE:
        if key in table:
            raise InputError(f"has no use beside shape = {kind}", where=join(where, key), got=table[key])
    if not values["covariate"] and any(key in table for key in (*_LINE, *_OTHERS, "shape")):
        raise InputError("a shape is of a covariate, and none is named", where=join(where, "covariate"))
    with located(where):
        found = Shape(kind, values["centre"], values["per"], tuple(values["cuts"]), tuple(values["values"]))
    return LINEAR if found.is_identity else found
