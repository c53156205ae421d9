import numpy as np
import pytest

from jaksim.endpoint.automaton import Category, enumerate_automaton
from jaksim.model.intensity import IntensityTable
from jaksim.scale import niaid_8

HORIZON = 28
MOVES = {
    (4, 1): 0.10,
    (4, 2): 0.03,
    (4, 3): 0.02,
    (5, 4): 0.25,
    (5, 2): 0.02,
    (6, 5): 0.10,
    (7, 6): 0.07,
    (2, 1): 0.05,
    (4, 5): 0.05,
    (5, 6): 0.05,
    (5, 7): 0.02,
    (6, 7): 0.07,
    (5, 8): 0.004,
    (6, 8): 0.01,
    (7, 8): 0.025,
}


def disease(factor=1.0, breaks=(0.0, 3.0, 7.0, 14.0, 20.5)):
    """Intensities in which the moves rise and fall from piece to piece, some of them to nothing."""
    pieces = len(breaks)
    pattern = np.resize([0.6, 1.0, 1.7, 0.0, 0.8], pieces)
    generators = np.zeros((pieces, 8, 8))
    for (origin, end), rate in MOVES.items():
        shape = pattern if end < origin else np.resize([1.5, 0.5], pieces)
        generators[:, origin - 1, end - 1] = factor * rate * shape
    generators -= np.eye(8) * generators.sum(axis=2, keepdims=True)
    return IntensityTable(np.array(breaks), generators)


def first_day_in(states, horizon=HORIZON):
    """Automaton of the first day with one of the scores, in a form that any scale and horizon can check by eye."""
    return enumerate_automaton(
        niaid_8(),
        horizon,
        lambda score: 0,
        lambda memory, score, day: day if memory == 0 and score in states else memory,
        lambda memory: Category(str(memory), time=float(memory or horizon), status=int(memory > 0)),
    )[0]


def days_in(states, horizon=HORIZON):
    """Automaton that counts days, so that its memory changes on every one of them."""
    return enumerate_automaton(
        niaid_8(),
        horizon,
        lambda score: 0,
        lambda memory, score, day: memory + (score in states),
        lambda memory: Category(str(memory), value=float(memory)),
    )[0]


def score_on(day, horizon=HORIZON):
    return enumerate_automaton(
        niaid_8(),
        horizon,
        lambda score: 0,
        lambda memory, score, today: score if today == day else memory,
        lambda memory: Category(str(memory), rank=memory),
    )[0]


@pytest.fixture(scope="session", name="disease")
def _disease():
    return disease


@pytest.fixture(scope="session", name="first_day_in")
def _first_day_in():
    return first_day_in


@pytest.fixture(scope="session", name="days_in")
def _days_in():
    return days_in


@pytest.fixture(scope="session")
def automata():
    return [first_day_in((1, 2, 3)), days_in((6, 7)), score_on(14)]


@pytest.fixture(scope="session")
def processes():
    """Intensity tables and baseline state indices of four very different cells."""
    tables = [disease(), disease(2.0, (0.0, 0.3, 5.5)), disease(0.5, (0.0,)), disease(25.0, (0.0, 1.0, 27.9))]
    return tables, [4, 5, 3, 6]
