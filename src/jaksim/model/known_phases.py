"""The phases of the disease that come with jaksim."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jaksim.datafile import parse_toml
from jaksim.model.phase import Phase


@cache
def known_phases() -> Mapping[str, Phase]:
    """Phases by name, as their file has them."""
    file = resources.files("jaksim.model") / "phase_data" / "covid-19.toml"
    tables = parse_toml(file.read_text("utf-8"), where=file.name)["phase"]
    return {table["name"]: phase_from(table) for table in tables}


def phase_from(table: Mapping[str, Any]) -> Phase:
    """The phase in a table of days, levels and intervals, as many of each."""
    return Phase(
        table["name"],
        tuple(zip(map(float, table["days"]), map(float, table["levels"]), strict=True)),
        tuple(tuple(map(float, interval)) for interval in table["intervals"]),
        table["source"],
        table["assumption"],
    )
