"""Hospital wards with a number of beds and ventilators, shared by patients of the trial with others."""

from __future__ import annotations

from dataclasses import dataclass

from jaksim.errors import InputError
from jaksim.trial.operations.day_law import DayLaw
from jaksim.trial.operations.limits import RULES


@dataclass(frozen=True)
class Ward:
    """Places of one kind at every site of some groups, such as ventilators: who needs one, and who else does.

    Patients of the trial need a place in the states `scores`. Other patients come at `others` a day, times `wave`
    (pairs of day and factor, each from its day on), and keep a place for a number of days of `stay`. When no place is
    free a patient is taken to another hospital ("transfer", without effect on her) or stays where she is ("stay"),
    where the intensities of getting worse are `worse` times and those of getting better `better` times what they are.
    `groups` are the names of the groups of sites, all when empty.
    """

    name: str
    places: int
    scores: tuple[int, ...]
    others: float = 0.0
    stay: DayLaw | None = None
    wave: tuple[tuple[int, float], ...] = ()
    rule: str = "transfer"
    worse: float = 1.0
    better: float = 1.0
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"ward {self.name!r}"
        if not 0 <= self.places <= 100_000:
            raise InputError("a number of places is out of range", where=where, allowed="0 to 100,000", got=self.places)
        if not self.scores:
            raise InputError("nobody needs a place", where=where, allowed="at least one score")
        if not 0.0 <= self.others <= 1_000.0:
            raise InputError("other patients come too often", where=where, allowed="0 to 1,000 a day", got=self.others)
        if self.others > 0.0 and self.stay is None:
            raise InputError(
                "other patients keep their places for ever", where=where, allowed="a distribution of their stay"
            )
        days = [day for day, _ in self.wave]
        if any(day < 0 or factor < 0.0 for day, factor in self.wave) or days != sorted(set(days)):
            allowed = "[day, factor] pairs of 0 or more, each on a later day"
            raise InputError("not a wave", where=where, allowed=allowed, got=self.wave)
        if self.rule not in RULES:
            raise InputError("no rule for a full ward", where=where, allowed=RULES, got=self.rule)
        if not (0.0 <= self.worse <= 100.0 and 0.0 <= self.better <= 100.0):
            raise InputError("an effect of staying is out of range", where=where, allowed="0 to 100")
        if self.rule == "transfer" and (self.worse, self.better) != (1.0, 1.0):
            raise InputError("a patient who is taken elsewhere is treated there", where=where, allowed='rule = "stay"')
