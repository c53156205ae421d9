"""What each replicate of a trial gives, one by one: the statistics and the decisions of every planned analysis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.sums.conducted import Conducted


@dataclass(frozen=True, eq=False)
class Replicates:
    """A block of B replicates of a trial with T planned analyses.

    `results` (T of (B, 3)) are estimate, standard error and z at the analysis that decided, `rejected` (T of (B,))
    which replicates reject and `favourable` which of them in favour of the active arm; `patients` (B,) were enrolled.
    `decided` are the rejections (B,) of analyses that the design decides itself, by position. `conducted` is how trials
    in calendar time went; `tables` are the complete tables (B, C, K) of the endpoints where there are any.
    """

    results: Sequence[Floats]
    rejected: Sequence[Booleans]
    favourable: Sequence[Booleans]
    patients: Integers
    decided: Mapping[int, Booleans] = field(default_factory=dict)
    conducted: Conducted | None = None
    tables: Sequence[Floats] = ()


@dataclass(frozen=True, eq=False)
class Followed:
    """The patients of one replicate, one by one: their cell (n,) and daily states (n, H + 1).

    In calendar time they come in order of entry, with the day (n,) of that, and `conducted` is how the trial went;
    their data are `late` (n,) days. Who came through `site` (n,), from 0, has the day (n,) of her screening too;
    `supplied` are numbers (n,) by name of what she was given of the stock and in the wards that patients share.
    `brought` are numbers (n,) by name of the characteristics that she brought along, where she was drawn with her own.
    """

    cell: Integers
    states: NDArray[np.int8]
    entry_day: Integers | None = None
    conducted: Conducted | None = None
    late: Integers | None = None
    site: Integers | None = None
    screened_day: Integers | None = None
    supplied: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    brought: Mapping[str, NDArray[Any]] = field(default_factory=dict)
