"""What a power calculation answers, as values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from jaksim.design.sums.characteristics import Characteristics
from jaksim.design.sums.expected import ExpectedEndpoint
from jaksim.design.sums.gains import Gain
from jaksim.design.sums.multiple_counts import MultiplicityResult
from jaksim.design.sums.turn_share import TurnShare
from jaksim.ratio import ratio_of
from jaksim.result import Result
from jaksim.trial.assumption import Assumption

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ArmValue:
    """What happens on average in one arm, over the strata analysed: `text` for readers, `value` as a number."""

    arm: str
    what: str
    value: float | None
    text: str


@dataclass(frozen=True)
class VarianceReduction:
    """What a method was worth: `factor` is how many times smaller it made the Monte Carlo variance of the power.

    The plain power is the share of replicates that reject, `equivalent_replicates` how many it would need for the same
    error; `factor` is NaN where a variance is zero.
    """

    method: str
    factor: float
    plain_power: float
    plain_mc_se: float
    equivalent_replicates: int | None


@dataclass(frozen=True, kw_only=True)
class AnalysisResult:
    """Operating characteristics of one planned analysis.

    `power` is the share of replicates that reject, `favourable` the share that reject because the active arm does
    better; `mc_se` and `ci` (95 %, Wilson) are the Monte Carlo precision of the power. With a `variance_reduction` the
    power is that share less its control variates, and the interval a normal one. The estimate is on the method's scale,
    log for ratios; `margin` is on the natural scale. `analytic_power` is the twin without simulation, `z` the distance
    of the two in Monte Carlo standard errors; `analytic_caution` says why the twin is not to be relied on, nothing
    where it is. `iterated_estimate` is, for a method whose estimate is one step from no effect, what the model or
    weights named `iterated_by` lead to at the expected table. Means and standard deviations are over the replicates
    with a finite estimate, of which `not_estimable` have none; `not_tested` have no test statistic and count as not
    rejected. `sites` tells whether sites are strata of the analysis, `adjusts` in
    words what it adjusts for. `level_caution` says why a test in a conducted
    trial need not keep its level, nothing where it does. What only replicates can tell has no value before there are
    any.
    """

    name: str
    endpoint: str
    method: str
    role: str
    active: str
    reference: str
    strata: tuple[str, ...]
    alpha: float
    sides: int
    estimand: str
    scale: str
    ratio_name: str | None
    reference_value: ArmValue
    active_value: ArmValue
    n_patients: int
    power: float = math.nan
    mc_se: float = math.nan
    ci: tuple[float, float] = (math.nan, math.nan)
    favourable: float = math.nan
    mean_estimate: float = math.nan
    mean_estimate_mc_se: float = math.nan
    sd_estimate: float = math.nan
    mean_standard_error: float = math.nan
    not_estimable: int = 0
    not_tested: int = 0
    analytic_power: float
    analytic_estimate: float
    analytic_caution: str = ""
    iterated_by: str | None = None
    iterated_estimate: float | None = None
    z: float = math.nan
    n_for_power: Mapping[str, int | None]
    hypothesis: str = "superiority"
    margin: float | None = None
    variance_reduction: VarianceReduction | None = None
    level_caution: str = ""
    sites: str = "pooled"
    adjusts: str = ""

    @property
    def ratio(self) -> float | None:
        """The mean estimate as a ratio, None for differences and probabilities."""
        return ratio_of(self.mean_estimate) if self.scale == "log_ratio" else None


@dataclass(frozen=True, repr=False)
class PowerResult(Result):
    """The answer of `power`: one result per analysis, how often tests rejected together, and where it comes from.

    `joint` gives the share of replicates in which both of two analyses reject; `any_rejection` that in which at least
    one does. `characteristics` are those of a design with interim analyses, `multiplicity` what a procedure for
    several hypotheses makes of the analyses. `expected` has every endpoint in every arm by the exact law, with the
    probability of each category of an ordinal one; `treatment_changes` tell how many patients are rescued, switched,
    stopped or in a pause, by arm and day; `gains` what adjustment for covariates is worth.
    """

    scenario: str
    title: str
    n_patients: int
    replicates: int
    seed: int
    engine: str
    null: bool
    elapsed_seconds: float
    analyses: tuple[AnalysisResult, ...]
    joint: tuple[tuple[float, ...], ...]
    any_rejection: float
    characteristics: Characteristics | None = None
    multiplicity: MultiplicityResult | None = None
    expected: tuple[ExpectedEndpoint, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    provenance: Mapping[str, Any] = field(default_factory=dict)
    treatment_changes: tuple[TurnShare, ...] = ()
    gains: tuple[Gain, ...] = ()

    def headline(self) -> str:
        """Trial, size and replicates."""
        return headline_of(self)

    def rows(self) -> list[dict[str, Any]]:
        """One row per analysis."""
        return [analysis_row(analysis) for analysis in self.analyses]

    def short_rows(self) -> list[dict[str, Any]]:
        """Name and power of each analysis."""
        return short_rows_of(self.analyses)

    def contents(self) -> dict[str, Any]:
        """Everything by name, without what tells nothing of an analysis."""
        content = analyses_record(self)
        for part in ("treatment_changes", "gains"):
            if not content[part]:
                del content[part]
        return content

    def to_pandas(self) -> pd.DataFrame:
        """One row per analysis; `DataFrame.attrs` carries the provenance."""
        frame = super().to_pandas()
        frame.attrs.update(
            {"scenario": self.scenario, "replicates": self.replicates, "seed": self.seed, "engine": self.engine}
        )
        return frame


class _WithAnalyses(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def analyses(self) -> tuple[AnalysisResult, ...]: ...


def analyses_record(result: _WithAnalyses) -> dict[str, Any]:
    """A result that holds analyses by name, with the ratio of each analysis."""
    content = asdict(result)
    for entry, analysis in zip(content["analyses"], result.analyses, strict=True):
        entry["ratio"] = analysis.ratio
        if not analysis.adjusts:
            del entry["adjusts"]
    return content


def headline_of(result: Any) -> str:
    """Trial, patients and replicates of a result that has them."""
    what = "type I error" if result.null else "power"
    return f"{what} of {result.title!r}: {result.n_patients} patients, {result.replicates} replicates"


def short_rows_of(analyses: Sequence[AnalysisResult]) -> list[dict[str, Any]]:
    """Name and power of each analysis, with the Monte Carlo standard error."""
    return [{"analysis": analysis.name, "power": analysis.power, "mc_se": analysis.mc_se} for analysis in analyses]


def analysis_row(analysis: AnalysisResult) -> dict[str, Any]:
    """An analysis as a row of plain values."""
    row = {key: value for key, value in vars(analysis).items() if key not in _NESTED}
    row["strata"] = ", ".join(analysis.strata)
    if not analysis.adjusts:
        del row["adjusts"]
    row["ci_low"], row["ci_high"] = analysis.ci
    row["reference_value"], row["active_value"] = analysis.reference_value.value, analysis.active_value.value
    row["ratio"] = analysis.ratio
    if analysis.variance_reduction is not None:
        row["variance_reduction"] = analysis.variance_reduction.factor
    row.update({f"n_for_power_{target}": n for target, n in analysis.n_for_power.items()})
    return row


_NESTED = ("ci", "reference_value", "active_value", "n_for_power", "strata", "variance_reduction")
