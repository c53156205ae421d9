"""How patients are divided between the active and the reference arm."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from jaksim.errors import InputError

_LARGEST = 1000


@dataclass(frozen=True)
class Allocation:
    """Whole parts of the active and the reference arm, such as 2:1."""

    active: int = 1
    reference: int = 1

    @property
    def multiple(self) -> int:
        """Patients of the smallest number that divides so."""
        return self.active + self.reference

    @property
    def active_share(self) -> float:
        """Share of the active arm."""
        return self.active / self.multiple

    @property
    def words(self) -> str:
        """Both parts."""
        return f"{self.active}:{self.reference}"

    def counts(self, patients: float) -> tuple[float, float]:
        """Patients of the active and the reference arm, not rounded."""
        return patients * self.active / self.multiple, patients * self.reference / self.multiple

    def whole(self, patients: float) -> int:
        """The least number of patients, at least so many, that divides so."""
        return math.ceil(patients / self.multiple - 1e-9) * self.multiple


def allocation_of(text: object) -> Allocation:
    """The allocation from "2:1", active before reference, or from one number, the parts of the active arm to one."""
    parts = str(text).replace("/", ":").split(":")
    try:
        numbers = [Fraction(part.strip()) for part in parts] + ([Fraction(1)] if len(parts) == 1 else [])
    except (ValueError, ZeroDivisionError):
        numbers = []
    if len(numbers) != 2 or min(numbers) <= 0:
        raise _not_one(text)
    common = math.lcm(*(part.denominator for part in numbers))
    active, reference = (int(part * common) for part in numbers)
    divisor = math.gcd(active, reference)
    if max(active, reference) // divisor > _LARGEST:
        raise _not_one(text)
    return Allocation(active // divisor, reference // divisor)


def _not_one(text: object) -> InputError:
    allowed = f"active:reference such as 2:1, whole numbers up to {_LARGEST:,} in lowest terms"
    return InputError("is no allocation of two arms", where="‹allocation›", allowed=allowed, got=text)
