"""What stands beside a prediction of two drugs head to head."""

from __future__ import annotations

from typing import Any

from jaksim.design.prediction import Prediction
from jaksim.scenario.scenario import Scenario
from jaksim.verbs.pooled.indirect import indirect_comparisons
from jaksim.verbs.pooled.until import ASKED, PREDICTED, EvidenceUsed, telling
from jaksim.verbs.pooled.value import value_of_information


def beside(scenario: Scenario, evidence: EvidenceUsed | None, predictions: tuple[Prediction, ...]) -> dict[str, Any]:
    """Fields of a predicted trial: the indirect comparison, and the value of one more trial; both empty without pooled
    effects."""
    if evidence is None or not evidence.trials:
        return {}
    own = frozenset(study for study, _, reason in evidence.left_out if reason in (PREDICTED, ASKED))
    studies = {
        name: telling(found.pooling)
        for name, found in scenario.disease.parameter_sets.items()
        if found.pooling is not None
    }
    return {
        "indirect": indirect_comparisons(scenario, predictions, evidence.until, own),
        "value_of_information": value_of_information(scenario, predictions, studies),
    }
