"""What a trial costs."""

from __future__ import annotations

from dataclasses import dataclass, fields

from jaksim.errors import InputError


@dataclass(frozen=True)
class Costs:
    """Prices in one currency, discounted by `discount` a year from the first day."""

    currency: str = ""
    site_opened: float = 0.0
    site_month: float = 0.0
    patient_screened: float = 0.0
    patient_randomised: float = 0.0
    visit: float = 0.0
    kit: float = 0.0
    shipment: float = 0.0
    monitoring_visit: float = 0.0
    project_day: float = 0.0
    discount: float = 0.0

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name != "currency" and not 0.0 <= value <= (1.0 if one.name == "discount" else 1e12):
                raise InputError("a price is out of range", where=one.name, allowed="0 or more", got=value)

    @property
    def any(self) -> bool:
        """Whether anything costs anything."""
        return any(getattr(self, one.name) > 0.0 for one in fields(self) if one.name not in ("currency", "discount"))
