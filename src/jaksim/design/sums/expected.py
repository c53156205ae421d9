"""What an endpoint is expected to be in each arm, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ExpectedArm:
    """What happens to an endpoint in one arm on average: `text` for readers, `value` as a number.

    `known` is the share of patients whose category is known, `summary` what else the kind of the endpoint tells, such
    as the `probabilities` of its categories among those known.
    """

    arm: str
    value: float | None
    text: str
    known: float
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class ExpectedEndpoint:
    """One endpoint in all arms; `labels` are the categories of an ordinal one from the best to the worst."""

    endpoint: str
    kind: str
    what: str
    definition: str
    labels: tuple[str, ...]
    arms: tuple[ExpectedArm, ...]
