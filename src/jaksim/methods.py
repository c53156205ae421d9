"""Every analysis method as a function on counts given by hand: `jaksim.methods.log_rank(table, time, status)`.

A table is (2 arms, S strata, K categories), the reference arm first, or (2, K) without strata. The arguments after it
say what the categories mean, one value for each; `help(jaksim.methods.log_rank)` tells them and the options. A method
of one's own is a `Method`, with a `Key` for each option, and known to all of jaksim once it is given to `register`;
`weighted_method` makes a log-rank test with a weight function of one's own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from inspect import Parameter, Signature
from typing import Any

from jaksim.analysis.method import Method
from jaksim.analysis.registry import METHOD_NAMES, METHODS, get_method
from jaksim.analysis.result import AnalysisResult
from jaksim.analysis.single_table import by_hand
from jaksim.analysis.survival.own_weight import weighted_method
from jaksim.errors import InputError
from jaksim.key import Key

__all__ = ["Key", "Method", "register", "weighted_method"]

register = METHODS.register

OF_CATEGORIES = {
    "time": "`time` (K,) of a category, in days or any unit.",
    "status": "`status` (K,) is 1 for the event, 0 for censored, 2 for a competing event, -1 for a category left out.",
    "event": "`event` (K,) is 1 for a category with the event, 0 without it, -1 for one left out.",
    "rank": "`rank` (K,) is 0 for the best status, -1 for a category left out.",
    "value": "`value` (K,) is the number that a category counts as, NaN for one left out.",
    "transitions": "`transitions` says which transition of a day each category counts, as `endpoint.transitions`.",
    "labels": "`labels` (K,) name the categories.",
    "better": "`better` is what is good for the patient, 'event' or 'no event' (default).",
}
"""What the arguments of a function are that tell the meaning of categories."""


def __getattr__(name: str) -> Callable[..., AnalysisResult]:
    if name.startswith("__") or name not in METHOD_NAMES:
        raise AttributeError(f"module 'jaksim.methods' has no attribute {name!r}")
    return function_of(get_method(name))


def __dir__() -> list[str]:
    return sorted({*globals(), *METHOD_NAMES})


@cache
def function_of(method: Method) -> Callable[..., AnalysisResult]:
    """The method as a function of a table, of what its categories mean, and of its options by name."""
    signature = _signature(method)

    def function(*positional: Any, **named: Any) -> AnalysisResult:
        for word in named:
            if word not in signature.parameters:
                allowed = list(signature.parameters)
                raise InputError("unknown argument", where=f"method {method.name}", allowed=allowed, got=word)
        try:
            bound = signature.bind(*positional, **named)
        except TypeError as wrong:
            allowed = list(signature.parameters)
            raise InputError(str(wrong), where=f"method {method.name}", allowed=allowed) from None
        bound.apply_defaults()
        given = dict(bound.arguments)
        table, margin, level = given.pop("table"), given.pop("margin"), given.pop("level")
        options = {name: given.pop(name) for name in method.keys}
        return by_hand(method, table, given, options, margin, level)

    function.__name__ = function.__qualname__ = method.name
    function.__module__ = __name__
    function.__doc__ = _documentation(method)
    function.__signature__ = signature  # type: ignore[attr-defined]
    return function


def _signature(method: Method) -> Signature:
    arrays = [name for name in method.reads if name not in ("labels", "better")]
    parameters = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("table", *arrays)]
    if "labels" in method.reads:
        parameters.append(Parameter("labels", Parameter.POSITIONAL_OR_KEYWORD, default=None))
    keywords = [(key.name, key.default) for key in method.options]
    if "better" in method.reads:
        keywords.append(("better", None))
    keywords += [("margin", None), ("level", 0.95)]
    parameters += [Parameter(name, Parameter.KEYWORD_ONLY, default=default) for name, default in keywords]
    return Signature(parameters, return_annotation=AnalysisResult)


def _documentation(method: Method) -> str:
    lines = [(method.about or method.words).strip(), "", "`table` (2, S, K) counts patients, reference arm first."]
    lines += [OF_CATEGORIES[name] for name in method.reads]
    lines += [f"`{key.name}`: {key.description}." for key in method.options]
    lines.append("With a `margin` (a ratio, a difference or a probability) z is for its test in place of no effect.")
    return "\n".join(lines)
