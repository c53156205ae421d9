import numpy as np
import pytest

from jaksim.exact.law import collapse, mixture, outcome_law, plan_recursion, run_recursion, settled_memories

HORIZON = 28


def first_visit_step(horizon: int, target: int, n_states: int) -> np.ndarray:
    """Memory 0 = not yet, memory d = first visit on day d."""
    step = np.tile(np.arange(horizon + 1, dtype=np.int32)[:, None], (horizon, 1, n_states))
    step[np.arange(horizon), 0, target] = np.arange(1, horizon + 1)
    return step


def leaving_each_day_with(probability: float) -> np.ndarray:
    return np.tile([[1.0 - probability, probability], [0.0, 1.0]], (HORIZON, 1, 1))


def test_first_visit_of_an_absorbing_state_is_geometric() -> None:
    law = outcome_law(leaving_each_day_with(0.2), 0, 0, first_visit_step(HORIZON, 1, 2), HORIZON + 1)
    days = np.arange(1, HORIZON + 1)
    assert law[0] == pytest.approx(0.8**HORIZON, rel=1e-12)
    assert law[1:] == pytest.approx(0.2 * 0.8 ** (days - 1), rel=1e-12)
    assert abs(law.sum() - 1.0) < 1e-12


def test_visits_counted_in_a_parity_memory_follow_the_eigenvalue_form() -> None:
    # s_d independent, in state 1 with probability p: P(odd number of visits) = (1 - (1 - 2p)^H) / 2
    p = 0.3
    P = np.tile([1.0 - p, p], (HORIZON, 2, 1))
    step = np.tile(np.array([[0, 1], [1, 0]], dtype=np.int32), (HORIZON, 1, 1))
    law = outcome_law(P, 0, 0, step, 2)
    assert law[1] == pytest.approx((1.0 - (1.0 - 2.0 * p) ** HORIZON) / 2.0, rel=1e-12)


def test_models_evaluated_together_equal_each_alone() -> None:
    rng = np.random.default_rng(4)
    step = first_visit_step(HORIZON, 2, 3)
    P = rng.dirichlet(np.ones(3), (2, 5, HORIZON, 3))
    recursion = plan_recursion(step, 0)
    together = run_recursion(recursion, P, 1)
    assert together.shape == (2, 5, HORIZON + 1)
    for place in np.ndindex(2, 5):
        assert together[place] == pytest.approx(run_recursion(recursion, P[place], 1), abs=1e-15)


def test_recursion_follows_only_memories_that_can_still_change() -> None:
    recursion = plan_recursion(first_visit_step(HORIZON, 1, 2), 0)
    assert [day.n_open for day in recursion.days] == [1] * (HORIZON - 1) + [0]


def test_recursion_stops_once_everything_is_settled() -> None:
    step = first_visit_step(HORIZON, 1, 2)
    step[5:] = np.arange(HORIZON + 1)[:, None]
    recursion = plan_recursion(step, 0)
    assert len(recursion.days) == 5
    assert run_recursion(recursion, leaving_each_day_with(0.5), 0)[0] == pytest.approx(0.5**5)


def test_settled_memories_of_a_first_visit() -> None:
    settled = settled_memories(first_visit_step(3, 1, 2))
    assert settled.tolist() == [[False, True, True, True]] * 3 + [[True] * 4]


def test_a_start_that_is_already_settled_keeps_its_memory() -> None:
    law = outcome_law(leaving_each_day_with(0.4), 1, 3, first_visit_step(HORIZON, 1, 2), HORIZON + 1)
    assert law[3] == 1.0


@pytest.mark.parametrize(
    "P",
    [
        np.full((HORIZON, 2, 2), 0.4),
        np.tile([[1.2, -0.2], [0.0, 1.0]], (HORIZON, 1, 1)),
        np.full((HORIZON, 2, 2), np.nan),
        leaving_each_day_with(0.2)[:-1],
        np.eye(3)[None].repeat(HORIZON, axis=0),
        np.eye(2),
    ],
    ids=["rows below one", "negative", "not a number", "too few days", "too many states", "no days"],
)
def test_probabilities_that_cannot_be_are_refused(P: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"P must have shape|probability vector"):
        outcome_law(P, 0, 0, first_visit_step(HORIZON, 1, 2), HORIZON + 1)


def test_step_and_number_of_memories_must_agree() -> None:
    with pytest.raises(ValueError, match="step must have shape"):
        outcome_law(leaving_each_day_with(0.2), 0, 0, first_visit_step(HORIZON, 1, 2), 5)


def test_collapse_sums_groups_and_leaves_out_negative_ones() -> None:
    law = np.array([[0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]])
    assert collapse(law, np.array([2, -1, 0, 2]), 3) == pytest.approx(np.array([[0.3, 0.0, 0.5], [0.2, 0.0, 0.5]]))


def test_mixture_weights_are_relative() -> None:
    assert mixture([[1.0, 0.0], [0.2, 0.8]], [1.0, 3.0]) == pytest.approx([0.4, 0.6])


@pytest.mark.parametrize("weights", [[-1.0, 2.0], [0.0, 0.0], [np.nan, 1.0]])
def test_mixture_refuses_weights_that_are_none(weights: list[float]) -> None:
    with pytest.raises(ValueError, match="mixture weights"):
        mixture([[1.0, 0.0], [0.2, 0.8]], weights)
