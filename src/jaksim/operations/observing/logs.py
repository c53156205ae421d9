"""What is observed of trials that were conducted event by event, from their logs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from jaksim.arrays import Floats
from jaksim.operations.costing import ITEMS, MONTH
from jaksim.operations.events.log import TrialLog
from jaksim.operations.observing.observed import Observed, named
from jaksim.operations.state_groups import groups_of_states
from jaksim.trial import Trial
from jaksim.trial.operations.operations import Operations


def observe_logs(trial: Trial, operations: Operations, logs: Sequence[TrialLog], analyses: int) -> Observed:
    """Numbers and curves of replicates, one log each, of a trial with so many analyses."""
    numbers = {
        **_enrolment(operations, logs),
        **_screening(operations, logs),
        **_sites(operations, logs),
        **_analyses(logs, analyses, events=_has_events(trial)),
        **_data(operations, logs),
        **_supply(operations, logs),
        **_wards(trial, logs),
        **_cost(operations, logs),
    }
    return Observed(numbers, _curves(trial, operations, logs))


def full_days(trial: Trial, logs: Sequence[TrialLog]) -> Floats:
    """Day (R,) on which each trial is full, NaN where it never is."""
    planned = trial.population.patients
    return np.array([float(log.last_patient_in) if log.enrolled >= planned else np.nan for log in logs])


def recruited(logs: Sequence[TrialLog]) -> NDArray[np.float32]:
    """Patients randomised by the end of each day (R, D)."""
    return _stacked([log.enrolled_by_day for log in logs])


def _each(logs: Sequence[TrialLog], value: Callable[[TrialLog], float]) -> Floats:
    return np.array([float(value(log)) for log in logs])


def _day(day: float) -> float:
    return float(day) if day >= 0 else np.nan


def _enrolment(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    found = {
        "randomised": _each(logs, lambda log: log.enrolled),
        "last_patient_day": _each(logs, lambda log: _day(log.last_patient_in)),
    }
    countries = operations.recruitment.countries
    if len(countries) > 1:
        of_site = np.array(operations.recruitment.country_of)
        by_country = np.array([np.bincount(of_site[log.patients.site], minlength=len(countries)) for log in logs])
        for c, country in enumerate(countries):
            found[named("randomised_in", country.name)] = by_country[:, c].astype(np.float64)
    return found


def _screening(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    reasons = operations.screening.reasons
    screened = _each(logs, lambda log: log.screened.sum())
    randomised = _each(logs, lambda log: log.enrolled)
    found = {"screened": screened, "failed": _each(logs, lambda log: log.fates["failed screening"])}
    for k, reason in enumerate(reasons):
        found[named("failed_for", reason.name)] = np.array([float(log.failed[k]) for log in logs])
    if reasons:
        found["screened_again"] = _each(logs, lambda log: log.screened_again)
    found["too_late"] = _each(logs, lambda log: log.fates["recruitment over"])
    found["not_taken"] = _each(
        logs, lambda log: log.fates["site or country at its cap"] + log.fates["recruitment paused"]
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        found["screened_per_patient"] = np.where(randomised > 0, screened / randomised, np.nan)
    return found


def _sites(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    def opened(log: TrialLog) -> NDArray[np.bool_]:
        return np.asarray(log.opened <= min(log.recruitment_ended, operations.recruitment.until))

    found = {
        "sites_opened": _each(logs, lambda log: opened(log).sum()),
        "sites_without_patient": _each(logs, lambda log: log.sites_without_patient),
        "most_at_a_site": _each(logs, lambda log: np.bincount(log.patients.site, minlength=1).max()),
    }
    if operations.recruitment.capped:
        closes = operations.recruitment.closing
        found["sites_full"] = _each(logs, lambda log: (opened(log) & (log.closed < closes)).sum())
    found["site_months"] = _each(logs, lambda log: _site_days(operations, log, opened(log)) / MONTH)
    return found


def _site_days(operations: Operations, log: TrialLog, opened: NDArray[np.bool_]) -> float:
    patients, visits = log.patients, np.array(operations.data_flow.visits, dtype=np.int64)
    last = patients.day + np.minimum(patients.left, patients.states.shape[1] - 1)
    if len(visits):
        made = (visits < patients.left[:, None]).sum(axis=1)
        last = patients.day + np.where(made > 0, visits[np.maximum(made - 1, 0)], 0)
    ends = np.minimum(log.closed, log.recruitment_ended)
    np.maximum.at(ends, patients.site, last.astype(np.float64))
    return float(np.maximum(ends - log.opened, 0.0)[opened].sum())


def _has_events(trial: Trial) -> bool:
    from jaksim.endpoint.kinds import kind_of

    name = trial.analyses[0].name if trial.monitoring is None else trial.monitoring.analysis
    plan = next(one for one in trial.analyses if one.name == name)
    return kind_of(trial.endpoint(plan.endpoint)).has_event


def _analyses(logs: Sequence[TrialLog], analyses: int, *, events: bool) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for k in range(analyses):
        here = [log.analyses[k] if k < len(log.analyses) else None for log in logs]
        kinds = {
            "analysis_day": "day",
            "enrolled_at_cut": "enrolled",
            "complete_at_cut": "complete",
            **({"events_at_cut": "events"} if events else {}),
            "decision_day": "decision",
            "enrolled_at_decision": "enrolled_at_decision",
            "overrun": "overrun",
        }
        for kind, name in kinds.items():
            found[named(kind, str(k + 1))] = np.array(
                [np.nan if one is None else float(getattr(one, name)) for one in here]
            )
    return found


def _data(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    found = {
        "last_visit_day": _each(logs, lambda log: _day(log.last_visit)),
        "lock_day": _each(logs, lambda log: log.locked),
    }
    flow = operations.data_flow
    if flow.visits:
        found["visits"] = _each(logs, lambda log: log.visits)
        if flow.queried > 0.0:
            found["visits_queried"] = _each(logs, lambda log: log.queries)
        if flow.verified > 0.0:
            found["visits_verified"] = _each(logs, lambda log: log.verified)
    found["monitoring_visits"] = _each(logs, lambda log: log.monitoring_visits)
    return found


def _supply(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    supply = operations.supply
    if supply is None:
        return {}
    found: dict[str, Floats] = {}
    for p, product in enumerate(supply.products):
        drugs = [log.drug for log in logs if log.drug is not None]
        kinds = {
            "kits_made": [one.made[p] for one in drugs],
            "kits_used": [one.used[p] for one in drugs],
            "kits_expired": [one.expired[p] for one in drugs],
            "kits_left": [one.at_depot[p] + one.at_sites[p] + one.in_transit[p] for one in drugs],
            "kits_drawn": [one.made[p] - one.at_depot[p] for one in drugs],
            "missed_elsewhere": [one.missed[0][p] for one in drugs],
            "missed_nowhere": [one.missed[1][p] for one in drugs],
        }
        for kind, values in kinds.items():
            found[named(kind, product.name)] = np.array(values, dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn, used = (found[named(kind, product.name)] for kind in ("kits_drawn", "kits_used"))
            found[named("overage", product.name)] = np.where(used > 0.0, drawn / used, np.nan)
    if supply.without_kit == "turned away":
        found["turned_away_elsewhere"] = _each(logs, lambda log: log.fates["no kit at the site, but elsewhere"])
        found["turned_away_nowhere"] = _each(logs, lambda log: log.fates["no kit anywhere"])
    found["missed_by_patients"] = _each(logs, lambda log: log.patients.missed.sum())
    found["shipments"] = _each(logs, lambda log: 0 if log.drug is None else log.drug.shipments)
    return found


def _wards(trial: Trial, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, mine in groups_of_states(trial).items():
        if not name:
            continue
        each = [log.in_state[:, mine].sum(axis=1).max(initial=0) for log in logs]
        found[named("most_in", name)] = np.array(each, dtype=np.float64)
    for w, ward in enumerate(logs[0].wards):
        kinds = {
            "ward_needed": "needed",
            "ward_got": "got",
            "ward_refused": "turned_away",
            "ward_most": "most_taken",
            "ward_others": "others",
            "ward_others_refused": "others_turned_away",
        }
        for kind, name in kinds.items():
            found[named(kind, ward.name)] = np.array([float(getattr(log.wards[w], name)) for log in logs])
    return found


def _cost(operations: Operations, logs: Sequence[TrialLog]) -> dict[str, Floats]:
    if not operations.costs.any:
        return {}
    names = [name for name in ITEMS if any(name in log.costs for log in logs) or getattr(operations.costs, name) > 0.0]
    items = {named("cost_of", ITEMS[name]): np.array([log.costs.get(name, 0.0) for log in logs]) for name in names}
    return {"cost": np.sum(list(items.values()), axis=0), **items}


def _curves(trial: Trial, operations: Operations, logs: Sequence[TrialLog]) -> dict[str, NDArray[np.float32]]:
    days = max(len(log.enrolled_by_day) for log in logs)
    screened = np.stack([np.searchsorted(np.sort(log.screened_times), np.arange(1, days + 1)) for log in logs])
    found = {
        "randomised": recruited(logs),
        "screened": screened.astype(np.float32),
        "sites_recruiting": _stacked([_recruiting(operations, log) for log in logs], after=0.0),
    }
    for name, mine in groups_of_states(trial).items():
        kind = named("in_states", name) if name else "in_follow_up"
        found[kind] = _stacked([log.in_state[:, mine].sum(axis=1) for log in logs], after=0.0)
    for w, ward in enumerate(logs[0].wards):
        found[named("ward_taken", ward.name)] = _stacked([log.wards[w].taken_by_day for log in logs])
    return found


def _recruiting(operations: Operations, log: TrialLog) -> NDArray[np.integer]:
    """Sites that recruit on each day (D,)."""
    ends = np.minimum(np.minimum(log.closed, log.recruitment_ended), operations.recruitment.until + 1.0)
    ends = np.ceil(np.minimum(ends, operations.recruitment.closing))
    days = np.arange(len(log.enrolled_by_day))
    return np.asarray(((log.opened[:, None] <= days) & (days < ends[:, None])).sum(axis=0))


def _stacked(rows: Sequence[NDArray[np.integer]], after: float | None = None) -> NDArray[np.float32]:
    """Rows (R, D) as long as the longest and one day more, those that are shorter going on with their last value or
    with the one given."""
    days = max(len(row) for row in rows) + 1
    found = np.empty((len(rows), days), dtype=np.float32)
    for r, row in enumerate(rows):
        found[r, : len(row)] = row
        found[r, len(row) :] = (row[-1] if len(row) else 0) if after is None else after
    return found
