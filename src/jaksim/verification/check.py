"""Running a case and holding the answer against the printed one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jaksim.verification.case import Case
from jaksim.verification.registry import NotCovered, runner_of

PASS, FAIL, NOT_COVERED = "pass", "fail", "not covered"


@dataclass(frozen=True)
class Comparison:
    """One expected number or word beside the one that came out; `disputed` says why a difference does not count."""

    key: str
    expected: Any
    got: Any
    agrees: bool
    disputed: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a case.

    `result` is "pass", "fail" or "not covered", with the reason in `reason`; `not_compared` names the expected entries
    that the tool does not answer although it covers others of the case.
    """

    case: Case
    result: str
    comparisons: tuple[Comparison, ...] = ()
    not_compared: tuple[str, ...] = ()
    reason: str = ""


def check(case: Case) -> Outcome:
    """The outcome of one case."""
    try:
        got = runner_of(case.kind)(case.inputs)
    except NotCovered as reason:
        return Outcome(case, NOT_COVERED, reason=str(reason), not_compared=tuple(case.expected))
    expected = dict(_leaves(case.expected))
    answers = dict(_leaves(got))
    comparisons = tuple(
        Comparison(key, value, answers[key], _agrees(case, key, value, answers[key]), case.disputed.get(key, ""))
        for key, value in expected.items()
        if key in answers
    )
    missing = dict.fromkeys(key.split("[")[0] for key in expected if key not in answers)
    deciding = [comparison for comparison in comparisons if not comparison.disputed]
    good = bool(deciding) and all(comparison.agrees for comparison in deciding)
    return Outcome(case, PASS if good else FAIL, comparisons, tuple(missing))


def _agrees(case: Case, key: str, expected: Any, got: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isfinite(got) and case.tolerance.allows(key, float(expected), float(got))
    return bool(expected == got)


def _leaves(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Every number or word with its key, such as `a.b[2]`."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _leaves(item, f"{key}.{name}" if key else str(name))
    elif hasattr(value, "tolist"):
        yield from _leaves(value.tolist(), key)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for position, item in enumerate(value):
            yield from _leaves(item, f"{key}[{position}]")
    else:
        yield key, value
