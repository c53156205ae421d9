"""The trial as a value: arms, population, planned analyses and the protocol that joins them.

Its names are imported when first used: what is known of boundaries alone needs none of the compiled kernels.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jaksim.trial.arm import Arm
    from jaksim.trial.assumption import Assumption
    from jaksim.trial.plan import ROLES, AnalysisPlan
    from jaksim.trial.population import STRATUM_SIZES, Population, Stratum
    from jaksim.trial.protocol import Trial

__all__ = ["ROLES", "STRATUM_SIZES", "AnalysisPlan", "Arm", "Assumption", "Population", "Stratum", "Trial"]

_HOMES = {
    "ROLES": "plan",
    "STRATUM_SIZES": "population",
    "AnalysisPlan": "plan",
    "Arm": "arm",
    "Assumption": "assumption",
    "Population": "population",
    "Stratum": "population",
    "Trial": "protocol",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
