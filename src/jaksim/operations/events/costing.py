"""What a trial costs by item, discounted from the first day."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from jaksim.arrays import Floats
from jaksim.trial.operations.costs import Costs

_YEAR = 365.25
_MONTH = 30.0


class Ledger:
    """Adds up prices at the days on which they are paid."""

    def __init__(self, costs: Costs) -> None:
        self._costs = costs
        self.items: dict[str, float] = {}

    def pay(self, item: str, days: ArrayLike, times: ArrayLike = 1.0) -> None:
        """Note the price of an item on each of these days, so many times."""
        price = float(getattr(self._costs, item))
        if price > 0.0:
            self.items[item] = self.items.get(item, 0.0) + price * float(np.sum(self._worth(days) * np.asarray(times)))

    def pay_per_day(self, item: str, first: ArrayLike, last: ArrayLike, days: float) -> None:
        """Note the price of an item for each `days` from a day to another, day by day."""
        price = float(getattr(self._costs, item)) / days
        if price > 0.0:
            begin, end = np.asarray(first, dtype=np.float64), np.asarray(last, dtype=np.float64)
            rate = np.log1p(self._costs.discount) / _YEAR
            worth = (np.exp(-rate * begin) - np.exp(-rate * end)) / rate if rate > 0.0 else end - begin
            self.items[item] = self.items.get(item, 0.0) + price * float(np.sum(np.where(end > begin, worth, 0.0)))

    def pay_sites(self, opened: ArrayLike, closed: ArrayLike) -> None:
        """Note what sites cost that open on some days and are closed on others."""
        self.pay("site_opened", opened)
        self.pay_per_day("site_month", opened, closed, _MONTH)

    def _worth(self, days: ArrayLike) -> Floats:
        time = np.maximum(np.asarray(days, dtype=np.float64), 0.0)
        worth: Floats = (1.0 + self._costs.discount) ** (-time / _YEAR)
        return worth
