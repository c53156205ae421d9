"""Kits of one product in one place: whole numbers, by the last day on which they may be dispensed."""

from __future__ import annotations

import math


class Stock:
    """Lots of kits, the one that expires first in front; `position` are those in stock and those on the way."""

    __slots__ = ("kits", "lots", "position")

    def __init__(self) -> None:
        self.kits = self.position = 0
        self.lots: list[list[float]] = []

    def put(self, last: float, kits: int) -> None:
        """Add kits, which were on the way, that may be dispensed up to a time."""
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
            self.position -= some
            lot[1] -= some
            if not lot[1]:
                del lots[at]
        return taken

    def use(self, kits: int) -> None:
        """Take kits, of which there are enough."""
        lot = self.lots[0]
        if lot[1] > kits:
            lot[1] -= kits
            self.kits -= kits
            self.position -= kits
        else:
            self.take(kits)

    def expire(self, now: float) -> int:
        """Take away kits that may not be dispensed after now, and say how many there were."""
        gone = 0
        while self.lots and self.lots[0][0] <= now:
            gone += int(self.lots.pop(0)[1])
        self.kits -= gone
        self.position -= gone
        return gone
