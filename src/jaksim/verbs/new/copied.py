"""A copy of a scenario that comes with jaksim, with the files that it refers to."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jaksim.errors import InputError
from jaksim.named_file import beside, is_file
from jaksim.scenario.shipped import shipped_scenarios


def copied_files(name: str) -> dict[str, str]:
    """The text of each file by its name, the scenario last; paths in it lead to the copies beside it."""
    every = shipped_scenarios()
    if name not in every:
        raise InputError("no scenario of this name comes with jaksim", where="‹copy›", allowed=every, got=name)
    source = every[name]
    text = source.read_text("utf-8")
    files = {}
    for reference in dict.fromkeys(_references(tomllib.loads(text))):
        path = Path(beside(reference, source.parent))
        files[path.name] = path.read_text("utf-8")
        text = text.replace(f'"{reference}"', f'"{path.name}"')
    return {**files, f"{name}.toml": text}


def _references(document: dict[str, Any]) -> Iterator[str]:
    """The files that the disease of a scenario names."""
    disease = document["disease"]
    treatments = disease.get("treatments", {}).values()
    named = [disease.get("scale"), disease["natural_history"], *treatments]
    tables = [one for one in treatments if isinstance(one, dict)]
    named += [one.get("parameter_set") for one in (*tables, *disease.get("interaction", []))]
    yield from (one for one in named if isinstance(one, str) and is_file(one))
