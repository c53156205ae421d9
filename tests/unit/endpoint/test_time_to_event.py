import numpy as np
import pytest

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.families.time_to_event import time_to_event
from jaksim.errors import InputError
from jaksim.scale import niaid_8

NIAID = niaid_8()
RECOVERS_ON_3 = [5, 5, 4, 2, 2, 2]
DIES_ON_2 = [6, 7, 8, 8, 8, 8]
STAYS_ILL = [7, 7, 6, 6, 5, 4]
RELAPSES = [4, 3, 5, 5, 5, 2]
RECOVERS_ON_LAST = [4, 4, 4, 4, 4, 3]
PATHS = [RECOVERS_ON_3, DIES_ON_2, STAYS_ILL, RELAPSES, RECOVERS_ON_LAST]


def read(endpoint: Endpoint, paths: list[list[int]] = PATHS) -> list[tuple[int, int]]:
    categories = endpoint.categories_of(np.array(paths))
    return [(int(endpoint.time[k]), int(endpoint.status[k])) for k in categories]


def recovery(**options: object) -> Endpoint:
    return time_to_event(NIAID, 5, name="recovery", scores="recovered", **options)  # type: ignore[arg-type]


def test_recovery_keeps_the_dead_at_risk_to_the_horizon() -> None:
    assert read(recovery()) == [(3, 1), (5, 0), (5, 0), (1, 1), (5, 1)]


@pytest.mark.parametrize(("death", "seen"), [("competing", (2, 2)), ("censor", (2, 0)), ("event", (2, 1))])
def test_death_by_choice(death: str, seen: tuple[int, int]) -> None:
    assert read(recovery(death=death)) == [(3, 1), seen, (5, 0), (1, 1), (5, 1)]


def test_interim_follow_up_censors_the_living_but_not_the_dead() -> None:
    assert read(recovery(follow_up=2)) == [(2, 0), (5, 0), (2, 0), (1, 1), (2, 0)]
    assert read(recovery(follow_up=1)) == [(1, 0), (1, 0), (1, 0), (1, 1), (1, 0)]


def test_follow_up_of_no_day_censors_everybody_at_once() -> None:
    assert read(recovery(follow_up=0)) == [(0, 0)] * 5


def test_last_day_counted_before_the_horizon() -> None:
    assert read(recovery(day=4)) == [(3, 1), (4, 0), (4, 0), (1, 1), (4, 0)]


def test_time_to_death_and_to_death_or_ventilation() -> None:
    death = time_to_event(NIAID, 5, name="death", scores="dead")
    assert read(death) == [(5, 0), (2, 1), (5, 0), (5, 0), (5, 0)]
    either = time_to_event(NIAID, 5, name="death or ventilation", scores=["dead", "ventilated"])
    assert read(either) == [(5, 0), (1, 1), (1, 1), (5, 0), (5, 0)]
    assert either.better == "no event"
    assert read(either) == read(time_to_event(NIAID, 5, name="same", scores="ventilated", death="event"))


def test_exit_from_a_set_alive() -> None:
    exit_ = time_to_event(NIAID, 5, name="discharge", scores="hospitalised", direction="out_of", death="competing")
    assert read(exit_) == [(3, 1), (2, 2), (5, 0), (5, 1), (5, 0)]
    assert read(exit_) == read(time_to_event(NIAID, 5, name="same", scores="discharged", death="competing"))
    assert exit_.better == "event"


def test_baseline_score_in_the_set_does_not_count_but_day_one_does() -> None:
    assert read(recovery(), [[3, 4, 4, 4, 4, 4], [3, 3, 4, 4, 4, 4]]) == [(5, 0), (1, 1)]


def test_tables_stay_minimal() -> None:
    endpoint = time_to_event(NIAID, 28, name="recovery", scores="recovered")
    assert (endpoint.automaton.n_memory, endpoint.n_categories) == (29, 29)
    assert endpoint.labels[0] == "event day 1"
    assert endpoint.labels[-1] == "censored day 28"


def test_words_for_the_report() -> None:
    endpoint = time_to_event(NIAID, 28, name="recovery", scores="recovered")
    assert endpoint.event == "first score in recovered (score 1, 2, 3)"
    assert endpoint.definition == (
        "First day from 1 to 28 with a score in recovered (score 1, 2, 3); patients who die are censored at day 28."
    )
    assert "die" not in time_to_event(NIAID, 28, name="death", scores="dead").definition


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"death": "competeing"}, "did you mean 'competing'"),
        ({"direction": "in"}, "direction"),
        ({"day": 6}, "day outside the horizon .got 6.; allowed: 1 to 5"),
        ({"day": 2.5}, "whole number of days"),
        ({"follow_up": -1}, "follow_up"),
        ({"better": "more"}, "better"),
    ],
)
def test_values_that_are_not_allowed(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        recovery(**options)


def test_unknown_or_useless_sets() -> None:
    with pytest.raises(InputError, match="did you mean 'recovered'"):
        time_to_event(NIAID, 5, name="x", scores="recoverd")
    with pytest.raises(InputError, match="unknown score"):
        time_to_event(NIAID, 5, name="x", scores=[9])
    with pytest.raises(InputError, match="every score"):
        time_to_event(NIAID, 5, name="x", scores=list(range(1, 9)))
    with pytest.raises(InputError, match="no scores named"):
        time_to_event(NIAID, 5, name="x", scores=[])
