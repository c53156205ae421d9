import numpy as np
import pytest

from jaksim.endpoint.automaton import Automaton, Category, enumerate_automaton
from jaksim.endpoint.product import product
from jaksim.errors import InputError
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale("three", (1, 2, 3), ("well", "ill", "dead"), higher_is_worse=True, absorbing=(3,))


def days_ill(horizon: int = 3) -> tuple[Automaton, tuple[Category, ...]]:
    return enumerate_automaton(
        SCALE,
        horizon,
        start=lambda score: 0,
        step=lambda memory, score, day: memory + (score == 2),
        category=lambda memory: Category(f"{memory} days", rank=memory, value=memory),
    )


def ever_ill(horizon: int = 3) -> tuple[Automaton, tuple[Category, ...]]:
    return enumerate_automaton(
        SCALE,
        horizon,
        start=lambda score: False,
        step=lambda memory, score, day: memory or score == 2,
        category=lambda memory: Category("ill" if memory else "never ill", rank=int(memory)),
    )


def test_tables_of_a_counting_automaton() -> None:
    automaton, categories = days_ill()
    assert (automaton.n_memory, automaton.n_states, automaton.n_categories) == (4, 3, 4)
    assert [category.value for category in categories] == [0, 1, 2, 3]
    assert automaton.start.tolist() == [0, 0, 0]
    assert automaton.step[0, 0].tolist() == [0, 1, 0]
    assert automaton.step[2, 2].tolist() == [2, 3, 2]
    assert automaton.final.tolist() == [0, 1, 2, 3]
    assert automaton.absorbing == (2,)
    assert automaton.step.dtype == automaton.start.dtype == automaton.final.dtype == np.int32


def test_memories_that_no_path_reaches_stay_as_they_are() -> None:
    automaton, _ = days_ill()
    assert automaton.step[0, 2].tolist() == [2, 2, 2]


def test_a_memory_held_only_after_death_is_not_followed_elsewhere() -> None:
    automaton, categories = enumerate_automaton(
        SCALE,
        4,
        start=lambda score: "alive",
        step=lambda memory, score, day: (
            f"dead, then {score}" if memory == "dead" else "dead" if score == 3 else "alive"
        ),
        category=lambda memory: Category(str(memory), rank=0),
    )
    assert [category.label for category in categories] == ["alive", "dead", "dead, then 3"]
    assert automaton.n_memory == 3


def test_memory_that_is_never_final_has_no_category() -> None:
    automaton, _ = enumerate_automaton(
        SCALE,
        2,
        start=lambda score: "waiting",
        step=lambda memory, score, day: score if day == 2 else memory,
        category=lambda memory: Category(str(memory), rank=0),
    )
    assert automaton.final.tolist().count(-1) == 1


def test_run_reads_paths_of_state_indices() -> None:
    automaton, _ = days_ill()
    assert automaton.run([[1, 1, 1, 1], [1, 0, 1, 0], [1, 0, 2, 2]]).tolist() == [3, 1, 0]


def test_a_missing_state_matters_only_while_the_memory_is_open() -> None:
    automaton, _ = ever_ill()
    assert automaton.run([[0, 1, -1, -1]]).tolist() == [1]
    with pytest.raises(InputError, match="patient number 2 has no score on day 3"):
        automaton.run([[0, 1, -1, -1], [0, 0, 0, -1]])


def test_product_holds_only_combinations_that_one_path_can_have() -> None:
    counted, _ = days_ill()
    ever, _ = ever_ill()
    joint = product(counted, ever)
    assert joint.part_sizes == (4, 2)
    assert sorted(map(tuple, joint.parts.T.tolist())) == [(0, 0), (1, 1), (2, 1), (3, 1)]


def test_product_reads_each_path_as_its_parts_do() -> None:
    parts = [days_ill()[0], ever_ill()[0], days_ill()[0]]
    joint = product(*parts)
    paths = np.array([[1, a, b, c] for a in range(3) for b in range(3) for c in range(3)])
    alive_until = np.cumsum(paths[:, 1:] == 2, axis=1)
    paths = paths[((alive_until == 0) | (paths[:, 1:] == 2)).all(axis=1)]
    read = joint.parts[:, joint.run(paths)]
    for part, categories in zip(parts, read, strict=True):
        assert categories.tolist() == part.run(paths).tolist()


def test_product_of_products_keeps_the_parts_in_order() -> None:
    counted, ever = days_ill()[0], ever_ill()[0]
    joint = product(product(counted, ever), counted)
    assert joint.part_sizes == (4, 2, 4)
    assert (joint.parts[0] == joint.parts[2]).all()


def test_product_of_one_automaton_is_itself() -> None:
    counted, _ = days_ill()
    assert product(counted) is counted
    assert counted.parts.tolist() == [[0, 1, 2, 3]]


def test_fewer_possible_moves_make_the_product_smaller() -> None:
    counted, ever = days_ill()[0], ever_ill()[0]
    no_relapse = np.array([[True, False, False], [True, True, True], [False, False, True]])
    joint = product(counted, ever, possible=no_relapse)
    P = np.tile([[1.0, 0.0, 0.0], [0.3, 0.6, 0.1], [0.0, 0.0, 1.0]], (3, 1, 1))
    assert joint.n_memory <= product(counted, ever).n_memory
    assert joint.marginal(joint.law(P, 1), 0) == pytest.approx(counted.law(P, 1), abs=1e-15)


def test_product_refuses_automata_over_different_paths() -> None:
    with pytest.raises(ValueError, match="share horizon"):
        product(days_ill(3)[0], days_ill(4)[0])
    with pytest.raises(ValueError, match="at least one"):
        product()
