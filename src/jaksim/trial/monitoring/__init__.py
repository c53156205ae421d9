"""Monitoring of a trial by interim analyses: boundaries, and what is inferred when it has stopped."""

from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.bounds import at_information, boundaries_of, bounds_at
from jaksim.trial.monitoring.integration import Crossing, crossing_probabilities
from jaksim.trial.monitoring.plan import MonitoringPlan

__all__ = [
    "Boundaries",
    "Crossing",
    "MonitoringPlan",
    "at_information",
    "boundaries_of",
    "bounds_at",
    "crossing_probabilities",
]
