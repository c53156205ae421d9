"""Which engine draws the replicates of a trial."""

from __future__ import annotations

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import (
    ENGINES,
    MOST_MEMORIES,
    Engine,
    LawEngine,
    PathEngine,
    TransitionEngine,
    check_adjustable,
)
from jaksim.design.engine.individual import IndividualEngine
from jaksim.errors import InputError


def make_engine(cells: Cells, seed: int, name: str = "auto") -> Engine:
    """The engine of that name; "auto" takes the law engine unless the endpoints together have too many memories.

    Endpoints that count transitions have a law of their own, and none together with other endpoints. Patients who bring
    characteristics along are simulated each with her own, unless transitions are counted: then they are of the kinds
    that stand for all.
    """
    if name not in ENGINES:
        raise InputError("unknown engine", where="‹engine›", allowed=ENGINES, got=name)
    if name == "path":
        check_adjustable(cells, "the path engine counts patients by cell")
        return _path_engine(cells, seed)
    counting = [endpoint.transitions is not None for endpoint in cells.trial.endpoints]
    if all(counting):
        check_adjustable(cells, "transitions are counted by cell")
        return TransitionEngine(cells, seed)
    automaton = cells.joint_automaton(MOST_MEMORIES)
    if automaton is not None:
        return LawEngine(cells, seed, automaton)
    if name == "auto":
        check_adjustable(cells, "the endpoints together have too many memories for the law engine")
        return _path_engine(cells, seed)
    raise InputError(
        "longitudinal and other endpoints have no joint law"
        if any(counting)
        else "the endpoints together have too many memories for the law engine",
        where="‹engine›",
        allowed="path, or fewer endpoints",
    )


def _path_engine(cells: Cells, seed: int) -> Engine:
    trial = cells.trial
    counting = any(endpoint.transitions is not None for endpoint in trial.endpoints)
    if trial.population.characteristics is None or counting:
        return PathEngine(cells, seed)
    return IndividualEngine(cells, seed)
