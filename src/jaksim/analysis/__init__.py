"""Analyses of trials given as tables of counts: arm by stratum by endpoint category.

The names are imported when first used, as importing a method imports its compiled kernels.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
