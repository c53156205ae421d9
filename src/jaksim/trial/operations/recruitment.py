"""Where patients come from: sites in countries, which open on their days and recruit at rates of their own."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from jaksim.arrays import Floats
from jaksim.checks import distinct
from jaksim.errors import InputError
from jaksim.trial.operations.day_law import NO_DAYS, DayLaw
from jaksim.trial.operations.limits import LEAST_CONCENTRATION, LONGEST_RAMP, MOST_A_DAY, MOST_SITES


@dataclass(frozen=True)
class Speed:
    """How fast a site recruits as it grows older, in parts of its full speed.

    It climbs in a line over `ramp` days from its opening, and loses the share `decay` of its speed every 30 days from
    then on.
    """

    ramp: int = 0
    decay: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.ramp <= LONGEST_RAMP:
            raise InputError("the ramp is out of range", where="ramp", allowed=f"0 to {LONGEST_RAMP}", got=self.ramp)
        if not 0.0 <= self.decay < 1.0:
            raise InputError("the decay is out of range", where="decay", allowed="0 or more, below 1", got=self.decay)

    def by_age(self, days: int) -> Floats:
        """Speed (days,) on the 1st, 2nd, ... day of a site, at noon."""
        age = np.arange(days) + 0.5
        climbing = np.minimum(age / self.ramp, 1.0) if self.ramp else np.ones(days)
        found: Floats = climbing * (1.0 - self.decay) ** (np.maximum(age - self.ramp, 0.0) / 30.0)
        return found


FULL_SPEED: Final = Speed()


@dataclass(frozen=True)
class Season:
    """What the calendar does to the speed of all sites of a country.

    `months` are factors of the twelve months from January, `weekend` that of Saturdays and Sundays; on the days of
    `closed`, pairs of first and last day of the trial, nobody is recruited. Months and weekends need `start`, the date
    of the first day of the trial.
    """

    start: datetime.date | None = None
    months: tuple[float, ...] = ()
    weekend: float = 1.0
    closed: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if self.months and (len(self.months) != 12 or min(self.months) < 0.0):
            raise InputError("not the factors of twelve months", where="months", allowed="12 numbers of 0 or more")
        if self.months and not max(self.months) > 0.0:
            raise InputError("nobody comes in any month", where="months", allowed="a factor above 0")
        if not 0.0 <= self.weekend <= 10.0:
            raise InputError("the factor of weekends is out of range", where="weekend", allowed="0 to 10")
        if (self.months or self.weekend != 1.0) and self.start is None:
            raise InputError(
                "months and weekends need the date of the first day", where="start", allowed="a date such as 2020-12-01"
            )
        for first, last in self.closed:
            if not 0 <= first <= last:
                raise InputError(
                    "not a stretch of days",
                    where="closed",
                    allowed="[first, last], 0 <= first <= last",
                    got=(first, last),
                )

    def by_day(self, days: int) -> Floats:
        """Factors (days,) of the days of the trial from its first, day 0."""
        found = np.ones(days)
        if self.start is not None and (self.months or self.weekend != 1.0):
            dates = [self.start + datetime.timedelta(days=day) for day in range(days)]
            if self.months:
                found *= [self.months[date.month - 1] for date in dates]
            if self.weekend != 1.0:
                found *= [self.weekend if date.weekday() >= 5 else 1.0 for date in dates]
        for first, last in self.closed:
            found[first : last + 1] = 0.0
        return found


NO_SEASON: Final = Season()


@dataclass(frozen=True)
class SiteGroup:
    """`count` sites that are alike in law.

    Each opens on a day of `opens`, recruits nobody before, and screens `rate` patients a day on average at full speed;
    the rates of the sites are gamma with `shape` (infinite where all are alike: the coefficient
    of variation is 1 / sqrt(shape)). A site randomises at most `cap` patients, and recruits until the end of day
    `closes`. `strata` are the shares of the strata among its patients, those of the trial when empty; the shares at one
    site are Dirichlet around them with `concentration`, infinite where they are the same at every site: a share p then
    has the standard deviation sqrt(p (1 - p) / (1 + concentration)) between sites.
    """

    name: str
    count: int
    rate: float
    opens: DayLaw = NO_DAYS
    shape: float = math.inf
    speed: Speed = FULL_SPEED
    cap: int | None = None
    closes: int | None = None
    strata: tuple[float, ...] = ()
    concentration: float = math.inf

    def __post_init__(self) -> None:
        where = f"sites {self.name!r}"
        if not 1 <= self.count <= MOST_SITES:
            raise InputError(
                "the number of sites is out of range", where=where, allowed=f"1 to {MOST_SITES}", got=self.count
            )
        if not 0.0 < self.rate <= MOST_A_DAY:
            raise InputError(
                "a rate of screening is out of range",
                where=where,
                allowed=f"above 0, at most {MOST_A_DAY:,.0f} a day",
                got=self.rate,
            )
        if not self.shape > 0.0:
            raise InputError("the shape of the rates is not positive", where=where, allowed="above 0", got=self.shape)
        if not self.concentration >= LEAST_CONCENTRATION:
            raise InputError(
                "the concentration of the strata is out of range",
                where=where,
                allowed=f"{LEAST_CONCENTRATION:g} or more",
                got=self.concentration,
            )
        if self.cap is not None and self.cap < 1:
            raise InputError("a cap lets nobody in", where=where, allowed="1 or more", got=self.cap)
        if self.closes is not None and self.closes < 0:
            raise InputError("a site closes before the trial", where=where, allowed="0 or later", got=self.closes)


@dataclass(frozen=True)
class Country:
    """Sites under one calendar, which together randomise at most `cap` patients."""

    name: str
    groups: tuple[SiteGroup, ...]
    season: Season = NO_SEASON
    cap: int | None = None

    def __post_init__(self) -> None:
        if not self.groups:
            raise InputError("a country has no site", where=f"country {self.name!r}")
        distinct((group.name for group in self.groups), "sites")
        if self.cap is not None and self.cap < 1:
            raise InputError("a cap lets nobody in", where=f"country {self.name!r}", allowed="1 or more", got=self.cap)

    @property
    def room(self) -> float:
        """Patients that its cap and those of its sites let in, infinite without caps."""
        of_sites = sum(math.inf if group.cap is None else group.count * group.cap for group in self.groups)
        return min(of_sites, math.inf if self.cap is None else self.cap)


@dataclass(frozen=True)
class Recruitment:
    """All countries, up to the last day on which anybody is screened, `until`."""

    countries: tuple[Country, ...]
    until: int = 3650

    def __post_init__(self) -> None:
        if not self.countries:
            raise InputError("no site recruits", where="operations.country", allowed="at least one country")
        distinct((country.name for country in self.countries), "country")
        if not 1 <= self.until <= LONGEST_RAMP:
            raise InputError(
                "the last day is out of range", where="until", allowed=f"1 to {LONGEST_RAMP}", got=self.until
            )
        if self.n_sites > MOST_SITES:
            raise InputError("too many sites", where="operations.country", allowed=f"{MOST_SITES:,}", got=self.n_sites)

    @property
    def groups(self) -> tuple[SiteGroup, ...]:
        """All groups of sites, country by country."""
        return tuple(group for country in self.countries for group in country.groups)

    @property
    def capped(self) -> bool:
        """Whether a site or a country takes no more than so many patients."""
        caps = [one.cap for one in self.groups] + [one.cap for one in self.countries]
        return any(cap is not None for cap in caps)

    @property
    def start(self) -> datetime.date | None:
        """Date of day 0, None where none is given."""
        return next((country.season.start for country in self.countries if country.season.start is not None), None)

    def date(self, day: float) -> str:
        """The date of a day of the trial, in ISO format; nothing without a date of day 0 or for no day."""
        if self.start is None or not math.isfinite(day):
            return ""
        return (self.start + datetime.timedelta(days=math.floor(day + 0.5))).isoformat()

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return sum(group.count for group in self.groups)

    @property
    def room(self) -> float:
        """Patients that the caps of sites and countries let in, infinite without caps."""
        return sum(country.room for country in self.countries)

    @cached_property
    def site_names(self) -> tuple[str, ...]:
        """Names of all sites: country, group and number in it."""
        return tuple(
            _site_name(country, group, number)
            for country in self.countries
            for group in country.groups
            for number in range(1, group.count + 1)
        )

    @cached_property
    def group_of(self) -> tuple[int, ...]:
        """The group of each site, by its number among `groups`."""
        return tuple(g for g, group in enumerate(self.groups) for _ in range(group.count))

    @cached_property
    def country_of(self) -> tuple[int, ...]:
        """The country of each site, by its number."""
        return tuple(
            c for c, country in enumerate(self.countries) for group in country.groups for _ in range(group.count)
        )

    @cached_property
    def closing(self) -> Floats:
        """When the last day of each site (J,) ends by plan, infinite for one that has none."""
        ends = [math.inf if group.closes is None else group.closes + 1.0 for group in self.groups]
        return np.array([ends[g] for g in self.group_of])

    def speeds(self, group: int) -> Floats:
        """Speed (U, T) of a site of a group that opened on day u, on day t, in parts of full speed."""
        factor, age = self._pace(group)
        opened = min(self.groups[group].opens.longest, self.until) + 1
        speed = np.zeros((opened, self.until + 1))
        for day in range(opened):
            speed[day, day:] = age[: len(age) - day] * factor[day:]
        return speed

    def speed(self, group: int, opened: int) -> Floats:
        """Speed (T,) of a site of a group that opened on a day, whether the plan has such a day or not."""
        factor, age = self._pace(group)
        found = np.zeros(self.until + 1)
        found[opened:] = age[: max(len(age) - opened, 0)] * factor[opened:]
        return found

    def _pace(self, group: int) -> tuple[Floats, Floats]:
        """What the calendar and the age of a site make of its speed (T,), by day and by days since it opened."""
        # By number: groups of two countries may be equal, and their seasons differ.
        country = [country for country in self.countries for _ in country.groups][group]
        found = self.groups[group]
        days = self.until + 1
        factor = country.season.by_day(days)
        if found.closes is not None:
            factor[found.closes + 1 :] = 0.0
        return factor, found.speed.by_age(days)


def _site_name(country: Country, group: SiteGroup, number: int) -> str:
    name = country.name if group.name in ("", country.name) else f"{country.name}, {group.name}"
    return name if group.count == 1 else f"{name} {number}"


def even_sites(count: int, rate: float) -> Recruitment:
    """Sites that are alike and open from the first day, with `rate` patients a day in all."""
    return Recruitment((Country("all", (SiteGroup("all", count, rate / count),)),))


def expected_patients(recruitment: Recruitment, share: float, delays: Floats) -> Floats:
    """Expected patients (T,) randomised by the end of each day, of whom `share` of the screened are, after delays that
    have these probabilities of 0, 1, ... days; days go on until the last who was screened is randomised."""
    screened = np.zeros(recruitment.until + 1)
    for group in range(len(recruitment.groups)):
        screened += _screened(recruitment, group)
    return np.cumsum(share * np.convolve(screened, delays))


def expected_by_group(recruitment: Recruitment, share: float, delays: Floats) -> Floats:
    """The same by group of sites (G, T)."""
    of_groups = [_screened(recruitment, group) for group in range(len(recruitment.groups))]
    return np.array([np.cumsum(share * np.convolve(screened, delays)) for screened in of_groups])


def _screened(recruitment: Recruitment, number: int) -> Floats:
    """Patients (T,) expected to be screened on each day at the sites of a group."""
    group = recruitment.groups[number]
    opens = group.opens.pmf[: recruitment.until + 1]
    return np.asarray(group.count * group.rate * (opens @ recruitment.speeds(number)[: len(opens)]))
