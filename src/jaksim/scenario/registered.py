"""Methods and families of endpoints in a scenario that are not jaksim's own, with hashes of their source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from jaksim.analysis import METHODS
from jaksim.endpoint.registry import FAMILIES
from jaksim.errors import InputError

METHOD: Final = "method "
KIND: Final = "kind of endpoint "


def registered_in(document: Mapping[str, Any]) -> dict[str, str]:
    """Hash of the source of each by what it is and its name; nothing for a scenario with jaksim's own alone."""
    words = [METHOD + str(plan.get("method")) for plan in _tables(document.get("analysis"))]
    words += [KIND + name for name in _kinds(document.get("endpoint"))]
    found = {name: hash_of(name) for name in words}
    return {name: value for name, value in found.items() if value is not None}


def hash_of(name: str) -> str | None:
    """Hash of the source of one, by its name as in `registered_in`; None where it is jaksim's own or not known."""
    if name.startswith(METHOD):
        return METHODS.fingerprint(name.removeprefix(METHOD))
    return FAMILIES.fingerprint(name.removeprefix(KIND))


def check_registered(wanted: Mapping[str, str], where: str) -> None:
    """InputError unless each, by name as in `registered_in`, is known here with the same source."""
    for name, value in wanted.items():
        if not name.startswith((METHOD, KIND)):
            continue
        here = hash_of(name)
        if here != value:
            raise InputError(
                f"{name} is not registered here" if here is None else f"the source of {name} is another one here",
                where=where,
                allowed="the same one, from an installed package or from a script that registers it as it is imported",
            )


def _kinds(tables: object) -> Iterator[str]:
    for table in _tables(tables):
        yield str(table.get("kind"))
        yield from _kinds(table.get("components"))


def _tables(tables: object) -> list[Mapping[str, Any]]:
    return [table for table in tables if isinstance(table, Mapping)] if isinstance(tables, list | tuple) else []
