"""Tests that combine the p values of stages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jaksim.design.fisher_combination import fisher_design


def combination_test(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """Level spent by each stage of Fisher's product test."""
    return {"alpha_spent": fisher_design(inputs["k"], alpha=inputs["alpha"]).alpha_spent}
