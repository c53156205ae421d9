"""Which sites still take patients."""

from __future__ import annotations

import math

from jaksim.operations.pool import Recruiter


class Doors:
    """The caps of sites and countries: `shut` tells which sites take nobody any more, `closed` since when."""

    def __init__(self, recruiter: Recruiter) -> None:
        sites = recruiter.sites
        self._country: list[int] = sites.country.tolist()
        self._cap: list[int] = sites.cap.tolist()
        self._country_cap: list[int] = sites.country_cap.tolist()
        self._inside, self._in_country = [0] * len(self._cap), [0] * len(self._country_cap)
        self.shut = [False] * len(self._cap)
        self.closed = [math.inf] * len(self._cap)

    def enter(self, site: int, now: float) -> None:
        """Count a patient, and shut the site or country whose last she is."""
        self._inside[site] += 1
        country = self._country[site]
        self._in_country[country] += 1
        if self._inside[site] == self._cap[site]:
            self._shut(site, now)
        if self._in_country[country] == self._country_cap[country]:
            for other, its in enumerate(self._country):
                if its == country:
                    self._shut(other, now)

    def _shut(self, site: int, now: float) -> None:
        self.shut[site] = True
        self.closed[site] = min(self.closed[site], now)
