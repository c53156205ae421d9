"""Study drug: what is dispensed when, what is in stock where, and how stock is made good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from jaksim.checks import distinct
from jaksim.errors import InputError
from jaksim.trial.operations.day_law import DayLaw, fixed
from jaksim.trial.operations.limits import POLICIES, WITHOUT_KIT

Policy = Literal["levels", "projection"]
MOST_KITS: Final = 1_000_000
FIVE_DAYS: Final = fixed(5)


@dataclass(frozen=True)
class Product:
    """A kind of kit, such as active or placebo tablets of a double dummy, that cannot be told from others by its looks.

    `made` kits are at the depot on day 0, and further batches, pairs of day and number, come later. A kit expires
    `shelf_life` days after it was made; none is given to a patient with fewer than `do_not_dispense` days left.
    """

    name: str
    made: int
    batches: tuple[tuple[int, int], ...] = ()
    shelf_life: int | None = None
    do_not_dispense: int = 0

    def __post_init__(self) -> None:
        where = f"product {self.name!r}"
        for number in (self.made, *(count for _, count in self.batches)):
            if not 0 <= number <= MOST_KITS:
                raise InputError(
                    "a number of kits is out of range", where=where, allowed=f"0 to {MOST_KITS:,}", got=number
                )
        if any(day < 0 for day, _ in self.batches):
            raise InputError("a batch is made before the trial", where=where, allowed="day 0 or later")
        if self.shelf_life is not None and self.shelf_life < 1:
            raise InputError("a kit never keeps", where=where, allowed="shelf_life of 1 or more", got=self.shelf_life)
        if self.do_not_dispense < 0 or (self.shelf_life is not None and self.do_not_dispense >= self.shelf_life):
            raise InputError(
                "no kit is ever dispensed",
                where=where,
                allowed="do_not_dispense below shelf_life",
                got=self.do_not_dispense,
            )


@dataclass(frozen=True)
class Resupply:
    """How a site's stock of each product is made good.

    "levels" is the (s, S) rule: once stock and orders on the way are down to `reorder`, order up to `up_to`.
    "projection" looks ahead: once they do not cover what the site is expected to need within `short` days, order what
    covers `long` days; what a site needs is projected from its patients and its rate of the last 30 days. A shipment
    takes `lead` days; `first` kits of each product are sent so as to be there when a site opens.
    """

    policy: Policy = "levels"
    first: int = 4
    reorder: int = 2
    up_to: int = 6
    short: int = 14
    long: int = 28
    lead: DayLaw = FIVE_DAYS

    def __post_init__(self) -> None:
        if self.policy not in POLICIES:
            raise InputError("unknown rule of resupply", where="policy", allowed=POLICIES, got=self.policy)
        if self.first < 0:
            raise InputError("a number of kits is negative", where="first", allowed="0 or more", got=self.first)
        if not 0 <= self.reorder < self.up_to:
            raise InputError(
                "an order brings nothing",
                where="reorder, up_to",
                allowed="0 <= reorder < up_to",
                got=(self.reorder, self.up_to),
            )
        if not 1 <= self.short <= self.long:
            raise InputError(
                "an order brings nothing",
                where="short, long",
                allowed="1 <= short <= long",
                got=(self.short, self.long),
            )


@dataclass(frozen=True)
class Supply:
    """Products, what each arm takes of them at every dispensing, when that is, and how sites are supplied.

    `kits` gives by arm the number of kits of each product at one dispensing, on the days since randomisation in
    `dispensing`. `without_kit` says what becomes of a patient whose site has none on the day of randomisation: "turned
    away", or randomised "without drug"; a later dispensing without a kit is missed.

    From a missed dispensing until she is given the next kit a patient loses the share `missed_dose_effect` of the log
    hazard ratios of the `treatments` in the kits; when empty, of those that not all arms have.
    """

    products: tuple[Product, ...]
    kits: Mapping[str, Mapping[str, int]]
    dispensing: tuple[int, ...] = (0,)
    resupply: Resupply = field(default_factory=Resupply)
    without_kit: str = "turned away"
    missed_dose_effect: float = 1.0
    treatments: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        distinct((product.name for product in self.products), "product")
        if not self.products:
            raise InputError("there is nothing to supply", where="supply", allowed="at least one product")
        names = [product.name for product in self.products]
        for arm, kits in self.kits.items():
            for product, number in kits.items():
                if product not in names:
                    raise InputError("unknown product", where=f"kits of arm {arm!r}", allowed=names, got=product)
                if not 1 <= number <= 1_000:
                    raise InputError(
                        "a number of kits is out of range", where=f"kits of arm {arm!r}", allowed="1 to 1,000"
                    )
        days = self.dispensing
        if not days or days[0] != 0 or any(b <= a for a, b in pairwise(days)):
            raise InputError(
                "days of dispensing do not increase from 0", where="dispensing", allowed="0, then later days"
            )
        distinct(self.treatments, "treatment")
        if not 0.0 <= self.missed_dose_effect <= 1.0:
            raise InputError(
                "the effect of a missed dispensing is not a share",
                where="missed_dose_effect",
                allowed="0 to 1",
                got=self.missed_dose_effect,
            )
        if self.without_kit not in WITHOUT_KIT:
            raise InputError("no rule for a patient without a kit", allowed=WITHOUT_KIT, got=self.without_kit)
