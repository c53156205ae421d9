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
from jaksim.design.engine.kinds_of_patients import adjusted_endpoints, needs_patients
from jaksim.errors import InputError
from jaksim.trial import Trial


def make_engine(cells: Cells, seed: int, name: str = "auto") -> Engine:
    """The engine of that name; "auto" takes the law engine unless the endpoints together have too many memories.

    Endpoints that count transitions have a law of their own, and none together with other endpoints. Patients who bring
    characteristics along are simulated each with her own, unless transitions are counted: then they are of the kinds
    that stand for all. Where an analysis adjusts, patients are told apart: by the law engine by their kinds, by the
    path engine one by one, which alone has those who draw what is adjusted for.
    """
    if name not in ENGINES:
        raise InputError("unknown engine", where="‹engine›", allowed=ENGINES, got=name)
    counting = [endpoint.transitions is not None for endpoint in cells.trial.endpoints]
    if shared_by_sites(cells.trial) and (name == "law" or any(counting)):
        raise InputError(
            "patients of a site share a factor of their intensities, so that they have no law each",
            where="population.frailty",
            allowed='‹engine=path› or ‹engine=auto› without daily scores as an endpoint, or level = "patient"',
        )
    if name == "path" or shared_by_sites(cells.trial):
        return _path_engine(cells, seed)
    if needs_patients(cells.trial):
        if name == "auto":
            return _path_engine(cells, seed)
        raise InputError(
            "an analysis adjusts for what every patient draws from a continuous law",
            where="‹engine›",
            allowed="path or auto",
            got=name,
        )
    if all(counting):
        check_adjustable(cells, "transitions are counted by cell")
        return TransitionEngine(cells, seed)
    automaton = cells.joint_automaton(MOST_MEMORIES)
    if automaton is not None:
        return LawEngine(cells, seed, automaton)
    if name == "auto":
        return _path_engine(cells, seed)
    raise InputError(
        "longitudinal and other endpoints have no joint law"
        if any(counting)
        else "the endpoints together have too many memories for the law engine",
        where="‹engine›",
        allowed="path, or fewer endpoints",
    )


def shared_by_sites(trial: Trial) -> bool:
    """Whether patients of a site have anything in common."""
    law = trial.population.characteristics
    return law is not None and bool(law.shared)


def _path_engine(cells: Cells, seed: int) -> Engine:
    trial = cells.trial
    counting = any(endpoint.transitions is not None for endpoint in trial.endpoints)
    if counting:
        check_adjustable(cells, "transitions are counted by cell")
        return PathEngine(cells, seed)
    if trial.population.characteristics is None and not adjusted_endpoints(trial):
        return PathEngine(cells, seed)
    return IndividualEngine(cells, seed)
