"""Analyses of trials given as tables of counts: arm by stratum by endpoint category.

The names are imported when first used, as importing a method imports its compiled kernels.
"""

from typing import TYPE_CHECKING

from jaksim.registry import when_first_used

if TYPE_CHECKING:
    from jaksim.analysis.counts import ESTIMATE, STANDARD_ERROR, Z
    from jaksim.analysis.method import Method
    from jaksim.analysis.registry import METHOD_NAMES, METHODS, get_method
    from jaksim.analysis.result import AnalysisResult

__all__ = ["ESTIMATE", "METHODS", "METHOD_NAMES", "STANDARD_ERROR", "AnalysisResult", "Method", "Z", "get_method"]

_HOMES = {
    "ESTIMATE": "counts",
    "METHODS": "registry",
    "METHOD_NAMES": "registry",
    "STANDARD_ERROR": "counts",
    "AnalysisResult": "result",
    "Method": "method",
    "Z": "counts",
    "get_method": "registry",
}

__getattr__ = when_first_used(__name__, _HOMES)
