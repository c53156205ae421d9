"""What patients bring along: the joint law of their characteristics, as functions of correlated normal latents."""

from __future__ import annotations

from jaksim.trial.characteristics.characteristics import ONSET, Characteristic, Characteristics
from jaksim.trial.characteristics.marginal import LogNormal, Marginal, Normal, Steps, Tabulated

__all__ = ["ONSET", "Characteristic", "Characteristics", "LogNormal", "Marginal", "Normal", "Steps", "Tabulated"]
