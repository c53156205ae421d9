"""The trial as a value: arms, population, planned analyses and the protocol that joins them."""

from jaksim.trial.arm import Arm
from jaksim.trial.assumption import Assumption
from jaksim.trial.plan import ROLES, AnalysisPlan
from jaksim.trial.population import STRATUM_SIZES, Population, Stratum
from jaksim.trial.protocol import Trial

__all__ = ["ROLES", "STRATUM_SIZES", "AnalysisPlan", "Arm", "Assumption", "Population", "Stratum", "Trial"]
