"""The expected distribution of every endpoint in every arm, over all patients of the arm."""

from __future__ import annotations

from typing import Any

import numpy as np

from jaksim.design.engine.cells import Cells
from jaksim.design.sums.expected import ExpectedArm, ExpectedEndpoint
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.kinds import kind_of


def expected_endpoints(cells: Cells) -> tuple[ExpectedEndpoint, ...]:
    """Every endpoint of a trial in every arm, the reference first, its strata as large as they are expected to be."""
    shares = np.array(cells.trial.stratum_shares)
    found = []
    for endpoint, laws in zip(cells.trial.endpoints, cells.marginal_laws, strict=True):
        by_arm = laws.reshape(len(cells.arms), len(shares), -1)
        found.append(
            ExpectedEndpoint(
                endpoint=endpoint.name,
                kind=endpoint.kind,
                what=kind_of(endpoint).measure(endpoint),
                definition=endpoint.definition,
                labels=_labels(endpoint),
                arms=tuple(
                    _of_arm(endpoint, arm.name, shares @ law / shares.sum())
                    for arm, law in zip(cells.arms, by_arm, strict=True)
                ),
            )
        )
    return tuple(found)


def _labels(endpoint: Endpoint) -> tuple[str, ...]:
    if endpoint.kind != "ordinal":
        return ()
    known = np.flatnonzero(endpoint.rank >= 0)
    return tuple(endpoint.labels[place] for place in known[np.argsort(endpoint.rank[known], kind="stable")])


def _of_arm(endpoint: Endpoint, arm: str, law: np.ndarray[Any, np.dtype[np.float64]]) -> ExpectedArm:
    kind, said = kind_of(endpoint), endpoint.summary(law)
    value, text = kind.arm_value(endpoint, law, said)
    known = said.pop("known", 1.0)
    return ExpectedArm(arm, value, text, known, said)
