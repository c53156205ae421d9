"""Results as one JSON object."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from jaksim.design.result import PowerResult
from jaksim.trial import Assumption


def power_record(result: PowerResult, assumptions: Sequence[Assumption]) -> dict[str, Any]:
    """The result of a power calculation with its assumptions; values that do not exist are None."""
    record = result.as_dict()
    provenance = record.pop("provenance")
    return {**record, "assumptions": [asdict(line) for line in assumptions], "provenance": provenance}
