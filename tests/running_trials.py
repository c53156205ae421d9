"""Simulated trials cut on a day and forecast from their logs, for tests of what a forecast says."""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from jaksim.design.conduct.timeline import numbers_on
from jaksim.design.forecasting import Beliefs, RunningTrial
from jaksim.design.prepared import Prepared
from jaksim.design.running_log import SimulatedLogs
from jaksim.operations.running.log_file import columns_of, read_log
from jaksim.scenario import load_scenario
from jaksim.trial.operations.accrual import expected_accrual

SITES = Path(__file__).parent / "scenarios" / "sites.toml"
DEATHS = 'monitoring.analysis="death, risk_difference"'
LEVELS = (0.5, 0.8, 0.95)


@dataclass(frozen=True)
class BackCheck:
    """Trials of a plan under one seed, each cut on a day of its own and forecast under another."""

    changes: tuple[str, ...] = (DEATHS,)
    scenario: Path = SITES
    seed: int = 401
    ahead: int = 12
    replicates: int = 199
    first_day: int = 12
    last_day: int = 45
    unblinded: bool = False
    scores: bool = True
    rate_cv: float = 0.0
    screening_weight: float = math.inf
    names: tuple[str, ...] = field(
        default=(
            "full_day", "randomised_by", "analysis_day: 1", "events_at_cut: 1", "enrolled_at_cut: 1",
            "events_at_cut: 2", "complete_day",
        )
    )  # fmt: skip

    @cached_property
    def trial(self):
        return load_scenario(self.scenario, changes=self.changes).trial

    @cached_property
    def _planned_logs(self):
        return SimulatedLogs(self.trial, self.seed, self.unblinded, self.scores)

    def logs(self, number):
        """What makes the log of a trial, whose plan is off by a draw from what is believed of it."""
        if self.rate_cv == 0.0 and math.isinf(self.screening_weight):
            return self._planned_logs
        draw = np.random.default_rng((self.seed, number))
        operations = self.trial.operations
        if self.rate_cv > 0.0:
            operations = replace(operations, recruitment=_off(operations.recruitment, self.rate_cv, draw))
        if math.isfinite(self.screening_weight):
            operations = replace(operations, screening=_otherwise(operations.screening, self.screening_weight, draw))
        trial = replace(self.trial, operations=operations, accrual=expected_accrual(operations))
        return SimulatedLogs(trial, self.seed, self.unblinded, self.scores)

    @cached_property
    def prepared(self):
        return Prepared(self.trial, self.seed, "path").ready()

    def day(self, number):
        """The day on which a trial is cut: spread over a range of days."""
        return self.first_day + number * 7 % (self.last_day - self.first_day + 1)

    def log(self, number):
        """The log of a trial, and what became of it; None for one that has ended by then."""
        logs = self.logs(number)
        conducted, cohort = logs.conducted(number)
        on = self.day(number)
        if on >= conducted.day[0]:
            return None
        rows = logs.rows_of(conducted, cohort, on)
        data = {name: [row[name] for row in rows] for name in rows[0]}
        return read_log(columns_of(data), self.trial, self.trial.operations, on), truth_of(
            logs.design, cohort, on, self.ahead
        )

    def running(self, log, number):
        """The forecast of a trial, which believes what the trials were made by."""
        beliefs = Beliefs.of(log, self.trial.operations, self.rate_cv, self.screening_weight)
        return RunningTrial(self.prepared, log, beliefs, 90_000 + number, (log.on + self.ahead,))

    def positions(self, trials):
        """Where what happened stands among the continuations, from 0 to 1, ties broken at random, and whether the
        printed bands hold it; by name, arrays (N,) and (N, 3)."""
        ties = np.random.default_rng(7)
        at = {name: [] for name in self.names}
        held = {name: [] for name in self.names}
        for number in range(trials):
            found = self.log(number)
            if found is None:
                continue
            log, truth = found
            ahead = self.running(log, number).block(0, self.replicates).numbers
            for name in self.names:
                key = name if name != "randomised_by" else f"randomised_by: {log.on + self.ahead}"
                values = np.where(np.isfinite(ahead[key]), ahead[key], np.inf)
                value = truth[name]
                below, equal = (values < value).sum(), (values == value).sum()
                at[name].append((below + ties.random() * (equal + 1)) / (self.replicates + 1))
                ends = [np.quantile(values, [(1 - one) / 2, (1 + one) / 2], method="inverted_cdf") for one in LEVELS]
                held[name].append([low <= value <= high for low, high in ends])
        return {name: np.array(one) for name, one in at.items()}, {n: np.array(one) for n, one in held.items()}


def truth_of(design, cohort, on, ahead):
    """What is to be forecast, unless the trial is stopped."""
    n = cohort.n
    days = design.days(cohort)
    full = n[0] >= design.patients
    found = {
        "full_day": float(cohort.day[0, design.patients - 1]) if full else math.inf,
        "complete_day": float(design.engine.complete_day(cohort)[0]),
        "randomised_by": float((cohort.day[0, : n[0]] <= on + ahead).sum()),
    }
    return found | {name: float(value[0]) for name, value in numbers_on(design, cohort, days, n).items()}


def _off(recruitment, cv, draw):
    """All rates of a group times a gamma factor of its own."""
    countries = [
        replace(one, groups=tuple(replace(g, rate=g.rate * draw.gamma(1 / cv**2, cv**2)) for g in one.groups))
        for one in recruitment.countries
    ]
    return replace(recruitment, countries=tuple(countries))


def _otherwise(screening, weight, draw):
    """Shares of first screenings from a Dirichlet law around the planned ones."""
    planned = [*(reason.probability for reason in screening.reasons), screening.eligible]
    shares = draw.dirichlet(weight * np.array(planned))
    reasons = [replace(one, probability=p) for one, p in zip(screening.reasons, shares, strict=False)]
    return replace(screening, reasons=tuple(reasons))


def coverage_z(at, level):
    """Share of positions (N,) in the central band of a level, and its distance from the level in standard errors."""
    share = float((np.abs(at - 0.5) <= level / 2).mean())
    return share, (share - level) / math.sqrt(level * (1 - level) / len(at))
