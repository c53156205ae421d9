"""What the parts of operations may be, without the parts: for the catalogue of keys, which is read at every start."""

from __future__ import annotations

from typing import Final

LEAST_CONCENTRATION: Final = 0.01
MOST_SITES: Final = 4_096
MOST_A_DAY: Final = 1_000.0
LONGEST_RAMP: Final = 3650
POLICIES: Final = ("levels", "projection")
WITHOUT_DRUG: Final = "without drug"
WITHOUT_KIT: Final = ("turned away", WITHOUT_DRUG)
RULES: Final = ("transfer", "stay")
