"""What is expected of the analyses of a monitored trial."""

from __future__ import annotations

from typing import NamedTuple

from jaksim.arrays import Floats


class Course(NamedTuple):
    """What is expected of the analyses (K,): the mean of z, positive where the active arm does better, and information
    in any unit. z has standard deviations `sds`, 1 under the null hypothesis, and z less its mean, over its standard
    deviation and times the root of the information, independent increments."""

    means: Floats
    information: Floats
    sds: Floats
