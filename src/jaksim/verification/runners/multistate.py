"""State occupation from patient histories."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.analysis.survival.state_occupation import aalen_johansen


def aalen_johansen_state_occupancy(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Probability of each state at the times asked, in units of a thirty-second."""
    found = aalen_johansen(inputs["id"], inputs["t1"], inputs["t2"], inputs["state"], times=inputs["times"])
    return {"pstate_times_32": {state: 32.0 * shares for state, shares in found.items()}}
