"""What random sizes of the cells add to the variance of a statistic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.trial.randomisation import Randomisation

STRATA, TRIAL, CHANCE = ("strata", "trial", "chance")
NAMES: Final = {"permuted blocks": STRATA, "biased coin": STRATA, "minimisation": STRATA, "simple": CHANCE}


def balance_of(randomisation: Randomisation) -> str:
    """Where the arms have their shares: in each stratum, in the trial, or by chance alone."""
    balance = NAMES[randomisation.scheme]
    return TRIAL if balance == STRATA and not randomisation.stratified else balance


@dataclass(frozen=True, eq=False)
class SizeSpread:
    """How the sizes of the cells vary: whether the strata are `drawn`, and where the arms have their shares.

    `shares` (A,) of all arms; `arms` (R,) the arm of each row of slopes, which may come more than once.
    """

    drawn: bool
    balance: str
    arms: NDArray[np.int64]
    shares: Floats

    def variance(self, slopes: Floats, weights: Floats, patients: float) -> float:
        """Variance that they give a statistic with slopes (R, S), or laid out flat, in the cells of strata analysed.

        Each patient falls into a cell with chance share (A,) times weight (S,), given what is fixed: the strata unless
        they are drawn, the arms in the trial, or the arms in each stratum. What is fixed is taken out of the slopes by
        projection, as in a multinomial table with fixed margins. Arms and strata not analysed have no slope.
        """
        slope = np.zeros((len(self.shares), len(weights) + 1))
        np.add.at(slope[:, :-1], self.arms, slopes.reshape(len(self.arms), -1))
        share, weight = self.shares, np.append(weights, 1.0 - weights.sum())
        by_stratum, by_arm = share @ slope, slope @ weight
        mean = float(by_arm @ share)
        if self.balance == STRATA:
            left = np.broadcast_to(by_stratum - mean if self.drawn else 0.0, slope.shape)
        elif self.balance == TRIAL:
            left = slope - by_arm[:, None] - (0.0 if self.drawn else by_stratum - mean)
        else:
            left = slope - (mean if self.drawn else by_stratum)
        return patients * float(share @ left**2 @ weight)
