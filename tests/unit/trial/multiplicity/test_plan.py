"""Procedures for several hypotheses: local levels of sets, consonance, descriptions, contradictions."""

import numpy as np
import pytest

from jaksim.analysis.normal_maximum import largest_beyond
from jaksim.design.analyses.multiple import reject_by_levels
from jaksim.errors import InputError
from jaksim.trial.multiplicity.dunnett import largest_tail
from jaksim.trial.multiplicity.graph import graph_weights, members
from jaksim.trial.multiplicity.plan import Multiplicity

FOUR = ("a", "b", "c", "d")
FAMILIES = (("a", "b"), ("c", "d"))


def closed(p, levels):
    """Reject what every set that holds it rejects: the closure principle, set by set."""
    inside = members(len(p))
    of_set = (p[None, :] <= levels) & inside
    return np.array([of_set[inside[:, i]].any(axis=1).all() for i in range(len(p))])


def random_graph(rng, m):
    weights, edges = rng.dirichlet(np.ones(m)), rng.dirichlet(np.ones(m), size=m)
    np.fill_diagonal(edges, 0.0)
    return weights, edges


def test_rejecting_step_by_step_is_closed_testing():
    rng = np.random.default_rng(11)
    rejected = 0
    for _ in range(40):
        levels = 0.3 * graph_weights(*random_graph(rng, 4))
        p = rng.beta(0.4, 2.0, size=(4, 5))
        mine = reject_by_levels(p, levels)
        np.testing.assert_array_equal(mine, np.array([closed(one, levels) for one in p.T]).T)
        rejected += int(mine.sum())
    assert 100 < rejected < 700


@pytest.mark.parametrize(
    ("plan", "p", "expected"),
    [
        (Multiplicity("fixed sequence", FOUR, 0.05), [0.05, 0.01, 0.06, 0.001], [1, 1, 0, 0]),
        (Multiplicity("fixed sequence", FOUR, 0.05), [0.06, 0.01, 0.01, 0.001], [0, 0, 0, 0]),
        (Multiplicity("serial gatekeeping", FOUR, 0.05, families=FAMILIES), [0.05, 0.02, 0.03, 0.02], [1, 1, 1, 1]),
        (Multiplicity("serial gatekeeping", FOUR, 0.05, families=FAMILIES), [0.06, 0.02, 0.001, 0.001], [0, 1, 0, 0]),
        (Multiplicity("parallel gatekeeping", FOUR, 0.05, families=FAMILIES), [0.06, 0.02, 0.012, 0.02], [0, 1, 1, 1]),
        (Multiplicity("parallel gatekeeping", FOUR, 0.05, families=FAMILIES), [0.03, 0.02, 0.013, 0.02], [0, 1, 0, 0]),
        (Multiplicity("bonferroni", FOUR, 0.04), [0.011, 0.01, 0.02, 0.001], [0, 1, 0, 1]),
    ],
)
def test_decisions_by_hand(plan, p, expected):
    assert reject_by_levels(np.array(p)[:, None], plan.local_levels())[:, 0].tolist() == [bool(x) for x in expected]


@pytest.mark.parametrize("sides", [1, 2])
def test_dunnett_tail_is_that_of_the_normal_maximum(sides):
    ratios = np.array([0.5, 1.0, 2.0])
    shared = np.sqrt(ratios / (1 + ratios))
    correlation = np.outer(shared, shared)
    np.fill_diagonal(correlation, 1.0)
    z = np.array([0.5, 2.0, 3.5, 5.0])
    expected = np.empty(4)
    largest_beyond(np.tile(correlation, (4, 1, 1)), z, sides == 2, expected)
    np.testing.assert_allclose(largest_tail(z, ratios, sides=sides), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"procedure": "bonferoni"}, "did you mean 'bonferroni'"),
        ({"alpha": 1.5}, "0 < alpha < 1"),
        ({"analyses": ("a",)}, "2 to 10"),
        ({"analyses": ("a", "a")}, "twice"),
        ({"procedure": "serial gatekeeping"}, "two or more"),
        ({"procedure": "serial gatekeeping", "families": (("a",), ("b",))}, "one family"),
        ({"procedure": "graphical"}, "nodes"),
        ({"procedure": "graphical", "weights": (0.9, 0.2), "analyses": ("a", "b")}, "sum to 1.1"),
        ({"procedure": "graphical", "weights": (0.9, 0.1), "transitions": ((0, 1.1), (1, 0))}, "recycled from 'a'"),
        ({"procedure": "graphical", "weights": (0.9, 0.1), "transitions": ((0.5, 0.5), (1, 0))}, "itself"),
    ],
)
def test_contradictions_are_refused(arguments, words):
    given = {"procedure": "holm", "analyses": ("a", "b") if "transitions" in arguments else FOUR, "alpha": 0.05}
    given.update(arguments)
    if "weights" in given and "transitions" not in given:
        given["transitions"] = ((0.0, 1.0), (1.0, 0.0))
    with pytest.raises(InputError, match=words):
        Multiplicity(**given)


def test_describe_names_the_analyses_and_the_graph():
    graph = Multiplicity("graphical", ("a", "b"), 0.05, weights=(0.8, 0.2), transitions=((0, 1), (0.5, 0)))
    text = " ".join(graph.describe())
    assert "a to b 1" in text
    assert "b to a 0.5" in text
    assert "a, then b" in Multiplicity("fixed sequence", ("a", "b"), 0.05).describe()[0]
