"""The whole conduct of a trial as events in SimPy: sites, screening, supply, wards, data, board and costs.

The one package that imports SimPy.
"""

from jaksim.operations.events.conductor import Conductor, run_trial
from jaksim.operations.events.log import TrialLog
from jaksim.operations.events.many import conduct_trials

__all__ = ["Conductor", "TrialLog", "conduct_trials", "run_trial"]
