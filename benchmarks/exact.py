"""The exact door: matrices of 28 days, the law of one endpoint and the joint law of five."""

from __future__ import annotations

import numpy as np

from benchmarks import disease
from benchmarks.registry import Task, register
from jaksim.endpoint import Automaton, product
from jaksim.exact.transition import stacked_transition_matrices


@register("exact door, 28 daily matrices", "cells", threaded=False)
def matrices() -> Task:
    tables, _ = disease.cells()

    def task(block: int) -> float:
        stacked_transition_matrices(tables, disease.HORIZON)
        return len(tables)

    return task


def law_of(automaton: Automaton) -> Task:
    def task(block: int) -> float:
        return len(disease.laws(automaton))

    return task


@register("exact door, law of time to recovery", "cells", threaded=False)
def one_law() -> Task:
    return law_of(disease.recovery().automaton)


@register("exact door, joint law of five endpoints", "cells", threaded=False)
def joint_law() -> Task:
    return law_of(joint())


@register("exact door, joint automaton of five endpoints", "automata", threaded=False)
def joint_automaton() -> Task:
    def task(block: int) -> float:
        return float(joint().n_categories > 0)

    return task


def joint() -> Automaton:
    possible = np.max(disease.transitions(), axis=(0, 1)) > 0.0
    return product(*(endpoint.automaton for endpoint in disease.endpoints()), possible=possible)
