"""A published trial simulated many times: the same statistics as its figures, on tables of drawn counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.budget import check_memory
from jaksim.calibration.predict import STATISTICS, StudyLaws
from jaksim.calibration.statistic import Statistic
from jaksim.calibration.study import CalibrationStudy
from jaksim.endpoint.product import product
from jaksim.simulate.law import compile_laws, draw_tables

# Of each count: the table, and what the statistics copy of it.
_TABLE_BYTES = 24


@dataclass(frozen=True)
class ReplicatedTables:
    """Counts of a study's arms and strata in N simulated trials; statistics read them as they read expected counts.

    `counts[endpoint]` has shape (N, arms, strata, K), arms and strata in the study's order.
    """

    study: CalibrationStudy
    counts: dict[str, Floats]

    def expected_table(self, endpoint: str, arm: str, strata: tuple[str, ...]) -> Floats:
        """Counts of an arm, shape (N, strata, K)."""
        arms, names = list(self.study.arms), list(self.study.strata)
        return self.counts[endpoint][:, arms.index(arm)][:, [names.index(s) for s in strata]]

    def pooled(self, statistic: Statistic) -> Floats:
        """Proportion of each category in the statistic's arm over its strata, shape (N, K)."""
        counts = self.expected_table(statistic.endpoint, statistic.arm, statistic.strata).sum(axis=1)
        return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def replicate_study(study: CalibrationStudy, values: Floats, replicates: int, seed: int) -> ReplicatedTables:
    """Draw `replicates` trials of the study's size from the model at `values` (parameters,), all endpoints together."""
    laws = StudyLaws(study, values[None])
    joint = product(*(endpoint.automaton for endpoint in study.endpoints.values()), possible=laws.possible_moves())
    cells = [laws.joint_law(joint, arm, stratum)[0] for arm in study.arms for stratum in study.strata]
    patients = [round(arm.patients[stratum]) for arm in study.arms.values() for stratum in study.strata]
    sizes = np.array([endpoint.n_categories for endpoint in study.endpoints.values()])
    check_memory(
        _TABLE_BYTES * replicates * len(cells) * int(sizes.sum()),
        f"the tables of {replicates:,} simulated trials",
        where="‹replicates›",
        instead="fewer replicates",
    )
    flat = np.zeros(replicates * len(cells) * int(sizes.sum()))
    all_sizes = np.tile(np.array(patients, dtype=np.int64), (replicates, 1))
    draw_tables(compile_laws(cells), joint.parts, sizes, all_sizes, seed, 0, flat)
    shape = (replicates, len(study.arms), len(study.strata))
    blocks = np.split(flat, np.cumsum(replicates * len(cells) * sizes)[:-1])
    tables = {
        name: block.reshape(*shape, size) for name, block, size in zip(study.endpoints, blocks, sizes, strict=True)
    }
    return ReplicatedTables(study, tables)


def replicated_statistics(tables: ReplicatedTables) -> list[Floats]:
    """One array (N, numbers of the target) per target of the study, in its order; NaN where not estimable."""
    return [STATISTICS[statistic.kind](tables, statistic) for statistic in tables.study.statistics]
