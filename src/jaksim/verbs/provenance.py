"""What an answer about a scenario is traced by."""

from __future__ import annotations

import shlex
from typing import Any

from jaksim.scenario.scenario import Scenario
from jaksim.version import __version__


def command(verb: str, scenario: Scenario, options: list[str]) -> str:
    """The command line that makes a result again."""
    changes = [f"--set {shlex.quote(change)}" for change in scenario.changes]
    return " ".join(["jaksim", verb, shlex.quote(scenario.path), *options, *changes])


def digits(value: float) -> str:
    """A number with as many digits as it takes to read the same number again."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def provenance_of(scenario: Scenario, recreate: str) -> dict[str, Any]:
    """Version, hashes and command that a result is traced by."""
    return {
        "version": __version__,
        "scenario_hash": scenario.hash,
        "parameter_sets": dict(scenario.parameter_sets),
        "changes": list(scenario.changes),
        "command": recreate,
        **({"registered": dict(scenario.registered)} if scenario.registered else {}),
    }
