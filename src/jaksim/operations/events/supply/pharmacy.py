"""Study drug on its way: batches to the depot, shipments to the sites, kits to the patients."""

from __future__ import annotations

import math
from collections import deque
from typing import Any, Final

import numpy as np

from jaksim.operations.addresses import addressed
from jaksim.operations.events.calendar import LAST, URGENT, Calendar
from jaksim.operations.events.draws import UNIT
from jaksim.operations.events.patient import Patient
from jaksim.operations.events.supply.stock import Stock, Takes
from jaksim.rng import Purpose
from jaksim.trial.operations.supply import Supply

ELSEWHERE, NOWHERE = 0, 1
_RECENT: Final = 30.0
_AHEAD: Final = 8


class Formulary:
    """What each arm takes, as indices of products; the same in every replicate."""

    def __init__(self, supply: Supply, arms: list[str], allocation: list[int]) -> None:
        names = [product.name for product in supply.products]
        self.supply = supply
        self.kits = [[(names.index(name), kits) for name, kits in supply.kits.get(arm, {}).items()] for arm in arms]
        most = [max((kits for one in self.kits for q, kits in one if q == p), default=0) for p in range(len(names))]
        self.any_arm = [(p, kits) for p, kits in enumerate(most) if kits]
        """Kits that a site needs so as to treat a patient of whatever arm."""
        levels = supply.resupply.policy == "levels"
        # A site that cannot treat one patient orders whatever the rule; a projection may ask for more at any time.
        low, high = supply.resupply.reorder, supply.resupply.up_to
        self.alarms = [max(low, kits - 1) if levels else math.inf for kits in most]
        self.alarms = [alarm if kits else -math.inf for alarm, kits in zip(self.alarms, most, strict=True)]
        self.up_to = [max(high, kits) for kits in most]
        total = sum(allocation)
        self.mean = [0.0] * len(names)
        for share, one in zip(allocation, self.kits, strict=True):
            for p, kits in one:
                self.mean[p] += share / total * kits

    def expected(self, window: float) -> float:
        """Dispensings within a window of the patients who are randomised in it, one a day."""
        return sum(max(window - day, 0.0) for day in self.supply.dispensing)


class Pharmacy:
    """Depot and sites of one replicate.

    Sites, which open on the days `opened`, if by `until`, and take nobody any more once they are `shut`, are reviewed
    whenever they use or lose kits, or a batch is made.
    """

    def __init__(
        self,
        calendar: Calendar,
        formulary: Formulary,
        opened: list[int],
        until: int,
        shut: list[bool],
        seed: int,
        replicate: int,
    ) -> None:
        supply = formulary.supply
        self.calendar, self.formulary, self.supply = calendar, formulary, supply
        self._resupply, self._products = supply.resupply, supply.products
        self._shut, self._seed, self._replicate = shut, seed, replicate
        n, sites = len(self._products), len(opened)
        self.depot = [Stock() for _ in range(n)]
        alarms = formulary.alarms
        self.stock = [[Stock(alarm) for alarm in alarms] for _ in range(sites)]
        self.takes: list[list[Takes]] = [
            [[(stock[p], kits, p) for p, kits in one] for one in formulary.kits] for stock in self.stock
        ]
        """What a patient of each site and arm takes at a dispensing."""
        self.is_open = [False] * sites
        self.made, self.expired = [0] * n, [0] * n
        self.missed = [[0] * n, [0] * n]
        self.orders = [0] * sites
        self.shipped: list[tuple[float, int, int]] = []
        self.batches: list[tuple[float, int]] = []
        self.over = False
        self.due = [0] * sites
        self._planned: list[list[tuple[float, Patient]]] = [[] for _ in range(sites)]
        self._entered: list[deque[float]] = [deque() for _ in range(sites)]
        self._levels = self._resupply.policy == "levels"
        lead = self._resupply.lead
        self._leads = None if lead.is_fixed else self._draw(sites, _AHEAD)
        self._fixed, self._usual = lead.longest, lead.mean
        for p, product in enumerate(self._products):
            for day, kits in ((0, product.made), *product.batches):
                if kits:
                    calendar.at(float(day), self._make, (p, day, kits), URGENT)
        for site, day in enumerate(opened):
            if day <= until:
                sent = max(0.0, float(day - self._lead(site, 0)))
                calendar.at(sent, self._first, (site, float(day)), URGENT)
                calendar.at(float(day), self._open, site, URGENT)

    @property
    def sites_in_stock(self) -> list[int]:
        """Kits of each product at all sites."""
        return [sum(site[p].kits for site in self.stock) for p in range(len(self._products))]

    @property
    def in_transit(self) -> list[int]:
        """Kits of each product between depot and sites."""
        sites = self.stock
        return [sum(site[p].on_way for site in sites) for p in range(len(self._products))]

    def recruitment_over(self, _: Any) -> None:
        """Nobody is randomised any more: supply those who are still to be given kits."""
        self.over = True

    def lacks(self, site: int) -> tuple[int, int] | None:
        """A product of which the site has not enough for a patient of whatever arm, and the kits that she needs."""
        stock = self.stock[site]
        for p, kits in self.formulary.any_arm:
            if stock[p].kits < kits:
                return p, kits
        return None

    def where_else(self, product: int, kits: int) -> int:
        """Whether a product that a site lacks is in stock elsewhere."""
        if self.depot[product].kits >= kits:
            return ELSEWHERE
        return ELSEWHERE if any(one[product].kits >= kits for one in self.stock) else NOWHERE

    def dispense(self, site: int, takes: Takes) -> bool:
        """Give a patient of a site her kits, or miss it."""
        for stock, kits, p in takes:
            if stock.kits < kits:
                self.missed[self.where_else(p, kits)][p] += 1
                return False
        short = False
        for stock, kits, _ in takes:
            if stock.use(kits):
                short = True
        if short:
            self.review(site, self.calendar.now)
        return True

    def expect(self, patient: Patient) -> None:
        """A patient has been randomised, and is to be given drug until `done`."""
        site, now = patient.site, patient.ready
        self.due[site] += 1
        if not self._levels:
            self._entered[site].append(now)
            self._planned[site].extend((now + day, patient) for day in self.supply.dispensing[1:])

    def done(self, site: int) -> None:
        """A patient is given no more drug."""
        self.due[site] -= 1

    def review(self, site: int, now: float) -> None:
        """Order what the rule asks for."""
        if (self.over or self._shut[site]) and not self.due[site]:
            return
        if self._levels:
            stock, up_to = self.stock[site], self.formulary.up_to
            wanted = [(p, up_to[p] - one.position) for p, one in enumerate(stock) if one.kits <= one.alarm]
        else:
            wanted = self._projected(site, now)
        if wanted:
            self._ship(site, wanted, now)

    def _projected(self, site: int, now: float) -> list[tuple[int, int]]:
        """What covers the longer window, of products that do not cover the shorter one."""
        entered, planned = self._entered[site], self._planned[site]
        while entered and entered[0] < now - _RECENT:
            entered.popleft()
        # Who has stopped by now needs no more; who will stop is not known.
        planned = [one for one in planned if one[0] > now and one[1].ready + one[1].until > now]
        self._planned[site] = planned
        rate = 0.0 if self.over else len(entered) / _RECENT
        wanted = []
        needs = []
        for window in (self._resupply.short, self._resupply.long):
            need = [rate * self.formulary.expected(window) * mean for mean in self.formulary.mean]
            for time, patient in planned:
                if time <= now + window:
                    for p, planned_kits in self.formulary.kits[patient.arm]:
                        need[p] += planned_kits
            needs.append(need)
        for p, kits in self.formulary.any_arm:
            position = self.stock[site][p].position
            if position < max(needs[0][p], kits):
                more = max(math.ceil(needs[1][p]), kits) - position
                if more > 0:
                    wanted.append((p, more))
        return wanted

    def _ship(self, site: int, wanted: list[tuple[int, int]], now: float, at: float | None = None) -> None:
        """Send what the depot has of it, so as to arrive at a time or after the lead of this order."""
        load = []
        for p, kits in wanted:
            for last, some in self.depot[p].take(kits, now + self._usual):
                load.append((p, last, some))
                self.stock[site][p].order(some)
        if load:
            number = self.orders[site]
            self.orders[site] = number + 1
            self.shipped.append((now, site, sum(one[2] for one in load)))
            arrival = now + self._lead(site, number) if at is None else max(at, now)
            self.calendar.at(arrival, self._arrive, (site, load))

    def _arrive(self, event: Any) -> None:
        site, load = event._value
        now = self.calendar.now
        lost = False
        for p, last, kits in load:
            self.stock[site][p].order(-kits)
            if last < now:
                self.expired[p] += kits
                lost = True
                continue
            self.stock[site][p].put(last, kits)
        if lost:
            self.review(site, now)

    def _expire(self, event: Any) -> None:
        """The kits of a batch may not be dispensed after now, wherever they are."""
        p: int = event._value
        now = self.calendar.now
        self.expired[p] += self.depot[p].expire(now)
        for site, stock in enumerate(self.stock):
            gone = stock[p].expire(now)
            self.expired[p] += gone
            if gone and self.is_open[site]:
                self.review(site, now)

    def _make(self, event: Any) -> None:
        p, day, kits = event._value
        product = self._products[p]
        last = math.inf
        if product.shelf_life is not None:
            last = float(day + product.shelf_life - product.do_not_dispense)
            self.calendar.at(last, self._expire, p, LAST)
        self.made[p] += kits
        self.batches.append((float(day), kits))
        self.depot[p].put(last, kits)
        for site, is_open in enumerate(self.is_open):
            if is_open:
                self.review(site, self.calendar.now)

    def _first(self, event: Any) -> None:
        site, day = event._value
        if self._resupply.first and not self.over:
            wanted = [(p, self._resupply.first) for p, _ in self.formulary.any_arm]
            self._ship(site, wanted, self.calendar.now, day)

    def _open(self, event: Any) -> None:
        site = event._value
        self.is_open[site] = True
        self.calendar.at(self.calendar.now, self._review, site)

    def _review(self, event: Any) -> None:
        self.review(event._value, self.calendar.now)

    def _lead(self, site: int, number: int) -> int:
        if self._leads is None:
            return self._fixed
        if number >= self._leads.shape[1]:
            self._leads = self._draw(len(self.orders), 2 * number)
        return int(self._leads[site, number])

    def _draw(self, sites: int, orders: int) -> Any:
        """Days that the first orders of every site take."""
        site, number = np.repeat(np.arange(sites), orders), np.tile(np.arange(orders), sites)
        word = addressed(self._seed, Purpose.SHIPMENT, self._replicate, site, number)[:, 0]
        return self._resupply.lead.days(word * UNIT).reshape(sites, orders)
