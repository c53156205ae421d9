"""Evidence synthesis: pooled effects, indirect comparisons, networks, class against agent, interactions."""

from jaksim.evidence.synthesis.class_effect import ClassEffect, class_effect
from jaksim.evidence.synthesis.common_effect import mantel_haenszel, peto
from jaksim.evidence.synthesis.counts import Tables, trial_effects
from jaksim.evidence.synthesis.estimates import Estimates, estimates_of_ratios
from jaksim.evidence.synthesis.inference import Contrast, contrast_of_ratio, inconsistency, indirect
from jaksim.evidence.synthesis.network import Network, network
from jaksim.evidence.synthesis.network_checks import decompose, p_scores, rank_probabilities, split
from jaksim.evidence.synthesis.network_trial import (
    NetworkTrial,
    trial_from_arms,
    trial_from_contrasts,
    trial_from_events,
)
from jaksim.evidence.synthesis.pooling import Pooled, pool
from jaksim.evidence.synthesis.priors import HalfCauchy, HalfNormal, NormalPrior
from jaksim.evidence.synthesis.regression import Regression, hierarchy, regress

__all__ = [
    "ClassEffect",
    "Contrast",
    "Estimates",
    "HalfCauchy",
    "HalfNormal",
    "Network",
    "NetworkTrial",
    "NormalPrior",
    "Pooled",
    "Regression",
    "Tables",
    "class_effect",
    "contrast_of_ratio",
    "decompose",
    "estimates_of_ratios",
    "hierarchy",
    "inconsistency",
    "indirect",
    "mantel_haenszel",
    "network",
    "p_scores",
    "peto",
    "pool",
    "rank_probabilities",
    "regress",
    "split",
    "trial_effects",
    "trial_from_arms",
    "trial_from_contrasts",
    "trial_from_events",
]
