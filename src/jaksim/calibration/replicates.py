"""A published trial simulated many times: the same statistics as its figures, on tables of drawn counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.calibration.transition_ratio import drawn_transitions
from jaksim.endpoint.product import product
from jaksim.rng import Purpose, generator
from jaksim.simulate.law import compile_laws, draw_tables

# Of each count: the table, and what the statistics copy of it.
_TABLE_BYTES = 24


@dataclass(frozen=True)
class ReplicatedTables:
    """Counts of a study's arms and strata in N simulated trials; statistics read them as they read expected counts.

    `counts[endpoint]` has shape (N, arms, strata, K), arms and strata in the study's order. Those of daily transitions
    are many: they are drawn where they are asked for.
    """

    laws: StudyLaws
    replicates: int
    seed: int
    counts: dict[str, Floats]

    @property
    def study(self) -> CalibrationStudy:
        """The study whose trials were simulated."""
        return self.laws.study

    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Floats:
        """Counts of an arm, shape (N, strata, K)."""
        arms, names = list(self.study.arms), list(self.study.strata)
        return self.counts[endpoint][:, arms.index(arm)][:, [names.index(s) for s in strata]]

    def transitions(self, arm: str, strata: tuple[str, ...]) -> Floats:
        """Counts of daily transitions of an arm, its strata together, shape (N, H * S * S)."""
        scale, own = self.study.template.scale, self.study.arms[arm]
        blocks = []
        for number in range(len(self.laws.values)):
            stream = generator(self.seed, Purpose.TRANSITION, replicate=number, cell=list(self.study.arms).index(arm))
            parts = []
            for stratum in strata:
                kinds = self.study.strata[stratum].patients
                shares = [weight for weight, _ in kinds]
                sizes = stream.multinomial(round(own.patients[stratum]), shares, size=self.replicates)
                for size, (_, patient) in zip(sizes.T, kinds, strict=True):
                    daily = self.laws.daily(arm, patient)[number]
                    parts.append(drawn_transitions(daily, scale.index(patient.baseline_score), size, stream))
            blocks.append(np.sum(parts, axis=0))
        return np.concatenate(blocks).astype(np.float64)

    def pooled(self, statistic: Statistic) -> Floats:
        """Proportion of each category in the statistic's arm over its strata, shape (N, K)."""
        counts = self.expected_table(statistic.endpoint, statistic.arm, statistic.strata).sum(axis=1)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def replicate_study(study: CalibrationStudy, values: Floats, replicates: int, seed: int) -> ReplicatedTables:
    """Draw `replicates` trials of the study's size from the model at `values` (parameters,)."""
    return replicate_draws(study, values[None], replicates, seed)


def replicate_draws(study: CalibrationStudy, values: Floats, replicates: int, seed: int) -> ReplicatedTables:
    """Draw `replicates` trials at each of N sets of values (N, parameters); those of a set follow one another.

    The endpoints of fitted figures are drawn together, as of the same patients; those of checks alone one by one, which
    keeps the joint law small where there are many.
    """
    laws = StudyLaws(study, values)
    together = study.fitted_endpoints
    alone = [
        (name,) for name, endpoint in study.endpoints.items() if name not in together and endpoint.transitions is None
    ]
    tables: dict[str, Floats] = {}
    for names in [together, *alone] if together else alone:
        tables.update(_drawn(laws, names, replicates, seed))
    return ReplicatedTables(laws, replicates, seed, tables)


def _drawn(laws: StudyLaws, names: tuple[str, ...], replicates: int, seed: int) -> dict[str, Floats]:
    study, count = laws.study, len(laws.values)
    endpoints = [study.endpoints[name] for name in names]
    joint = product(*(endpoint.automaton for endpoint in endpoints), possible=laws.possible_moves())
    cells = [laws.joint_law(joint, arm, stratum) for arm in study.arms for stratum in study.strata]
    patients = [round(arm.patients[stratum]) for arm in study.arms.values() for stratum in study.strata]
    sizes = np.array([endpoint.n_categories for endpoint in endpoints])
    trials = replicates * count
    check_memory(
        _TABLE_BYTES * trials * len(cells) * int(sizes.sum()),
        f"the tables of {trials:,} simulated trials",
        where="‹replicates›",
        instead="fewer replicates",
    )
    all_sizes = np.tile(np.array(patients, dtype=np.int64), (replicates, 1))
    shape = (replicates, len(study.arms), len(study.strata))
    drawn = []
    for number in range(count):
        flat = np.zeros(replicates * len(cells) * int(sizes.sum()))
        compiled = compile_laws([cell[number] for cell in cells])
        draw_tables(compiled, joint.parts, sizes, all_sizes, seed, number * replicates, flat)
        blocks = np.split(flat, np.cumsum(replicates * len(cells) * sizes)[:-1])
        drawn.append([block.reshape(*shape, size) for block, size in zip(blocks, sizes, strict=True)])
    return {name: np.concatenate(parts) for name, parts in zip(names, zip(*drawn, strict=True), strict=True)}


def replicated_statistics(tables: ReplicatedTables) -> list[Floats]:
    """One array (N, numbers of the target) per target of the study, in its order; NaN where not estimable."""
    return [STATISTICS[statistic.kind](tables, statistic) for statistic in tables.study.statistics]
