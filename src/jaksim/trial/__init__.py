"""The trial as a value: arms, population, planned analyses and the protocol that joins them.

Its names are imported when first used: what is known of boundaries alone needs none of the compiled kernels.
"""

from typing import TYPE_CHECKING

from jaksim.registry import when_first_used

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

__getattr__ = when_first_used(__name__, _HOMES)
