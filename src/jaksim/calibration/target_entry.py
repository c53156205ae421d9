"""One `[[target]]` of a study file: the published figure and the statistic of the model that answers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from jaksim.calibration.keys import STUDY_KEYS
from jaksim.calibration.levels import scores_by_rank
from jaksim.calibration.statistic import CONTRASTS, STATISTIC_KINDS, TRANSITION_RATIO, Statistic
from jaksim.calibration.target import (
    CountTarget,
    MedianTarget,
    NormalTarget,
    RatioTarget,
    Role,
    TableTarget,
    Target,
)
from jaksim.checks import items, not_negative, table, text
from jaksim.datafile import check_table
from jaksim.endpoint.endpoint import Endpoint
from jaksim.errors import InputError
from jaksim.evidence.figures import Difference, Figure, Mean, Median, Proportion, Ratio, ScoreCounts
from jaksim.evidence.records import Study
from jaksim.model.moves import parse

POINTS = 100.0


@dataclass(frozen=True)
class TargetReader:
    """What the entries may refer to: `patients` is the number of patients by arm and stratum."""

    evidence: Study
    endpoints: Mapping[str, Endpoint]
    patients: Mapping[str, Mapping[str, float]]
    strata: Collection[str]

    def read(self, entry: Mapping[str, Any], where: str) -> tuple[Target, Statistic]:
        """The target of one entry and its statistic; InputError naming the key at fault."""
        check_table(entry, STUDY_KEYS["target"], where=where)
        try:
            statistic = self._statistic(entry)
            statistic.check(self.endpoints[statistic.endpoint])
            target = self._target(entry, statistic)
        except InputError as error:
            raise error.at(where) from None
        if isinstance(target, MedianTarget):
            statistic = replace(statistic, time=target.median - 0.5)
        return target, statistic

    def _statistic(self, entry: Mapping[str, Any]) -> Statistic:
        kind = known(entry["statistic"], STATISTIC_KINDS, "statistic")
        if kind in CONTRASTS and "reference" not in entry:
            raise InputError(
                "a ratio needs the key 'reference', the arm of its denominator (a difference, what is subtracted)",
                allowed=tuple(self.patients),
            )
        for key in ("stratified", "inverse"):
            if not isinstance(entry.get(key, True), bool):
                raise InputError("must be true or false", where=key, got=entry[key])
        statistic = Statistic(
            kind=kind,
            endpoint=known(entry["endpoint"], self.endpoints, "endpoint"),
            arm=known(entry["arm"], self.patients, "arm"),
            reference=known(entry["reference"], self.patients, "arm", "reference") if kind in CONTRASTS else "",
            strata=tuple(
                known(s, self.strata, "stratum", "strata")
                for s in items(entry.get("strata", tuple(self.strata)), "strata")
            ),
            stratified=entry.get("stratified", True),
            inverse=entry.get("inverse", False),
            moves=tuple(parse(text(move, "moves")) for move in items(entry.get("moves", ()), "moves")),
            options=table(entry.get("options", {}), "options"),
        )
        for arm in (statistic.arm, statistic.reference):
            if arm and not self._n(arm, statistic) > 0:
                raise InputError(f"arm '{arm}' has no patients in these strata", where="strata", got=statistic.strata)
        return statistic

    def _n(self, arm: str, statistic: Statistic) -> float:
        return sum(self.patients[arm][s] for s in statistic.strata)

    def _target(self, entry: Mapping[str, Any], statistic: Statistic) -> Target:
        record = self.evidence[text(entry["record"], "record")]
        weight = not_negative(entry.get("weight", 1.0), "weight")
        common: dict[str, Any] = {
            "id": record.id,
            "statistic": f"{statistic.kind} of {statistic.endpoint}",
            "role": cast("Role", known(entry.get("role", "fit"), ("fit", "check"), "role")),
            "weight": weight,
        }
        if statistic.kind == TRANSITION_RATIO and common["role"] == "fit":
            raise InputError("a transition ratio can only be checked", where="role", allowed="check")
        figure = record.figure
        patients = self._n(statistic.arm, statistic)
        match figure:
            case Ratio() if figure.measure in CONTRASTS.get(statistic.kind, ()) and figure.interval is not None:
                spread = figure.log_standard_error
                assert spread is not None
                return RatioTarget(**common, ratio=figure.estimate, interval=figure.interval, log_standard_error=spread)
            case Difference() if figure.measure in CONTRASTS.get(statistic.kind, ()) and figure.interval is not None:
                spread = figure.standard_error
                assert spread is not None
                low, high = figure.interval
                return NormalTarget(
                    **common,
                    estimate=figure.estimate / POINTS,
                    interval=(low / POINTS, high / POINTS),
                    standard_error=spread / POINTS,
                )
            case Mean() if statistic.kind == "mean" and replace(figure, n=figure.n or round(patients)).standard_error:
                spread = replace(figure, n=figure.n or round(patients)).standard_error
                assert spread is not None
                return NormalTarget(**common, estimate=figure.estimate, interval=figure.interval, standard_error=spread)
            case Proportion() if statistic.kind == "proportion":
                n = float(figure.n) if figure.n is not None else patients
                return CountTarget(**common, events=figure.probability * n, patients=n)
            case ScoreCounts() if statistic.kind == "score_table":
                scores = _listed_scores(figure, self.endpoints[statistic.endpoint])
                count = dict(zip(figure.scores, figure.counts, strict=True))
                return TableTarget(**common, scores=scores, counts=tuple(count[s] for s in scores))
            case Median() if statistic.kind == "median":
                return MedianTarget(**common, median=figure.estimate, interval=figure.interval, patients=patients)
        raise _mismatch(statistic, figure)


def _listed_scores(figure: ScoreCounts, endpoint: Endpoint) -> tuple[int, ...]:
    """The scores of a table in the order of the levels of an ordinal endpoint, each named by one of its scores."""
    levels = scores_by_rank(endpoint)
    named = [[score for score in level if score in figure.scores] for level in levels]
    if len(figure.scores) != len(levels) or any(len(found) != 1 for found in named):
        allowed = [level[0] if len(level) == 1 else f"one of {list(level)}" for level in levels]
        raise InputError("the table must count every score once", allowed=allowed, got=figure.scores)
    return tuple(found[0] for found in named)


def _mismatch(statistic: Statistic, figure: Figure) -> InputError:
    if isinstance(figure, Ratio | Difference) and figure.measure in CONTRASTS.get(statistic.kind, ()):
        return InputError("a ratio or difference without an interval cannot be a target", where="record")
    if isinstance(figure, Mean) and statistic.kind == "mean":
        return InputError("a mean without a standard deviation or an interval cannot be a target", where="record")
    return InputError(
        f"the statistic {statistic.kind} cannot be compared with a record that is a {figure.measure}",
        where="record",
    )


def known(name: Any, allowed: Collection[str], what: str, where: str | None = None) -> str:
    """The name, which must be one of the allowed ones."""
    if text(name, where or what) not in allowed:
        raise InputError(f"unknown {what}", where=where or what, allowed=tuple(allowed), got=name)
    return str(name)
