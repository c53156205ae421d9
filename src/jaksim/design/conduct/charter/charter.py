"""The analyses of a monitored trial as a charter lists them: when, on which data, and what each bound means."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jaksim.design.conduct.charter.expected_looks import ExpectedLook, Spread, expected_looks
from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.conduct.charter.to_come import ExpectedScore, ToCome, to_come
from jaksim.design.conduct.course import Course
from jaksim.design.conduct.sequential import GroupSequential
from jaksim.result import Result, plain_values
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.record import boundaries_record


@dataclass(frozen=True, slots=True)
class Bound:
    """A bound on z, positive for benefit; its one-sided p value, of both tails in a two-sided trial; the estimate that
    lies on it, on the method's scale, and what is to come from there.

    `p_value` of a bound for harm is that of the other tail. `analysis` is the one whose z is compared with it.
    """

    z: float
    p_value: float
    estimate: float
    shown: float
    analysis: str
    to_come: ToCome


@dataclass(frozen=True)
class CharterLook:
    """One analysis: its planned information, the alpha spent by then, what is expected of its data, and its bounds by
    reason. `dates` are those of the mean and the 10 and 90 % points of its day where the first day has a date."""

    number: int
    information: float
    alpha_spent: float
    expected: ExpectedLook
    bounds: Mapping[str, Bound]
    dates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, repr=False)
class MonitoringCharter(Result):
    """The planned analyses of a scenario's monitored analysis.

    `expected_drift` is the expected z of the last analysis under the scenario, NaN where no law of it is known;
    `planned_drift` that for which the boundaries have their power.
    """

    scenario: str
    title: str
    analysis: str
    method: str
    scale: Scale
    boundaries: Boundaries
    looks: tuple[CharterLook, ...]
    expected_drift: float
    planned_drift: float
    doubt: str
    replicates: int
    seed: int
    engine: str
    elapsed_seconds: float = 0.0
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """The analysis and the number of its looks."""
        return f"interim analyses of {self.title!r}: {len(self.looks)} analyses of {self.analysis}"

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis and bound."""
        return [
            {
                "analysis": look.number,
                "information": look.information,
                **{
                    f"{kind}_{point}": value
                    for kind, one in look.expected.numbers.items()
                    for point, value in _mean(one)
                },
                "bound": reason,
                "z": bound.z,
                "p_value": bound.p_value,
                "estimate": bound.shown,
                "decided_by": bound.analysis,
                "conditional_power_expected": bound.to_come.expected,
                "conditional_power_planned": bound.to_come.planned,
                "conditional_power_trend": bound.to_come.trend,
                "predictive_power": bound.to_come.predictive,
            }
            for look in self.looks
            for reason, bound in look.bounds.items()
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Day and bounds of each analysis."""
        return [
            {
                "analysis": look.number,
                "day": look.expected.numbers["analysis_day"].mean,
                **{f"z for {reason}": bound.z for reason, bound in look.bounds.items()},
            }
            for look in self.looks
        ]

    def contents(self) -> dict[str, Any]:
        """Everything by name, with the boundaries."""
        return {
            "scenario": self.scenario,
            "title": self.title,
            "analysis": self.analysis,
            "method": self.method,
            "scale": plain_values(self.scale),
            "expected_drift": self.expected_drift,
            "planned_drift": self.planned_drift,
            "doubt": self.doubt,
            "looks": [asdict(look) for look in self.looks],
            "boundaries": boundaries_record(self.boundaries),
            "replicates": self.replicates,
            "seed": self.seed,
            "engine": self.engine,
            "provenance": dict(self.provenance),
        }


def _mean(one: Spread) -> tuple[tuple[str, float], ...]:
    return ("mean", one.mean), ("p10", one.low), ("p90", one.high)


def looks_of_charter(
    design: GroupSequential,
    replicates: int,
    *,
    workers: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> tuple[CharterLook, ...]:
    """The analyses (K,) of a design, each as if the trial got there."""
    monitoring, found = design.monitoring, design.monitoring.boundaries
    score = ExpectedScore(design.course(), found.information)
    scale, spent = Scale.of(design.test), found.alpha_spent
    expected = expected_looks(design, replicates, workers=workers, advance=advance)
    operations = design.engine.cells.trial.operations
    looks = []
    for k, (data, decisions) in enumerate(zip(expected, monitoring.decisions, strict=True)):
        bounds = {}
        for reason, decision in decisions.items():
            own = decision.analysis == monitoring.analysis
            estimate = scale.estimate(decision.z, data.standard_error) if own else math.nan
            bounds[reason] = Bound(
                z=decision.z,
                p_value=nominal_p(decision.z, found.plan.sides if own or reason != "harm" else 1, reason),
                estimate=estimate,
                shown=scale.shown(estimate),
                analysis=decision.analysis,
                to_come=to_come(found, k + 1, decision.z if own else math.nan, score),
            )
        dates = {}
        if operations is not None:
            day = data.numbers["analysis_day"]
            points = {"mean": day.mean, "low": day.low, "high": day.high}
            dates = {name: operations.recruitment.date(round(value)) for name, value in points.items()}
        looks.append(
            CharterLook(
                number=k + 1,
                information=float(found.information[k]),
                alpha_spent=float(spent[k]),
                expected=data,
                bounds=bounds,
                dates={name: date for name, date in dates.items() if date},
            )
        )
    return tuple(looks)


def nominal_p(z: float, sides: int, reason: str) -> float:
    """p of a bound by itself: of the tail above it, below it for harm, of both in a two-sided trial."""
    tail = abs(z) if sides == 2 else -z if reason == "harm" else z
    return sides * 0.5 * math.erfc(tail / math.sqrt(2.0))


def expected_drift(design: GroupSequential) -> float:
    """Expected z of the last analysis, NaN where no law of it is known."""
    course = design.course()
    return float(course.means[-1]) if isinstance(course, Course) else course
