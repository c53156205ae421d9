"""The log of a simulated trial as it stands at the end of a day, as that of a real one would."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from jaksim import rng
from jaksim.design.conduct.calendar import CalendarDesign
from jaksim.design.engine.cohorts import PathCohorts
from jaksim.design.forecasting import check_covered
from jaksim.design.prepared import Prepared
from jaksim.design.sums.conducted import Conducted
from jaksim.errors import InputError
from jaksim.operations.pool import Pool
from jaksim.operations.running.log import PASSED
from jaksim.rng import SITE_BITS, Purpose
from jaksim.simulate.enrolment import Cohort
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations

HEADER: Final = ("event", "day", "date", "site", "country", "patient", "arm", "stratum", "score", "reason")
_ORDER: Final = ("activated", "screened", "failed", "randomised", "score", "died", "analysis")


@dataclass(frozen=True, eq=False)
class SimulatedLogs:
    """Logs of the replicates of a trial under one seed; `unblinded` ones say the arm."""

    trial: Trial
    seed: int
    unblinded: bool = False
    scores: bool = True

    @cached_property
    def operations(self) -> Operations:
        """How the trial is run; `InputError` for a plan that has no log."""
        return check_covered(self.trial)

    @cached_property
    def design(self) -> CalendarDesign:
        """The design of the trial."""
        assert self.operations is not None
        found = Prepared(self.trial, self.seed, "path").ready().design
        assert isinstance(found, CalendarDesign)
        return found

    def conducted(self, replicate: int) -> tuple[Conducted, Cohort]:
        """How the whole trial went."""
        return self.design.conduct(replicate, 1)

    def rows(self, replicate: int, on: int) -> list[dict[str, str]]:
        """The rows of the log of a replicate at the end of day `on`; `InputError` where its trial has ended by then."""
        conducted, cohort = self.conducted(replicate)
        ended = int(conducted.day[0])
        if on >= ended:
            raise InputError(
                f"the trial of replicate {replicate} has ended on day {ended}",
                where="‹on›", allowed=f"a day before {ended}", got=on,
            )  # fmt: skip
        return self.rows_of(conducted, cohort, on)

    def rows_of(self, conducted: Conducted, cohort: Cohort, on: int) -> list[dict[str, str]]:
        """The rows of a trial that was conducted, up to the end of day `on`."""
        sites = self.design.engine.sites
        assert sites is not None
        cuts = conducted.cut_days(self.design.looks)[0, :-1].tolist()
        found = [
            *self._openings(sites.pool_of(cohort)),
            *self._screenings(sites.pool_of(cohort), cohort),
            *self._patients(cohort, on),
            *({"event": "analysis", "day": str(day)} for day in cuts if day >= 0),
        ]
        kept = [row for row in found if int(row["day"]) <= on]
        kept.sort(key=lambda row: (int(row["day"]), _ORDER.index(row["event"])))
        recruitment = self.operations.recruitment
        return [{**dict.fromkeys(HEADER, ""), **row, "date": recruitment.date(int(row["day"]))} for row in kept]

    def _openings(self, pool: Pool) -> Iterator[dict[str, str]]:
        for name, day in zip(self._names, pool.opened[0].tolist(), strict=True):
            yield {"event": "activated", "day": str(day), "site": name}

    @property
    def _names(self) -> tuple[str, ...]:
        return self.operations.recruitment.site_names

    def _screenings(self, pool: Pool, cohort: Cohort) -> Iterator[dict[str, str]]:
        sites = self.design.engine.sites
        assert sites is not None
        again = sites.recruiter.second_screenings(pool, cohort.first_replicate)[0]
        reasons = [reason.name for reason in self.operations.screening.reasons]
        for i in range(int(pool.n[0])):
            who = {"site": self._names[int(pool.site[0, i])], "patient": _name(pool.site[0, i], pool.number[0, i])}
            day, outcome = str(int(pool.time[0, i])), int(pool.outcome[0, i])
            yield {"event": "screened", "day": day, **who}
            if np.isfinite(again[i]):
                first = self._first_reason(cohort.first_replicate, int(pool.site[0, i]), int(pool.number[0, i]))
                yield {"event": "failed", "day": day, "reason": reasons[first], **who}
                day = str(int(again[i]))
                yield {"event": "screened", "day": day, **who}
            if outcome != PASSED:
                yield {"event": "failed", "day": day, "reason": reasons[outcome], **who}

    def _first_reason(self, replicate: int, site: int, number: int) -> int:
        """Why a patient failed who was screened again: her outcome in the pool is that of the second screening."""
        word = rng.words(self.seed, Purpose.SCREENING, replicate, site, number, 4)[1]
        sites = self.design.engine.sites
        assert sites is not None
        return int(np.searchsorted(sites.recruiter.screen.up_to, word * 2.0**-32, side="right"))

    def _patients(self, cohort: Cohort, on: int) -> Iterator[dict[str, str]]:
        engine = self.design.engine
        assert isinstance(engine, PathCohorts)
        n = int(np.searchsorted(cohort.day[0, : int(cohort.n[0])], on, side="right"))
        states = engine.states(cohort, 0, n)
        trial = self.trial
        strata = [stratum.name for stratum in trial.population.strata]
        seen = trial.states.seen_as
        dead = set(trial.scale.indices(trial.scale.absorbing))
        for i in range(n):
            site, number = int(cohort.site[0, i]), int(cohort.number[0, i]) & ((1 << SITE_BITS) - 1)
            who = {"site": self._names[site], "patient": _name(site, number)}
            arm = {"arm": engine.cells.arms[int(cohort.arm[0, i])].name} if self.unblinded else {}
            entry = int(cohort.day[0, i])
            scores = seen[states[i]].tolist()
            first = {"score": str(trial.scale.scores[scores[0]])} if self.scores else {}
            yield {
                "event": "randomised",
                "day": str(entry),
                "stratum": strata[int(cohort.stratum[0, i])],
                **arm,
                **first,
                **who,
            }
            for day, score in enumerate(scores):
                if score in dead:
                    yield {"event": "died", "day": str(entry + day), **who}
                    break
                if day and score >= 0 and self.scores:
                    yield {"event": "score", "day": str(entry + day), "score": str(trial.scale.scores[score]), **who}


def _name(site: Any, number: Any) -> str:
    return f"{int(site) + 1:03d}-{int(number) + 1:04d}"
