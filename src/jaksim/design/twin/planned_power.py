"""What is known of the power of a test without simulation: exactly in small trials, by the large-sample law beyond."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from jaksim.design.analyses.evaluation import Test
from jaksim.design.engine.cells import Cells
from jaksim.design.twin.analytic import AnalysisInput, LargeSample, analysis_input, large_sample
from jaksim.design.twin.analytic_size import LARGEST_TRIAL, patients_needed, scaled_size, usable
from jaksim.design.twin.doubt import LARGE, doubted_law
from jaksim.design.twin.enumeration import exact_power


@dataclass(frozen=True)
class Known:
    """Power in a trial of some size, exact or of the large-sample law; `doubt` says why it is not to be relied on."""

    power: float
    doubt: str = ""
    exact: bool = False


@dataclass(frozen=True)
class KnownSize:
    """Patients that give a power; None without any, where `doubt` says why if the law is not to be relied on."""

    patients: int | None
    doubt: str = ""
    exact: bool = False


@dataclass(frozen=True, eq=False)
class PlannedPower:
    """The power of one test in trials that differ in their number of patients, in multiples of `multiple`."""

    test: Test
    inputs: AnalysisInput
    patients: int
    multiple: int

    @classmethod
    def of(cls, cells: Cells, test: Test) -> PlannedPower:
        """That of a test of a trial."""
        multiple = sum(arm.allocation for arm in cells.trial.arms)
        inputs = analysis_input(cells, test.plan, test.method)
        return cls(test, inputs, cells.trial.population.patients, multiple)

    @cached_property
    def law(self) -> tuple[LargeSample, str]:
        """The large-sample law of the trial as planned, and why it is not to be relied on."""
        return doubted_law(self.inputs, self.patients)

    @cached_property
    def iterated(self) -> float | None:
        """At the expected table, where the iteration of a one-step estimate ends; None for other estimates."""
        inputs = self.inputs
        if inputs.method.iterated is None:
            return None
        expected = inputs.laws * inputs.cell_sizes(float(self.patients))[..., None]
        return float(inputs.method.iterated.estimate(expected[None], inputs.endpoint, inputs.options)[0])

    @cached_property
    def planned(self) -> Known:
        """The power of the trial as planned."""
        return self.at(self.patients)

    def at(self, patients: int) -> Known:
        """The power of a trial with so many patients."""
        exact = exact_power(self.inputs, self.test, patients)
        if exact is not None:
            return Known(exact.power, exact.caution, exact=True)
        twin, reason = self.law if patients == self.patients else doubted_law(self.inputs, patients)
        power = twin.power(self.test.critical, self.test.plan.sides, self.test.favourable_sign)
        return Known(power if math.isfinite(power) else math.nan, reason)

    def out_of_reach(self, target: float) -> bool:
        """Whether the law of a large trial tells that ten million patients are too few for an exact test, which takes
        long in trials that large."""
        test = self.test
        if test.method.follows is None:
            return False
        twin = large_sample(self.inputs, LARGE)
        if not usable(twin):
            return False
        needed = scaled_size(twin, LARGE, target, test.critical, test.plan.sides, test.favourable_sign, self.multiple)
        return needed is None

    def size(self, target: float) -> KnownSize:
        """Patients with which the power reaches the target while one multiple less does not.

        There are none where the effect is absent or in the wrong direction, beyond ten million, and where the
        large-sample law is not to be relied on with so few patients.
        """
        test = self.test
        found = patients_needed(
            self.inputs,
            target,
            test.critical,
            test.plan.sides,
            test.favourable_sign,
            self.multiple,
            (self.patients, self.law[0]),
        )
        if found is None:
            return KnownSize(None)
        if exact_power(self.inputs, test, found) is not None:
            found = searched_size(self.at, target, self.multiple, found)
        if found is None:
            return KnownSize(None)
        known = self.at(found)
        return KnownSize(None if known.doubt else found, known.doubt, known.exact)


def searched_size(
    power: Callable[[int], Known], target: float, multiple: int, guess: int, most: int = LARGEST_TRIAL
) -> int | None:
    """Patients with which a power reaches the target while one multiple less does not, None beyond the most.

    A guess is doubled or halved until a bracket holds the answer, and that is halved.
    """

    def reaches(units: int) -> bool:
        return power(units * multiple).power >= target

    low, high = 0, max(guess // multiple, 1)
    if reaches(high):
        low = high // 2
        while low > 0 and reaches(low):
            low, high = low // 2, low
    else:
        while not reaches(high):
            low, high = high, 2 * high
            if high * multiple > most:
                return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high * multiple
