"""Tests that combine the p values of stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.trial.monitoring.combination import Fisher


def combination_test(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Level spent by each stage of Fisher's product test."""
    return {"alpha_spent": Fisher.of(inputs["k"], inputs["alpha"]).alpha_spent.tolist()}
