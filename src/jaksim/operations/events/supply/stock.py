"""Kits of one product in one place: whole numbers, by the last day on which they may be dispensed."""

from __future__ import annotations

import math


class Stock:
    """Lots of kits, the one that expires first in front; `kits` are in stock, `on_way` ordered.

    Orders are reviewed once the kits are down to `alarm`, which is so much lower as more are on the way.
    """

    __slots__ = ("alarm", "kits", "lots", "on_way")

    def __init__(self, alarm: float = -math.inf) -> None:
        self.kits = self.on_way = 0
        self.alarm = alarm
        self.lots: list[list[float]] = []

    @property
    def position(self) -> int:
        """Kits in stock and on the way."""
        return self.kits + self.on_way

    def order(self, kits: int) -> None:
        """More kits are on the way, or fewer."""
        self.on_way += kits
        self.alarm -= kits

    def put(self, last: float, kits: int) -> None:
        """Add kits that may be dispensed up to a time."""
        self.kits += kits
        lots = self.lots
        at = len(lots)
        while at and lots[at - 1][0] > last:
            at -= 1
        if at and lots[at - 1][0] == last:
            lots[at - 1][1] += kits
        else:
            lots.insert(at, [last, kits])

    def take(self, kits: int, lasting: float = -math.inf) -> list[tuple[float, int]]:
        """Take so many kits, or as many as there are that may be dispensed up to a time `lasting`; the lots taken."""
        taken = []
        lots, at = self.lots, 0
        while kits and at < len(lots):
            lot = lots[at]
            if lot[0] < lasting:
                at += 1
                continue
            some = min(kits, int(lot[1]))
            taken.append((lot[0], some))
            kits -= some
            self.kits -= some
            lot[1] -= some
            if not lot[1]:
                del lots[at]
        return taken

    def use(self, kits: int) -> bool:
        """Take kits, of which there are enough, and say whether orders are to be reviewed."""
        lot = self.lots[0]
        if lot[1] > kits:
            lot[1] -= kits
            self.kits -= kits
        else:
            self.take(kits)
        return self.kits <= self.alarm

    def expire(self, now: float) -> int:
        """Take away kits that may not be dispensed after now, and say how many there were."""
        gone = 0
        while self.lots and self.lots[0][0] <= now:
            gone += int(self.lots.pop(0)[1])
        self.kits -= gone
        return gone


Takes = list[tuple[Stock, int, int]]
"""Stocks that kits are taken from, how many, and of which product."""
