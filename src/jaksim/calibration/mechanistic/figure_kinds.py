"""Of which kind a published figure is, for tables that say where the model is wrong."""

from __future__ import annotations

from typing import Final

import numpy as np

from jaksim.calibration.statistic import Statistic
from jaksim.endpoint.endpoint import Endpoint

CONTROL_CHECK: Final = "control arm, not fitted"
KINDS: Final = (
    "deaths",
    "contrasts of deaths",
    "other events",
    "contrasts of other events",
    "tables of scores",
    "odds ratios of scores",
    "medians and means",
    CONTROL_CHECK,
)


def kind_of_figure(statistic: Statistic, endpoint: Endpoint) -> str:
    """One of `KINDS`, for a figure of an active arm or a contrast."""
    if statistic.kind == "score_table":
        return "tables of scores"
    if statistic.kind == "proportional_odds":
        return "odds ratios of scores"
    if statistic.kind in ("median", "mean"):
        return "medians and means"
    what = "deaths" if is_death(endpoint) else "other events"
    return f"contrasts of {what}" if statistic.is_contrast else what


def is_death(endpoint: Endpoint) -> bool:
    """Whether the event is death and nothing else: nobody has it who lives, whatever the scores were and became."""
    dead = endpoint.scale.members("dead")
    alive = [score for score in endpoint.scale.scores if score not in dead]
    living = np.array([[first, *[score] * endpoint.horizon] for first in alive for score in alive])
    dying = np.array([[alive[-1], *[dead[0]] * endpoint.horizon]])
    return bool(
        (endpoint.status[endpoint.categories_of(living)] != 1).all()
        and (endpoint.status[endpoint.categories_of(dying)] == 1).all()
    )
