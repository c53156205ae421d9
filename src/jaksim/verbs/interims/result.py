"""The answer of `interim`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from jaksim.design.conduct.charter.on_scale import Scale
from jaksim.design.conduct.charter.real_look import Final, Repeated
from jaksim.design.conduct.charter.to_come import Posterior, ToCome
from jaksim.result import Result
from jaksim.trial.monitoring.boundaries import Boundaries
from jaksim.trial.monitoring.record import boundaries_record


@dataclass(frozen=True, repr=False)
class InterimResult(Result):
    """What to do at an analysis that has been made.

    `decision` is efficacy, futility or harm where a bound was passed, end at a last analysis that passed none, or "goes
    on"; `left_open` what was not judged. `bounds` are those of this analysis by reason. Of `repeated`, `final` and
    `posterior` those that the design does not give are None, and `why_not` says why, by name. `standard_error_from`
    tells where that came from, "expected" for the one that simulated trials have there.
    """

    scenario: str
    title: str
    analysis: str
    tested: str
    look: int
    looks: int
    information: float
    z: float
    z_from: str
    nominal_p: float
    decision: str
    left_open: str
    bounds: Mapping[str, float]
    scale: Scale
    estimate: float
    shown: float
    standard_error: float
    standard_error_from: str
    repeated: Repeated | None
    final: Final | None
    to_come: ToCome
    posterior: Posterior | None
    why_not: Mapping[str, str]
    boundaries: Boundaries
    notes: tuple[str, ...] = ()
    elapsed_seconds: float = 0.0
    provenance: Mapping[str, Any] = field(default_factory=dict)

    def headline(self) -> str:
        """Which analysis, and what it decides."""
        return f"analysis {self.look} of {self.looks} of {self.title!r}: z = {self.z:.4f}, {self.decision}"

    def rows(self) -> list[dict[str, Any]]:
        """One row: the analysis, its decision and what is to come."""
        return [
            {
                "analysis": self.look,
                "information": self.information,
                "z": self.z,
                "nominal_p": self.nominal_p,
                "decision": self.decision,
                **{f"{reason}_z": bound for reason, bound in self.bounds.items()},
                "estimate": self.shown,
                "repeated_p": None if self.repeated is None else self.repeated.p_value,
                "repeated_low": None if self.repeated is None else self.repeated.shown[0],
                "repeated_high": None if self.repeated is None else self.repeated.shown[1],
                "final_p": None if self.final is None else self.final.p_value,
                "conditional_power_expected": self.to_come.expected,
                "conditional_power_planned": self.to_come.planned,
                "conditional_power_trend": self.to_come.trend,
                "predictive_power": self.to_come.predictive,
                "posterior_power": None if self.posterior is None else self.posterior.power,
            }
        ]

    def short_rows(self) -> list[dict[str, Any]]:
        """Bounds, and the chances of rejecting later."""
        row = self.rows()[0]
        return [{name: row[name] for name in ("analysis", "z", "decision", "conditional_power_planned")}]

    def contents(self) -> dict[str, Any]:
        """Everything by name."""
        taken = ("boundaries", "provenance", "scale", "repeated", "final", "to_come", "posterior", "elapsed_seconds")
        plain = {name: value for name, value in vars(self).items() if name not in taken and name != "asked"}
        parts = {name: getattr(self, name) for name in ("scale", "repeated", "final", "to_come", "posterior")}
        return {
            **plain,
            **{name: None if part is None else asdict(part) for name, part in parts.items()},
            "boundaries": boundaries_record(self.boundaries),
            "provenance": dict(self.provenance),
        }
