"""Which statistic of the model answers a published figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.analysis.registry import get_method
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError

RATIO_STATISTICS: Mapping[str, tuple[str, ...]] = {
    "cox": ("rate_ratio", "hazard_ratio", "subdistribution_hazard_ratio"),
    "proportional_odds": ("odds_ratio",),
    "risk_ratio": ("risk_ratio",),
    "odds_ratio": ("odds_ratio",),
}
"""Statistics that are ratios, with the published measures that each may answer."""
ENDPOINT_KINDS: Mapping[str, tuple[str, ...]] = {
    "score_table": ("ordinal",),
    "proportion": ("time_to_event", "binary"),
    "median": ("time_to_event",),
    "risk_ratio": ("time_to_event", "binary"),
    "odds_ratio": ("time_to_event", "binary"),
}
STATISTIC_KINDS = ("score_table", "proportion", "median", *RATIO_STATISTICS)


@dataclass(frozen=True)
class Statistic:
    """Which statistic of the model answers a target.

    `arm` is a ratio's numerator and `reference` its denominator; `time` is the middle of the day of a reported median.
    """

    kind: str
    endpoint: str
    arm: str
    reference: str
    strata: tuple[str, ...]
    stratified: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    time: float = math.inf

    @property
    def is_ratio(self) -> bool:
        return self.kind in RATIO_STATISTICS

    def check(self, endpoint: Endpoint) -> None:
        """InputError when this statistic cannot be taken of the endpoint, or has options that it does not know."""
        if self.kind in ENDPOINT_KINDS:
            if endpoint.kind not in ENDPOINT_KINDS[self.kind]:
                raise InputError(
                    f"endpoint '{endpoint.name}' is of kind '{endpoint.kind}'",
                    where=f"statistic {self.kind}",
                    allowed="endpoints of kind " + ", ".join(ENDPOINT_KINDS[self.kind]),
                )
            if self.options:
                raise InputError("takes no options", where=f"statistic {self.kind}", got=dict(self.options))
        else:
            method = get_method(self.kind)
            method.check(endpoint)
            method.settings(self.options)
