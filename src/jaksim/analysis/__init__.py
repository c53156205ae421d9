"""Analyses of trials given as tables of counts: arm by stratum by endpoint category."""

from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
from jaksim.analysis.method import Method
from jaksim.analysis.registry import METHOD_NAMES, METHODS, get_method
from jaksim.analysis.result import AnalysisResult

__all__ = ["ESTIMATE", "METHODS", "METHOD_NAMES", "STANDARD_ERROR", "AnalysisResult", "Method", "Z", "get_method"]
