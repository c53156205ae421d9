"""The plan of the path door for a trial whose patients have characteristics of their own."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from jaksim.arrays import Floats
from jaksim.design.engine.cells import Cells
from jaksim.design.engine.reading_together import read_together
from jaksim.design.individual.terms import Terms, empty_grouping
from jaksim.design.quadrature.axes import counts_from_onset
from jaksim.errors import InputError
from jaksim.model.covariate_shape import Shape
from jaksim.model.disease import PatientType
from jaksim.simulate.individual.curves import Brought, Curve
from jaksim.simulate.individual.group_tables import GroupedProcess
from jaksim.simulate.individual.plan import IndividualPlan, Kind, compile_individuals
from jaksim.simulate.reached import states_reached
from jaksim.trial import Stratum, Trial
from jaksim.trial.characteristics.characteristics import ONSET, Characteristics

_STEPS, _LINE, _SPLINE = 0, 1, 4


@dataclass(frozen=True, eq=False)
class Individuals:
    """The plan, and who the patients are: `kinds` gives the patient of each of its processes, without what is drawn,
    which has these `names`."""

    plan: IndividualPlan
    names: tuple[str, ...]
    kinds: tuple[PatientType, ...]


def plan_of(cells: Cells) -> Individuals:
    """Prepare the patients of a trial, each with characteristics of her own."""
    trial, law = cells.trial, cells.trial.population.characteristics
    names = () if law is None else law.names
    terms = Terms(trial, names)
    onsets = () if law is None else _onsets(trial, law)
    processes: list[GroupedProcess] = []
    known: dict[Hashable, tuple[int, ...]] = {}
    kinds: list[PatientType] = []
    of_cells: list[list[Kind]] = []
    coefficients: list[Floats] = []
    for arm in cells.arms:
        grouping = empty_grouping(len(terms.terms))
        first = len(processes)
        for stratum in trial.population.strata:
            of_cells.append([])
            for share, patient in without_drawn(stratum, names):
                key = (arm.name, patient.key)
                if key not in known:
                    made = [terms.process(arm, _after(patient, onset), grouping) for onset in onsets or (None,)]
                    known[key] = tuple(range(len(processes), len(processes) + len(made)))
                    processes += made
                    kinds += [patient] * len(made)
                for part, start in trial.states.starts(arm.name, trial.scale.index(patient.baseline_score)):
                    of_cells[-1].append(Kind(share * part, start, known[key]))
        processes[first:] = [_with_groups(one, len(grouping.rows)) for one in processes[first:]]
        coefficients += [grouping.coefficients] * cells.n_strata
    plan = compile_individuals(
        processes,
        of_cells,
        coefficients,
        read_together([endpoint.automaton for endpoint in trial.endpoints], states_reached(processes)),
        trial.horizon,
        _brought(law, cells.n_strata, terms),
        n_strata=cells.n_strata,
        onset=names.index(ONSET) if onsets else -1,
        onset_values=onsets,
    )
    return Individuals(plan, names, tuple(kinds))


def without_drawn(stratum: Stratum, drawn: Sequence[str]) -> list[tuple[float, PatientType]]:
    """The kinds of patients in a stratum, with their shares, leaving out what each patient draws from the law."""
    shares: dict[Hashable, float] = {}
    patients: dict[Hashable, PatientType] = {}
    for share, patient in stratum.patients:
        kept = {name: value for name, value in patient.covariates.items() if name not in drawn}
        onset = None if ONSET in drawn else patient.days_since_onset
        found = PatientType(patient.baseline_score, kept, onset)
        shares[found.key] = shares.get(found.key, 0.0) + share
        patients.setdefault(found.key, found)
    total = sum(shares.values())
    return [(share / total, patients[key]) for key, share in shares.items() if share > 0.0]


def _onsets(trial: Trial, law: Characteristics) -> tuple[int, ...]:
    """The days from onset that patients may have, if anything is counted from it."""
    if ONSET not in law.names or not counts_from_onset(trial):
        return ()
    item = law.items[law.names.index(ONSET)]
    values = {float(value) for marginal in item.marginals for value in getattr(marginal, "values", ())}
    if not values or any(value != round(value) or value < 0.0 for value in values):
        raise InputError("windows count whole days from the onset", where=f"population.characteristic {ONSET!r}")
    return tuple(sorted(int(value) for value in values))


def _after(patient: PatientType, onset: int | None) -> PatientType:
    return patient if onset is None else PatientType(patient.baseline_score, patient.covariates, float(onset))


def _with_groups(process: GroupedProcess, n_groups: int) -> GroupedProcess:
    """The same with so many groups, of which the last have no moves."""
    more = n_groups - len(process.by_group)
    if not more:
        return process
    nothing = np.zeros((more, *process.by_group.shape[1:]))
    return GroupedProcess(process.breaks, np.concatenate([process.by_group, nothing]))


def _brought(law: Characteristics | None, n_strata: int, terms: Terms) -> Brought:
    if law is None:
        return Brought(np.zeros((0, 0)), curves=((),) * n_strata)
    curves = tuple(tuple(item.marginal(number).kernel() for item in law.items) for number in range(n_strata))
    return Brought(
        cholesky=law.cholesky,
        allowed=law.allowed,
        latents=tuple(item.latent for item in law.items),
        shared=tuple(
            max((item.shared for item in law.items if item.latent == latent), default=0)
            for latent in range(law.n_latents)
        ),
        curves=curves,
        terms=tuple((law.names.index(name), curve_of(shape)) for name, shape in terms.terms),
    )


def curve_of(shape: Shape) -> Curve:
    """A shape as a function of the kernel."""
    if shape.kind == "linear":
        return _LINE, np.array([-shape.centre / shape.per, 1.0 / shape.per])
    if shape.kind == "category":
        return _STEPS, np.array([len(shape.values), *shape.cuts, *shape.values], dtype=np.float64)
    start, coefficients = shape.pieces
    return _SPLINE, np.concatenate([[len(start)], start, coefficients.ravel()])
