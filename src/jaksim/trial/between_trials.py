"""How much a treatment does more in one trial than in another, as it is assumed: by kind of effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from jaksim.checks import known, number
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.model.moves import KINDS
from jaksim.ratio import check_log_sd

MEASURES: Final = {
    "binary": ("odds_ratio", "risk_ratio"),
    "ordinal": ("odds_ratio",),
    "time_to_event": ("hazard_ratio",),
}
"""The measures of an endpoint of each kind whose spread between trials can be cited, the default first."""
LOWEST_CORRELATION: Final = -0.5
"""Three kinds that are all correlated alike cannot be correlated less."""


@dataclass(frozen=True)
class KindSpread:
    """How much one kind of effect differs between trials.

    `sd` is the standard deviation of the log hazard ratio of the moves of this kind or, where an `endpoint` is cited,
    that of its log odds, log risk or log hazard, as `measure` says, over all kinds of effects that change it. Patients
    whose score at randomisation is among `left_out` are not counted.
    """

    sd: float
    endpoint: Endpoint | None = None
    measure: str = "hazard_ratio"
    left_out: frozenset[int] = frozenset()
    source: str = ""
    assumption: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "sd", check_log_sd(self.sd, "sd"))


@dataclass(frozen=True)
class BetweenTrials:
    """How much a treatment's benefit differs between trials.

    A kind of effect that `kinds` does not hold is the same in all trials. The benefits of two kinds have this
    `correlation`. `pooled` takes the standard deviations, kind by kind, from each draw of the parameter set of the
    treatment. `source` says where all this comes from. `published` are values of outcomes to compare with, and no more.
    """

    kinds: Mapping[str, KindSpread] = field(default_factory=dict)
    correlation: float = 0.0
    pooled: bool = False
    source: str = ""
    published: tuple[KindSpread, ...] = ()

    def __post_init__(self) -> None:
        for kind in self.kinds:
            known(kind, KINDS, "kind of effect", "between_trial_sd")
        if not LOWEST_CORRELATION <= number(self.correlation, "between_trial_correlation") <= 1.0:
            raise InputError(
                "no three kinds of effect have this correlation",
                where="between_trial_correlation",
                allowed=f"{LOWEST_CORRELATION:g} to 1",
                got=self.correlation,
            )

    @property
    def differ(self) -> bool:
        """Whether trials differ at all."""
        return self.pooled or any(spread.sd > 0.0 for spread in self.kinds.values())
