"""The exact door: what a scenario needs once, whatever the number of replicates."""

from __future__ import annotations

import pytest

from benchmarks import disease
from benchmarks.engines import N_CELLS
from benchmarks.work import Work
from jaksim.exact.occupation import state_occupation
from jaksim.exact.transition import stacked_transition_matrices
from jaksim.simulate import compile_laws


def test_daily_matrices(alone):
    tables, _ = disease.cells()
    alone(Work(lambda block: stacked_transition_matrices(tables, disease.HORIZON), N_CELLS, "cells"))


def test_state_occupation(alone):
    daily, starts = disease.transitions(), disease.cells()[1]
    alone(
        Work(
            lambda block: [state_occupation(P, start) for P, start in zip(daily, starts, strict=True)],
            N_CELLS,
            "cells",
        )
    )


@pytest.mark.parametrize("endpoints", [1, 2, 3, 4, 5])
def test_joint_automaton(alone, endpoints):
    alone(Work(lambda block: disease.joint(endpoints), 1, "automata"))


@pytest.mark.parametrize("endpoints", [1, 2, 3, 4, 5])
def test_joint_law(alone, endpoints):
    joint = disease.joint(endpoints)
    alone(Work(lambda block: disease.laws(joint), N_CELLS, "cells"))


def test_alias_tables_and_split_trees(alone):
    laws = disease.laws(disease.recovery().automaton)
    alone(Work(lambda block: compile_laws(laws), N_CELLS, "cells"))
