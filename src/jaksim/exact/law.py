"""Exact law of a finite automaton that reads the daily path of a Markov chain.

Forward recursion over (memory, state): the probability of every memory after the last day, without Monte Carlo error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.arrays import Floats

Integers = NDArray[np.int32]

_ROW_SUM_TOLERANCE = 1e-9


@dataclass(frozen=True, eq=False)
class DayStep:
    """Where the probability of each open (memory, state) goes on one day.

    `targets` (open memories before * S,) counts first the `n_open` * S pairs open after the day, then `closed`, the
    memories that can no longer change.
    """

    targets: NDArray[np.int64]
    n_open: int
    closed: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Recursion:
    """The part of the forward recursion that does not depend on the probabilities: one `DayStep` for each day."""

    n_memory: int
    n_states: int
    days: tuple[DayStep, ...]


def settled_memories(step: Integers) -> NDArray[np.bool_]:
    """Whether a memory can no longer change after day d, whatever the path: bool (H+1, M) from `step` (H, M, S)."""
    horizon, n_memory, _ = step.shape
    own = np.arange(n_memory, dtype=step.dtype)[:, None]
    settled = np.ones((horizon + 1, n_memory), dtype=bool)
    for day in range(horizon, 0, -1):
        settled[day - 1] = settled[day] & (step[day - 1] == own).all(axis=1)
    return settled


def plan_recursion(step: Integers, start_memory: int, settled: NDArray[np.bool_] | None = None) -> Recursion:
    """Index tables of the recursion from `start_memory`, sparse over the memories it reaches, for any probabilities."""
    horizon, n_memory, n_states = step.shape
    settled = settled_memories(step) if settled is None else settled
    states = np.arange(n_states)
    before = np.array([start_memory])
    days = []
    for day in range(1, horizon + 1):
        memories, which = np.unique(step[day - 1, before], return_inverse=True)
        which = which.reshape(len(before), n_states)
        closing = settled[day, memories]
        n_open = int(np.count_nonzero(~closing))
        position = np.empty(len(memories), dtype=np.int64)
        position[~closing] = np.arange(n_open) * n_states
        position[closing] = n_open * n_states + np.arange(len(memories) - n_open)
        targets = position[which] + np.where(closing[which], 0, states)
        days.append(DayStep(targets.ravel(), n_open, memories[closing].astype(np.int64)))
        before = memories[~closing]
        if not n_open:
            break
    return Recursion(n_memory, n_states, tuple(days))


def run_recursion(recursion: Recursion, P: ArrayLike, start_index: int) -> Floats:
    """Law of the final memory (..., M) under daily transition matrices `P` (..., H, S, S) from state `start_index`.

    Leading axes of `P` are independent models evaluated together. Raises ValueError where `P` is not (..., H, S, S)
    with rows that sum to one.
    """
    probabilities = _checked(P, recursion)
    models = probabilities.shape[:-3]
    daily = probabilities.reshape((-1, *probabilities.shape[-3:]))
    n_models, n_states = len(daily), recursion.n_states
    law = np.zeros((n_models, recursion.n_memory))
    mass = np.zeros((n_models, 1, n_states))
    mass[:, 0, start_index] = 1.0
    row = np.arange(n_models)[:, None]
    for number, day in enumerate(recursion.days):
        n_pairs = day.n_open * n_states
        width = n_pairs + len(day.closed)
        arriving = np.matmul(mass, daily[:, number]).reshape(n_models, -1)
        pairs = (day.targets + width * row).ravel()
        summed: Floats = np.bincount(pairs, arriving.ravel(), n_models * width).astype(np.float64, copy=False)
        summed = summed.reshape(n_models, width)
        mass = summed[:, :n_pairs].reshape(n_models, day.n_open, n_states)
        law[:, day.closed] += summed[:, n_pairs:]
    law /= law.sum(axis=1, keepdims=True)
    return law.reshape((*models, recursion.n_memory))


def outcome_law(P: ArrayLike, start_index: int, start_memory: int, step: Integers, n_memory: int) -> Floats:
    """Probability of each final memory of an automaton, float64 (M,), sums to one within 1e-12.

    `P` (H, S, S) daily transition probabilities, `P[d-1]` from the end of day d-1 to the end of day d; `step` (H, M,
    S) the memory after day d given the memory before and the state at its end. Raises ValueError where the shapes do
    not agree.
    """
    if step.ndim != 3 or step.shape[1] != n_memory:
        raise ValueError(f"step must have shape (H, {n_memory}, S), got {step.shape}")
    return run_recursion(plan_recursion(step, start_memory), P, start_index)


def collapse(law: ArrayLike, groups: NDArray[np.integer], n_groups: int) -> Floats:
    """Sum the last axis of `law` (..., M) within `groups` (M,): (..., n_groups). A negative group is left out."""
    probabilities = np.asarray(law, dtype=np.float64)
    known = groups >= 0
    columns = probabilities.reshape(-1, probabilities.shape[-1])[:, known]
    index = groups[known] + n_groups * np.arange(len(columns))[:, None]
    summed = np.bincount(index.ravel(), weights=columns.ravel(), minlength=len(columns) * n_groups)
    return summed.reshape((*probabilities.shape[:-1], n_groups)).astype(np.float64, copy=False)


def mixture(laws: ArrayLike, weights: ArrayLike) -> Floats:
    """Law (K,) of a patient drawn from cells with `weights` (n,), relative to their sum, and laws (n, K).

    Raises ValueError for a negative weight, or weights that are all zero.
    """
    relative = np.asarray(weights, dtype=np.float64)
    if relative.ndim != 1 or (relative < 0).any() or not relative.sum() > 0:
        raise ValueError(f"mixture weights must be non-negative and not all zero, got {weights!r}")
    mixed: Floats = (relative / relative.sum()) @ np.asarray(laws, dtype=np.float64)
    return mixed


def _checked(P: ArrayLike, recursion: Recursion) -> Floats:
    probabilities = np.asarray(P, dtype=np.float64)
    n_days, states = len(recursion.days), recursion.n_states
    shape = probabilities.shape
    if len(shape) < 3 or shape[-2:] != (states, states) or shape[-3] < n_days:
        raise ValueError(f"P must have shape (..., H, {states}, {states}) with H at least {n_days}, got {shape}")
    excess = np.abs(probabilities.sum(axis=-1) - 1.0).max(initial=0.0)
    if not (excess < _ROW_SUM_TOLERANCE and probabilities.min(initial=0.0) > -_ROW_SUM_TOLERANCE):
        raise ValueError("every row of P must be a probability vector")
    return probabilities
