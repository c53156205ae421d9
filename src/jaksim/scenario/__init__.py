"""Scenario files: TOML in, a trial with its assumptions and provenance out."""

from jaksim.scenario.scenario import Scenario, load_scenario
from jaksim.trial.assumption import Assumption

__all__ = ["Assumption", "Scenario", "load_scenario"]
