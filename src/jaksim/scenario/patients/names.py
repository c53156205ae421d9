"""Names that a characteristic cannot have: those of other columns of simulated patients."""

from __future__ import annotations

import re
from typing import Final

from jaksim.errors import InputError

_TAKEN: Final = (
    "patient",
    "arm",
    "stratum",
    "baseline_score",
    "site",
    "screened_day",
    "entry_day",
    "last_day_known",
    "kits_used",
    "doses_missed",
    "withdrawal_day",
    "treatment_stop_day",
    "rescue_day",
    "switch_day",
)


def check_name(name: str) -> None:
    """InputError for a name that another column of simulated patients has, or may have."""
    column = "_".join(name.split())
    if not column:
        raise InputError("a characteristic needs a name", where="population.characteristic, name", got=name)
    if column in _TAKEN or re.fullmatch(r"score_day_\d+", column):
        raise InputError(
            "another column of simulated patients has this name",
            where=f"population, characteristic {name!r}, name",
            allowed=f"any other than {', '.join(_TAKEN)} and score_day_N",
            got=name,
        )
