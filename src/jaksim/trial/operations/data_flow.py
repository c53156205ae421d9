"""From a visit to the data base, and from the data base to a decision."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.trial.operations.day_law import LONGEST, NO_DAYS, DayLaw


@dataclass(frozen=True)
class DataFlow:
    """Visits on `visits` days since randomisation; the data of each take `entry` days until they are entered.

    A share `queried` of them is questioned and clean after `query` more days; the share `verified` is looked up at the
    site every `monitoring` days. `lock` days after the last patient's last visit the data base is locked.
    """

    visits: tuple[int, ...] = ()
    entry: DayLaw = NO_DAYS
    queried: float = 0.0
    query: DayLaw = NO_DAYS
    verified: float = 0.0
    monitoring: int = 42
    lock: int = 30

    def __post_init__(self) -> None:
        if any(b <= a for a, b in zip((-1, *self.visits), self.visits, strict=False)):
            raise InputError(
                "days of visits do not increase", where="visits", allowed="0, then later days", got=self.visits
            )
        for name in ("queried", "verified"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise InputError("not a share", where=name, allowed="0 to 1", got=getattr(self, name))
        if self.mean_delay > LONGEST:
            raise InputError(
                "data are too late on average",
                where="entry, query",
                allowed=f"at most {LONGEST} days",
                got=self.mean_delay,
            )
        if self.monitoring < 1 or self.lock < 0:
            raise InputError("a number of days is out of range", where="monitoring, lock", allowed="1, 0 or more")

    @property
    def mean_delay(self) -> float:
        """Days by which data are late on average."""
        return self.entry.mean + self.queried * self.query.mean

    @property
    def delays(self) -> bool:
        """Whether data are ever late."""
        return self.entry.longest > 0 or (self.queried > 0.0 and self.query.longest > 0)


@dataclass(frozen=True)
class Board:
    """The board that looks at interim data: `preparation` days from the data cut to its meeting, `decision` days from
    there until the sites know, and whether nobody is randomised in between."""

    preparation: DayLaw = NO_DAYS
    decision: DayLaw = NO_DAYS
    pause: bool = False
