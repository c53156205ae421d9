"""An endpoint: an automaton over the daily path together with the meaning of each of its categories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jaksim.endpoint.automaton import Automaton, Category
from jaksim.endpoint.daily import Missing, daily_states
from jaksim.endpoint.kind import Unit
from jaksim.endpoint.kinds import KINDS, kind_of
from jaksim.endpoint.transition_counts import TransitionCounts
from jaksim.scale import OrdinalScale

Better = Literal["event", "no event", "lower rank", "higher value", "lower value"]


@dataclass(frozen=True, eq=False)
class Endpoint:
    """A variable that every patient ends up with one category of.

    Per category (K,): `labels`; `time` days (nan where unused); `status` 0 censored, 1 event, 2 competing (-1
    unused); `rank` 0 = best for the patient (-1 unused or not known); `value` the number reported (nan unused or not
    known). For a binary endpoint `status` and `value` are 1 for the event and 0 for none. `event` says what the event
    is, `better` what is good for the patient, `definition` the whole in one sentence, `unit` what `value` counts. An
    endpoint ranked by several components in turn names them in `components`, and `component_rank` (n components, K)
    is the rank of each category in each, -1 where it is not compared. `cut(days)` is the endpoint as it is known after
    so many days of follow-up, none where the endpoint has a follow-up of its own.

    A longitudinal endpoint has `transitions`: its categories are transitions, of which a patient makes one a day, and
    its automaton reads nothing. Of a count of days `idle` is a state whose days add nothing, if there is one.
    """

    name: str
    kind: str
    scale: OrdinalScale
    automaton: Automaton
    labels: tuple[str, ...]
    time: NDArray[np.float64]
    status: NDArray[np.int64]
    rank: NDArray[np.int64]
    value: NDArray[np.float64]
    event: str
    better: Better
    definition: str
    unit: Unit = "days"
    components: tuple[str, ...] = ()
    component_rank: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 0), dtype=np.int64))
    transitions: TransitionCounts | None = None
    idle: int | None = None
    cut: Callable[[int], Endpoint] | None = field(default=None, repr=False)

    @property
    def horizon(self) -> int:
        """Last day of the path that the endpoint reads."""
        return self.automaton.horizon

    @property
    def n_categories(self) -> int:
        return self.automaton.n_categories if self.transitions is None else self.transitions.n_categories

    def categories_of(self, paths: ArrayLike) -> NDArray[np.int32]:
        """Category (n,) of each path of scores (n, H+1), column d the score at the end of day d, column 0 the baseline.

        Raises InputError for a score that the scale does not have.
        """
        return self.automaton.run(daily_states(paths, self.scale, self.horizon))

    def of_data(self, data: object, *, missing: Missing = "refuse") -> NDArray[np.int32]:
        """Category of each patient of a data set of daily scores, as `daily_states` takes it.

        A missing score is harmless once the category is certain; otherwise InputError, unless `missing` is
        "carry_forward".
        """
        return self.automaton.run(daily_states(data, self.scale, self.horizon, missing=missing))

    def law(self, P: ArrayLike, start_index: int) -> NDArray[np.float64]:
        """Exact probability (..., K) of each category from a baseline state, `P` (..., H, S, S) daily matrices.

        Of a longitudinal endpoint it is the expected number of each transition.
        """
        if self.transitions is not None:
            return self.transitions.expected(P, start_index)
        return self.automaton.law(P, start_index)

    def summary(self, law: ArrayLike) -> dict[str, Any]:
        """What a report says of a law (K,), or of counts (K,), by kind; plain numbers, None where not defined.

        Keys: time_to_event "probability", "median_day", "median", "cumulative_incidence"; ordinal "probabilities",
        "mean_rank"; binary "probability"; day_count "mean", "sd", "probabilities"; longitudinal "mean_score".
        All but the first also give "known", the share of patients whose category is known, and describe those.
        """
        return kind_of(self).summary(self, np.asarray(law, dtype=np.float64))


def endpoint_of(
    automaton: Automaton,
    categories: tuple[Category, ...],
    *,
    name: str,
    kind: str,
    scale: OrdinalScale,
    event: str,
    better: Better,
    definition: str,
    unit: Unit | None = None,
    components: tuple[str, ...] = (),
    component_rank: NDArray[np.int64] | None = None,
) -> Endpoint:
    """The endpoint whose categories mean what `enumerate_automaton` found."""

    def column(attribute: str, unused: float) -> NDArray[np.float64]:
        values = [getattr(category, attribute) for category in categories]
        return np.array([unused if value is None else value for value in values], dtype=np.float64)

    return Endpoint(
        name=name,
        kind=kind,
        scale=scale,
        automaton=automaton,
        labels=tuple(category.label for category in categories),
        time=column("time", np.nan),
        status=column("status", -1).astype(np.int64),
        rank=column("rank", -1).astype(np.int64),
        value=column("value", np.nan),
        event=event,
        better=better,
        definition=definition,
        unit=unit or KINDS[kind].unit,
        components=components,
        component_rank=np.empty((0, len(categories)), dtype=np.int64) if component_rank is None else component_rank,
    )
