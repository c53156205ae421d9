"""Disease models: moves between scores, their intensities, and what treatments do to them."""

from jaksim.model.disease import DiseaseModel, IntensityTable, PatientType
from jaksim.model.effect import CovariateEffect, TreatmentEffect, Window
from jaksim.model.moves import GROUPS, Move, group_of, parse
from jaksim.model.natural_history import NaturalHistory
from jaksim.model.regimen import Interaction, Regimen, Treatment

__all__ = [
    "GROUPS",
    "CovariateEffect",
    "DiseaseModel",
    "IntensityTable",
    "Interaction",
    "Move",
    "NaturalHistory",
    "PatientType",
    "Regimen",
    "Treatment",
    "TreatmentEffect",
    "Window",
    "group_of",
    "parse",
]
