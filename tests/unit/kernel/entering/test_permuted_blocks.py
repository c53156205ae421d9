"""Arms dealt block by block are those drawn one patient after the other."""

import numpy as np
import pytest

from jaksim import rng
from jaksim.rng import Purpose
from jaksim.simulate.enrolment import compile_entry, empty_cohort, enrol_patients

SEED, PATIENTS = 11, 700


def one_by_one(words, groups, places):
    """Arms of patients whose blocks have so many places of each arm, in plain Python."""
    lists, found = {}, []
    for word, group in zip(words, groups, strict=True):
        left = lists.setdefault(group, [])
        if not left:
            left.extend(np.repeat(range(len(places)), places).tolist())
        found.append(left.pop(int(word) * len(left) >> 32))
    return found


@pytest.mark.parametrize("places", [[2, 2], [3, 1], [0, 4], [7], [150, 150], [1, 2, 0, 1]])
@pytest.mark.parametrize("groups", [(0,), (0, 1), (1, 0, 2), (0, 0, 0, 1, 1), (0, 1, 2, 3, 4)])
def test_arms_are_those_drawn_one_by_one(places, groups):
    strata = len(groups)
    entry = compile_entry(
        [0.0, 30.0], [0.0, 120.0], [4.0, 10.0],
        even=False, stratum_weights=np.full(strata, 1.0 / strata), scheme="permuted blocks", coin=0.5,
        groups=groups, levels=np.arange(strata)[:, None],
    )  # fmt: skip
    cohort, step = empty_cohort(3, 2, PATIENTS, 1), 256 + 40
    for first in (0, step):
        enrol_patients(
            cohort, entry, SEED, first=np.full(2, first), last=np.full(2, PATIENTS if first else step),
            weights=np.tile(np.array(places, dtype=float), (2, 1)), block_sizes=np.tile(places, (2, 1)),
            recruiting=np.ones((2, strata), dtype=bool),
        )  # fmt: skip
        for b in range(2):
            n = int(cohort.n[b])
            words = [rng.words(SEED, Purpose.ENROLMENT, 3 + b, 0, who, 4)[2] for who in range(first, n)]
            assert cohort.arm[b, first:n].tolist() == one_by_one(
                words, np.array(groups)[cohort.stratum[b, first:n]].tolist(), places
            )
