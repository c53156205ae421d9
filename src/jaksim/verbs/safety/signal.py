"""Whether events in a running trial are a signal of harm."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from jaksim.errors import InputError
from jaksim.formulas.signals import maximised, probability_ratio
from jaksim.formulas.signals.counted import Evidence, against_control, against_expected, check_counts
from jaksim.formulas.signals.maximised import Performance
from jaksim.formulas.signals.probability_ratio import GOES_ON, SIGNAL, Verdict
from jaksim.result import Result
from jaksim.verbs.options.base import takes
from jaksim.verbs.options.recreate import recreate
from jaksim.verbs.options.signal import SignalOptions
from jaksim.version import __version__

LEVEL: Final = 0.95
MOST: Final = {"expected": 20.0, "control": 100.0}
LARGEST: Final = 300.0
_CONTROL: Final = ("exposure", "control_events", "control_exposure")


@dataclass(frozen=True)
class Maximised:
    """The maximised sequential test: its statistic now, the critical value, what it says, and how it performs where
    nothing is wrong and under the rate ratio looked for; it ends after `most` events."""

    log_ratio: float
    critical: float
    decision: str
    most: float
    under_null: Performance
    under_ratio: Performance


@dataclass(frozen=True, repr=False)
class SafetySignal(Result):
    """What the events so far say of harm.

    `against` is "expected" or "control". `evidence` is what they say of the rate ratio as if they were looked at once;
    `sequential` and `maximised` are tests that may be made after every event.
    """

    against: str
    events: int
    expected: float
    control_events: int | None
    ratio: float
    alpha: float
    beta: float
    evidence: Evidence
    sequential: Verdict
    maximised: Maximised
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """The count against what was expected, and what the maximised test says."""
        return f"{self.events} events against {self.expected:.4g} expected: {self.maximised.decision}"

    def rows(self) -> list[dict[str, Any]]:
        """One row for each test."""
        return [
            {"test": "sequential", "log_ratio": self.sequential.log_ratio, "decision": self.sequential.decision},
            {"test": "maximised", "log_ratio": self.maximised.log_ratio, "decision": self.maximised.decision},
        ]

    def contents(self) -> dict[str, Any]:
        """The numbers by name."""
        found = asdict(self)
        found["sequential"] = self.sequential._asdict()
        for name in ("under_null", "under_ratio"):
            found["maximised"][name] = getattr(self.maximised, name)._asdict()
        return found


@takes(SignalOptions)
def signal(*, options: SignalOptions) -> SafetySignal:
    """Whether events in a running trial are a signal of harm, against a known rate or a control arm.

    With `expected` the events of an arm, or of all patients of a blinded trial, are Poisson with a known expectation;
    with `control_events`, `exposure` and `control_exposure` those of one arm are binomial given the events of both.
    Gives the exact estimate, interval and p value of a single look, the posterior under the priors of Jeffreys, Wald's
    sequential probability ratio test of `ratio` against 1, and the maximised one with its exact critical value.
    """
    _check(options)
    odds, events = _odds(options), options.events or 0
    others = options.control_events or 0
    if options.expected is not None:
        expected = options.expected
        evidence = against_expected(events, expected, options.ratio, LEVEL)
        plain = probability_ratio.of_poisson(events, expected, options.ratio)
        now = maximised.poisson_log_ratio(events, expected)
    else:
        assert options.exposure is not None
        assert options.control_exposure is not None
        expected = (events + others) * odds / (1.0 + odds)
        evidence = against_control(events, options.exposure, others, options.control_exposure, options.ratio, LEVEL)
        plain = probability_ratio.of_binomial(events, others, odds, options.ratio)
        now = maximised.binomial_log_ratio(events, others, odds)
    return SafetySignal(
        against="control" if options.expected is None else "expected",
        events=events,
        expected=expected,
        control_events=options.control_events,
        ratio=options.ratio,
        alpha=options.alpha,
        beta=options.beta,
        evidence=evidence,
        sequential=probability_ratio.verdict(plain, options.alpha, options.beta),
        maximised=_maximised(options, now, odds),
        provenance={"version": __version__, "command": recreate("signal", (), options)},
    )


def _maximised(options: SignalOptions, now: float, odds: float) -> Maximised:
    against = "control" if options.expected is None else "expected"
    most = MOST[against] if options.most is None else options.most
    so_far = options.expected if options.expected is not None else (options.events or 0) + (options.control_events or 0)
    if so_far > most:
        raise InputError("the maximised test has ended", where="‹most›", allowed=f"{so_far:g} or more", got=most)
    performance: Callable[[float], Performance]
    if options.expected is not None:
        critical = maximised.poisson_critical(options.alpha, most)

        def performance(ratio: float) -> Performance:
            return maximised.poisson_performance(critical, most, ratio)

        reached = now >= critical
    else:
        critical = maximised.binomial_critical(options.alpha, int(most), odds)

        def performance(ratio: float) -> Performance:
            return maximised.binomial_performance(critical - 1e-9, int(most), odds, ratio)

        reached = now >= critical - 1e-9
    return Maximised(
        log_ratio=now,
        critical=critical,
        decision=SIGNAL if reached else GOES_ON,
        most=most,
        under_null=performance(1.0),
        under_ratio=performance(options.ratio),
    )


def _odds(options: SignalOptions) -> float:
    """Odds that an event is in the arm watched, under equal rates."""
    if options.exposure is None or options.control_exposure is None:
        return math.nan
    return options.exposure / options.control_exposure


def _check(options: SignalOptions) -> None:
    if options.events is None:
        raise InputError("the number of events is missing", where="‹events›", allowed="a whole number")
    given = [name for name in _CONTROL if getattr(options, name) is not None]
    if options.expected is not None and given:
        raise InputError("a known rate or a control arm", where=f"‹expected›, ‹{given[0]}›", allowed="one of the two")
    if options.expected is None and len(given) < len(_CONTROL):
        missing = next(name for name in _CONTROL if name not in given)
        raise InputError(
            "what the events are held against is missing",
            where=f"‹{missing}›" if given else "‹expected›",
            allowed="‹expected›, or ‹exposure›, ‹control_events› and ‹control_exposure›",
        )
    if options.expected is not None:
        check_counts(options.events, options.expected, ("‹events›", "‹expected›"))
    else:
        check_counts(options.events, options.exposure or 0.0, ("‹events›", "‹exposure›"))
        check_counts(
            options.control_events or 0, options.control_exposure or 0.0, ("‹control_events›", "‹control_exposure›")
        )
    if not 1.0 < options.ratio <= 1000.0:
        raise InputError("a ratio of harm is above 1", where="‹ratio›", allowed="above 1, to 1000", got=options.ratio)
    for name in ("alpha", "beta"):
        if not 0.0 < getattr(options, name) <= 0.5:
            raise InputError("no such error", where=f"‹{name}›", allowed="above 0, to 0.5", got=getattr(options, name))
    if options.most is not None and not (
        0.0 < options.most <= LARGEST and (options.expected is not None or options.most >= 1.0)
    ):
        raise InputError("out of range", where="‹most›", allowed=f"up to {LARGEST:g}", got=options.most)
