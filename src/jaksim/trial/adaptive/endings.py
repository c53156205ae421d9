"""How trials end that compare several arms with one control at several analyses, whatever the arms do.

The model is that of `many_arms`. Given the control's path the arms go their ways independently of each other, so every
chance is a product over arms (Magirr, Jaki and Whitehead, Biometrika 2012;99:494).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.adaptive.arm_path import ArmPath
from jaksim.trial.adaptive.many_arms import ARM_NODES, FARTHEST, PATH_NODES, control_paths


@dataclass(frozen=True)
class Endings:
    """Probability of rejecting the hypothesis of each arm, `rejected` (K,), and of ending at each analysis with one or
    more rejected, `efficacy` (J,), or none, `futility` (J,), of which the last is the planned end."""

    rejected: Floats
    efficacy: Floats
    futility: Floats


@dataclass(frozen=True)
class ManyArms:
    """Arms with common bounds `upper` (J,) and `lower` (J - 1,) of their z at each `information` (J,), and `ratio`
    patients of an arm per patient on control."""

    upper: tuple[float, ...]
    lower: tuple[float, ...]
    information: tuple[float, ...]
    ratio: float

    def endings(self, means: ArrayLike, *, first_success: bool) -> Endings:
        """How a trial ends in which z of arm k is expected to be means (K, J).

        An arm goes on until it passes an upper bound or falls below a lower one, or, with `first_success`, until one of
        the arms passes.
        """
        expected, looks = np.asarray(means, dtype=np.float64), len(self.information)
        arms = [ArmPath(0.0, ARM_NODES[looks]) for _ in expected]
        before = np.zeros((len(arms), 1))
        rejected, ends = np.zeros(len(arms)), np.zeros((looks, 2))
        for j, step, control, weight in control_paths(np.array(self.information)):
            before = np.repeat(before, PATH_NODES[looks], axis=1)
            states = [self._advance(arm, z, j, step, control) for arm, z in zip(arms, expected[:, j], strict=True)]
            passed, dropped = np.stack(states, axis=1)
            others = [
                np.delete(1.0 - before, k, axis=0).prod(axis=0) if first_success else 1.0 for k in range(len(arms))
            ]
            rejected += [(gain * other) @ weight for gain, other in zip(passed - before, others, strict=True)]
            none = (1.0 - passed).prod(axis=0)
            hopeless = none if j == looks - 1 else dropped.prod(axis=0)
            decided = 1.0 if first_success or j == looks - 1 else (dropped + passed).prod(axis=0) - hopeless + none
            ends[j] = (decided - none) @ weight, hopeless @ weight
            before = passed
        efficacy, futility = np.diff(ends, axis=0, prepend=0.0).T
        return Endings(rejected, efficacy, futility)

    def _advance(self, arm: ArmPath, z: float, look: int, step: float, control: Floats) -> tuple[Floats, Floats]:
        """Probability (N,) on every path of the control of having passed by now, and of having been dropped; the arm
        goes on behind the analysis."""
        root = np.sqrt(self.information[look])
        own, shared = np.sqrt(1.0 / (1.0 + self.ratio)), np.sqrt(self.ratio / (1.0 + self.ratio))
        arm.extend(PATH_NODES[len(self.information)], step)
        high = ((self.upper[look] - z) * root + shared * control) / own
        passed = 1.0 - arm.below(high[:, None])[:, 0]
        if look == len(self.information) - 1:
            return passed, 1.0 - passed
        arm.go_on(((self.lower[look] - z) * root + shared * control) / own, high, FARTHEST * root)
        return passed, arm.stopped
