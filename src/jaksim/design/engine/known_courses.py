"""What the courses of the patients of a running trial say of them: their groups, and the states they may be in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from jaksim.arrays import Booleans, Floats, Integers
from jaksim.design.engine.cells import Cells
from jaksim.errors import InputError
from jaksim.operations.running.log import UNKNOWN, RunningLog
from jaksim.operations.running.recruiter import RANDOMISED
from jaksim.rng import SITE_BITS
from jaksim.simulate.alias_table import quantise
from jaksim.trial.operations.recruitment import Recruitment

if TYPE_CHECKING:
    from jaksim.kernel.continued import Groups, Known


@dataclass(frozen=True, eq=False)
class KnownCourses:
    """Patients randomised so far (N,), under a disease model.

    `posterior` (N, G) are the chances of the groups of all cells given arm, stratum and scores as far as they are
    known: where the log has no arms a patient's arm is drawn from what the planned effects make of her course.
    `log_likelihood` is that of all courses.
    """

    posterior: Floats
    log_likelihood: float
    known: Known
    groups: Groups


def known_courses(cells: Cells, log: RunningLog, recruitment: Recruitment) -> KnownCourses:
    """The courses of a log; `InputError` where the model has no such course, with the patients."""
    from jaksim.kernel.continued import Groups, Known

    people, n_strata = log.randomised, cells.n_strata
    possible = _possible(cells, log)
    last = _last(log)
    cell = np.array(cells.cell_of_group, dtype=np.int64)
    arm, stratum = cell // n_strata, cell % n_strata
    prior = _prior(cells, recruitment, people.site, arm, stratum)
    prior *= (people.arm[:, None] == UNKNOWN) | (people.arm[:, None] == arm)
    prior *= (people.stratum[:, None] == UNKNOWN) | (people.stratum[:, None] == stratum)
    likelihood = _log_likelihood(cells, possible)
    with np.errstate(divide="ignore"):
        joint = np.log(prior) + likelihood
    most = joint.max(axis=1, initial=-np.inf)
    _check(log, ~np.isfinite(most))
    weight = np.exp(joint - most[:, None])
    total = weight.sum(axis=1)
    posterior = weight / total[:, None]
    # A patient of unknown arm is likelier of some course by what the allocation says alone.
    evidence = float((most + np.log(total) - np.log(prior.sum(axis=1))).sum())
    chance = np.array([np.cumsum(quantise(one)) for one in posterior], dtype=np.uint64)
    days = np.arange(possible.shape[1])
    single = (possible.sum(axis=2) == 1) | (days > last[:, None])
    number = (people.site << SITE_BITS) | (RANDOMISED + np.arange(people.n))
    known = Known(
        last,
        possible,
        single.all(axis=1),
        number.astype(np.uint32),
        chance.reshape(people.n, len(cell)),
    )
    return KnownCourses(posterior, evidence, known, Groups(cell, arm, stratum, np.ascontiguousarray(cells.transitions)))


def _possible(cells: Cells, log: RunningLog) -> Booleans:
    """The states (N, H + 1, S) that each patient may be in at the end of each day, by what the log has of it."""
    people, seen_as = log.randomised, cells.seen_as
    score = people.score
    found = (score[:, :, None] == UNKNOWN) | (score[:, :, None] == seen_as)
    dead = np.isin(np.arange(len(seen_as)), cells.trial.states.absorbing)
    days = np.arange(score.shape[1])
    living = (days <= people.alive[:, None]) & (score == UNKNOWN)
    return np.asarray(found & ~(living[:, :, None] & dead))


def _last(log: RunningLog) -> Integers:
    """The last day since randomisation of which the log tells something of each patient (N,), 0 at least."""
    people = log.randomised
    days = np.arange(people.score.shape[1])
    elapsed = log.on - people.day
    scored = np.where(people.score != UNKNOWN, days, 0)
    # A score of death stands for all days to come; what matters of them has happened by now.
    upto = np.minimum(scored.max(axis=1, initial=0), elapsed)
    return np.asarray(np.minimum(np.maximum(upto, people.alive), people.score.shape[1] - 1))


def _prior(cells: Cells, recruitment: Recruitment, site: Integers, arm: Integers, stratum: Integers) -> Floats:
    """Chances (N, G) of the groups by the plan, at each patient's site."""
    weights = np.array(cells.trial.population.weights)
    of_group = np.array([group.strata or weights for group in recruitment.groups])
    at_site = of_group[np.array(recruitment.group_of)[site]]
    share = np.array([group.share for group in cells.groups])
    return np.asarray(at_site[:, stratum] * cells.shares[arm] * share)


def _log_likelihood(cells: Cells, possible: Booleans) -> Floats:
    """Log probability (N, G) of what is known of each patient in each group."""
    found = np.empty((len(possible), len(cells.groups)))
    for g, group in enumerate(cells.groups):
        state = np.zeros((len(possible), possible.shape[2]))
        state[:, group.start_index] = 1.0
        state *= possible[:, 0]
        total = np.zeros(len(possible))
        for day in range(possible.shape[1]):
            if day:
                state = (state @ cells.transitions[g, day - 1]) * possible[:, day]
            norm = state.sum(axis=1)
            with np.errstate(divide="ignore", invalid="ignore"):
                total += np.log(norm)
                state = np.where(norm[:, None] > 0.0, state / norm[:, None], 0.0)
        found[:, g] = np.nan_to_num(total, nan=-np.inf, neginf=-np.inf)
    return found


def _check(log: RunningLog, impossible: Booleans) -> None:
    people = log.randomised
    lines = []
    for i in np.flatnonzero(impossible):
        known = np.flatnonzero(people.score[i] != UNKNOWN)
        lines.append(f"patient {people.names[i]}: {len(known)} days with a score, randomised on day {people.day[i]}")
    if lines:
        raise InputError(
            "patients whose course cannot be by the disease of the scenario",
            where="the log", details=lines,
            allowed="baseline scores of the strata, and scores that the model can move between",
        )  # fmt: skip
