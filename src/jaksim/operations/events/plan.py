"""A trial and its operations, laid out for their conduct."""

from __future__ import annotations

import numpy as np

from jaksim import rng
from jaksim.errors import InputError
from jaksim.operations.events.course.altered_course import AlteredCourses
from jaksim.operations.events.course.courses import Courses
from jaksim.operations.events.course.readings import Reader
from jaksim.operations.events.data.looks import Agenda
from jaksim.operations.events.recruiting.randomiser import Randomiser
from jaksim.operations.events.supply.pharmacy import Formulary
from jaksim.operations.events.wards.places import Others
from jaksim.operations.pool import Recruiter
from jaksim.trial import Trial
from jaksim.trial.operations.limits import WITHOUT_DRUG


class Plan:
    """A trial with operations, prepared under one seed: what is the same in every replicate.

    Raises `InputError` for a trial without operations, or with what the events do not cover: adaptations.
    """

    def __init__(self, trial: Trial, seed: int) -> None:
        operations = trial.operations
        if operations is None:
            raise InputError("nothing says how the trial is run", where="operations", allowed="an [operations] table")
        if trial.adaptation is not None:
            raise InputError(
                "events do not know of adaptations", where="adaptation", allowed="none, [monitoring], or the fast door"
            )
        rng.check_address(seed=seed)
        self.trial, self.operations, self.seed = trial, operations, seed
        self.target = trial.population.patients
        self.courses = Courses(trial, seed)
        self.altered = AlteredCourses(self.courses)
        arms = [arm.name for arm in self.courses.arms]
        allocation = [arm.allocation for arm in self.courses.arms]
        self.recruiter = Recruiter(operations.recruitment, operations.screening, seed)
        self.randomiser = Randomiser(trial, allocation, operations.randomised_within_sites)
        self.agenda = Agenda(trial, arms)
        supply = operations.supply
        self.formulary = None if supply is None else Formulary(supply, arms, allocation)
        self.others = [Others(ward, self.recruiter, w) for w, ward in enumerate(operations.wards)]
        scale = trial.scale
        score = np.array(self.courses.score)
        unseen = self.courses.unseen
        needed = [np.isin(score, [scale.index(one) for one in w.scores]) & ~unseen for w in operations.wards]
        dispensed = supply is not None and len(supply.dispensing) > 1
        # Who is turned away without a kit misses no first dispensing.
        missed = supply is not None and supply.without_kit == WITHOUT_DRUG and any(self.courses.loses)
        reads = bool(needed or dispensed or missed or self.agenda.watched)
        self.reader = Reader(self.courses, self.agenda.watched, needed, dispensed) if reads else None
