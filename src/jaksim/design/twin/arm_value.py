"""What happens on average in one arm, computed exactly from the law of the endpoint."""

from __future__ import annotations

from jaksim.design.sums.result import ArmValue
from jaksim.design.twin.analytic import AnalysisInput
from jaksim.endpoint.kinds import kind_of


def arm_value(inputs: AnalysisInput, arm: str, position: int) -> ArmValue:
    """What the kind of the endpoint tells of an arm, such as a risk, over the strata that are analysed."""
    endpoint = inputs.endpoint
    sizes = inputs.cell_sizes(1.0)[position]
    law = sizes @ inputs.laws[position] / sizes.sum()
    kind = kind_of(endpoint)
    value, text = kind.arm_value(endpoint, law, endpoint.summary(law))
    return ArmValue(arm, kind.measure(endpoint), value, text)
