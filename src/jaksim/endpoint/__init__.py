"""Endpoints: one finite automaton each, which gives the value on a path, the value on a data set and the exact law."""

from jaksim.endpoint.automaton import Automaton, Category, enumerate_automaton
from jaksim.endpoint.endpoint import Endpoint, endpoint_of
from jaksim.endpoint.families.desirability import desirability
from jaksim.endpoint.families.event_by_day import event_by_day
from jaksim.endpoint.families.free_days import free_days
from jaksim.endpoint.families.hierarchical import hierarchical
from jaksim.endpoint.families.score_area import score_area
from jaksim.endpoint.families.score_on_day import score_on_day
from jaksim.endpoint.families.time_to_change import time_to_change
from jaksim.endpoint.families.time_to_event import time_to_event
from jaksim.endpoint.families.weighted_outcomes import weighted_outcomes
from jaksim.endpoint.families.worst_score import worst_score
from jaksim.endpoint.family import Family
from jaksim.endpoint.product import product
from jaksim.endpoint.ranked_components import Component
from jaksim.endpoint.registry import COMMON_KEYS, FAMILIES, build_endpoint
from jaksim.key import REQUIRED, Key

register = FAMILIES.register

__all__ = [
    "COMMON_KEYS",
    "FAMILIES",
    "REQUIRED",
    "Automaton",
    "Category",
    "Component",
    "Endpoint",
    "Family",
    "Key",
    "build_endpoint",
    "desirability",
    "endpoint_of",
    "enumerate_automaton",
    "event_by_day",
    "free_days",
    "hierarchical",
    "product",
    "register",
    "score_area",
    "score_on_day",
    "time_to_change",
    "time_to_event",
    "weighted_outcomes",
    "worst_score",
]
