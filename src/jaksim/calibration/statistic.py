"""Which statistic of the model answers a published figure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jaksim.analysis.registry import get_method
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.model.moves import Move

TRANSITION_RATIO = "transition_ratio"
RATIO_STATISTICS: Mapping[str, tuple[str, ...]] = {
    "cox": ("rate_ratio", "hazard_ratio", "subdistribution_hazard_ratio"),
    "fine_gray": ("subdistribution_hazard_ratio",),
    "proportional_odds": ("odds_ratio",),
    "risk_ratio": ("risk_ratio",),
    "odds_ratio": ("odds_ratio",),
    "odds_ratio_mh": ("odds_ratio",),
    TRANSITION_RATIO: ("rate_ratio", "hazard_ratio"),
}
"""Statistics that are ratios, with the published measures that each may answer."""
DIFFERENCE_STATISTICS: Mapping[str, tuple[str, ...]] = {
    "risk_difference": ("risk_difference",),
    "risk_difference_mh": ("risk_difference",),
}
"""Statistics that are differences, with the published measures that each may answer."""
CONTRASTS: Mapping[str, tuple[str, ...]] = {**RATIO_STATISTICS, **DIFFERENCE_STATISTICS}
STRATA_POOLED = (TRANSITION_RATIO, "risk_ratio", "odds_ratio", "risk_difference")
"""Contrasts that put the strata of an arm together."""
ENDPOINT_KINDS: Mapping[str, tuple[str, ...]] = {
    "score_table": ("ordinal",),
    "proportion": ("time_to_event", "binary"),
    "median": ("time_to_event",),
    "mean": ("day_count",),
    TRANSITION_RATIO: ("longitudinal",),
    "risk_ratio": ("time_to_event", "binary"),
    "odds_ratio": ("time_to_event", "binary"),
}
STATISTIC_KINDS = ("score_table", "proportion", "median", "mean", *CONTRASTS)


@dataclass(frozen=True)
class Statistic:
    """Which statistic of the model answers a target.

    `arm` is a ratio's numerator and `reference` its denominator, of a difference what is subtracted; an `inverse` ratio
    is one over that of the method. `moves` are those of a transition ratio. `time` is the middle of the day of a
    reported median.
    """

    kind: str
    endpoint: str
    arm: str
    reference: str
    strata: tuple[str, ...]
    stratified: bool = True
    inverse: bool = False
    moves: tuple[Move, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    time: float = math.inf

    @property
    def is_ratio(self) -> bool:
        return self.kind in RATIO_STATISTICS

    @property
    def is_contrast(self) -> bool:
        return self.kind in CONTRASTS

    def check(self, endpoint: Endpoint) -> None:
        """InputError when this statistic cannot be taken of the endpoint, or is asked for what it does not know."""
        if self.inverse and not self.is_ratio:
            raise InputError("only a ratio has an inverse", where="inverse", got=self.inverse)
        if bool(self.moves) != (self.kind == TRANSITION_RATIO):
            raise InputError("a transition ratio, and nothing else, is of moves", where="moves", allowed="such as 5>6")
        for move in self.moves:
            move.check(endpoint.scale)
        if not self.stratified and self.kind in STRATA_POOLED:
            raise InputError("this statistic has no strata", where="stratified", got=self.stratified)
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
