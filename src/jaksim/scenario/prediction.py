"""The `[prediction]` table: how much a treatment's benefit differs between trials."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from jaksim.checks import known
from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.options import target_scores
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.model.moves import KINDS
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale
from jaksim.scenario.arms_and_analyses import since_randomisation
from jaksim.scenario.section import elements, join, located, read_section
from jaksim.trial.between_trials import MEASURES, BetweenTrials, KindSpread

POOLED: Final = "pooled"
WHERE: Final = "prediction.between_trial_sd"
_PUBLISHED: Final = "prediction.published"
_ALLOWED: Final = f'a number, "{POOLED}", or a table with {", ".join(KINDS)}'
_ALLOWED_OF_KIND: Final = f'a number, or a table with sd; "{POOLED}" in place of the whole table, for all kinds'
_FAMILY_OF: Final = {"odds_ratio": "event_by_day", "risk_ratio": "event_by_day", "hazard_ratio": "time_to_event"}


class PredictionReader:
    """Reads the table for a trial with these endpoints, on this scale, followed so long."""

    def __init__(
        self,
        endpoints: tuple[Endpoint, ...],
        scale: OrdinalScale,
        states: PatientStates,
        horizon: int,
        day_of_randomisation: int,
    ) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._scale, self._states = scale, states
        self._horizon, self._first_day = horizon, day_of_randomisation

    def read(self, table: Mapping[str, Any]) -> BetweenTrials:
        """How much benefits differ between trials; `InputError` for what does not go together."""
        values = read_section(table, "prediction", "prediction")
        given, correlation = values["between_trial_sd"], values["between_trial_correlation"]
        published = tuple(self._published(one, where) for where, one in elements(values["published"], _PUBLISHED))
        source = "; ".join(filter(None, (values["source"], values["assumption"])))
        if given == POOLED:
            return BetweenTrials({}, correlation, pooled=True, source=source, published=published)
        if isinstance(given, Mapping):
            for kind in given:
                known(kind, KINDS, "kind of effect", WHERE)
            kinds = {kind: self._spread(value, join(WHERE, kind)) for kind, value in given.items()}
            source = "; ".join(filter(None, (source, *_sources(kinds))))
            return BetweenTrials(kinds, correlation, source=source, published=published)
        kinds = dict.fromkeys(KINDS, of_number(given, WHERE))
        return BetweenTrials(kinds, correlation, source=source, published=published)

    def _published(self, table: Mapping[str, Any], where: str) -> KindSpread:
        values = read_section(table, _PUBLISHED, where)
        if not values["endpoint"] and values["set"] is None:
            raise InputError("no outcome is named", where=where, allowed="endpoint or set")
        return KindSpread(values["sd"], **self._cited(values, where), source=values["source"])

    def _spread(self, value: object, where: str) -> KindSpread:
        if not isinstance(value, Mapping):
            return of_number(value, where)
        values = read_section(value, "prediction.between_trial_sd", where)
        words = {"source": values["source"], "assumption": values["assumption"]}
        return KindSpread(values["sd"], **self._cited(values, where), **words)

    def _cited(self, values: Mapping[str, Any], where: str) -> dict[str, Any]:
        """The endpoint that is cited, its measure, and the scores at randomisation of patients left out."""
        name, scores, measure = values["endpoint"], values["set"], values["measure"]
        if not name and scores is None:
            for key in ("measure", "day"):
                if values[key] is not None:
                    raise InputError("is that of an endpoint, and none is named", where=join(where, key),
                                     allowed="with endpoint or set", got=values[key])  # fmt: skip
            return {}
        if name and scores is not None:
            raise InputError("the endpoint is named twice", where=where, allowed="endpoint or set")
        if name:
            known(name, self._endpoints, "endpoint", join(where, "endpoint"))
            endpoint = self._endpoints[name]
            return {"endpoint": endpoint, "measure": _measure_of(endpoint, measure, where)}
        family = _FAMILY_OF[measure or "odds_ratio"]
        day = self._horizon
        if values["day"] is not None:
            day = since_randomisation(values["day"], self._horizon, self._first_day, join(where, "day"))
        names = [scores] if isinstance(scores, str) else scores
        spec = {"name": f"{' or '.join(names)} by day {day}", "kind": family, "set": names, "day": day}
        with located(where):
            endpoint = build_endpoint(spec, self._scale, self._horizon, self._states)
            reached = target_scores(self._scale, names).scores
        return {"endpoint": endpoint, "measure": measure or "odds_ratio", "left_out": reached}


def _sources(kinds: Mapping[str, KindSpread]) -> list[str]:
    """Where the standard deviation of each kind comes from, kinds with the same words together."""
    said: dict[str, list[str]] = {}
    for kind, one in kinds.items():
        words = "; ".join(filter(None, (one.source, one.assumption)))
        if words:
            said.setdefault(words, []).append(kind)
    return [f"{' and '.join(names)}: {words}" for words, names in said.items()]


def of_number(value: object, where: str) -> KindSpread:
    """A standard deviation of the log hazard ratio of one kind of effect."""
    with located(where):
        if isinstance(value, bool) or not isinstance(value, int | float):
            allowed = _ALLOWED if where == WHERE else _ALLOWED_OF_KIND
            raise InputError("wrong kind of value", allowed=allowed, got=value)
        return KindSpread(float(value))


def _measure_of(endpoint: Endpoint, measure: str | None, where: str) -> str:
    if endpoint.kind not in MEASURES:
        raise InputError(
            f"no ratio is known of an endpoint of kind {endpoint.kind!r}",
            where=join(where, "endpoint"),
            allowed=f"endpoints of kind {', '.join(MEASURES)}",
            got=endpoint.name,
        )
    allowed = MEASURES[endpoint.kind]
    if measure is not None and measure not in allowed:
        raise InputError(
            f"is not that of an endpoint of kind {endpoint.kind!r}",
            where=join(where, "measure"),
            allowed=allowed,
            got=measure,
        )
    return measure or allowed[0]
