"""What the path door reads of automata, against every course there is and against one day after the other."""

import itertools

import numpy as np
import pytest

from jaksim.kernel.walk import DECIDED, MEMORY_BITS
from jaksim.simulate.process_tables import (
    changes_again,
    decided,
    lay_out_automata,
    next_changes,
    stays,
)
from jaksim.simulate.reached import states_reached

HORIZON = 4


@pytest.fixture(scope="module")
def short(first_day_in, days_in):
    return [first_day_in((1, 2, 3), HORIZON), days_in((6, 7), HORIZON)]


def after_days(automaton, memory, states, day):
    for passed, state in enumerate(states):
        memory = automaton.step[day - 1 + passed, memory, state]
    return memory


def test_what_is_decided_is_so_whatever_course_the_disease_takes(short, disease):
    reached = states_reached([disease()])
    assert not reached[7, :7].any()
    assert reached[3, 7]
    assert set(np.flatnonzero(reached[1])) == {0, 1}
    for automaton in short:
        found = decided(automaton, reached)
        for day, state in itertools.product(range(2, HORIZON + 2), range(8)):
            courses = list(itertools.product(np.flatnonzero(reached[state]), repeat=HORIZON + 1 - day))
            for memory in range(automaton.step.shape[1]):
                ends = {int(automaton.final[after_days(automaton, memory, one, day)]) for one in courses}
                assert found[memory, state, day] == (ends.pop() if len(ends) == 1 else -2)


def test_a_memory_goes_on_day_by_day_while_a_state_lasts(short):
    assert [changes_again(next_changes(automaton.step)) for automaton in short] == [False, True]
    for automaton in short:
        stay, chains = stays(automaton.step)
        for memory, state, day in np.ndindex(automaton.step.shape[1], 8, HORIZON):
            changed = automaton.step[day, memory, state]
            if changed != memory:
                for more in range(HORIZON - day):
                    later = after_days(automaton, changed, [state] * more, day + 2)
                    assert chains.ravel()[stay[changed, state, day + 2] + more] == later


def test_entries_are_categories_or_changes_to_come(short, disease):
    state = np.tile(np.arange(8, dtype=np.uint64), 2)
    found = lay_out_automata(short, states_reached([disease()]), state, 3)
    recovery = found.table[: found.start[1]].reshape(-1, 8, HORIZON + 2)
    assert recovery[0, 1, 2] == DECIDED | int(short[0].final[2])
    assert recovery[0, 4, 2] == (HORIZON + 1) << MEMORY_BITS
    assert found.row.tolist() == np.repeat(state * (HORIZON + 2), 3).tolist()
