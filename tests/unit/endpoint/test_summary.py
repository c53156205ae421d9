import json

import numpy as np
import pytest

from jaksim.endpoint.families.event_by_day import event_by_day
from jaksim.endpoint.families.free_days import free_days
from jaksim.endpoint.families.score_on_day import score_on_day
from jaksim.endpoint.families.time_to_event import time_to_event
from jaksim.endpoint.summary import cumulative_incidence, median_time
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale("three", (1, 2, 3), ("well", "ill", "dead"), True, (3,), {"well": (1,), "ill": (2,)})
HORIZON = 10
P = np.tile([[1.0, 0.0, 0.0], [0.15, 0.8, 0.05], [0.0, 0.0, 1.0]], (HORIZON, 1, 1))


def incidence(day: np.ndarray, rate: float = 0.15) -> np.ndarray:
    return rate * (1.0 - 0.8**day) / 0.2


def test_time_to_event_has_the_closed_form_of_constant_competing_risks() -> None:
    endpoint = time_to_event(SCALE, HORIZON, name="recovery", scores="well")
    said = endpoint.summary(endpoint.law(P, 1))
    days = np.arange(HORIZON + 1)
    assert said["cumulative_incidence"] == pytest.approx(incidence(days), abs=1e-14)
    assert said["probability"] == pytest.approx(incidence(np.array(HORIZON)), abs=1e-14)
    assert said["median_day"] == 5
    before, after = incidence(np.array([4, 5]))
    assert said["median"] == pytest.approx(4 + (0.5 - before) / (after - before), abs=1e-12)
    json.dumps(said)


def test_competing_death_gives_the_same_incidence_and_censored_death_the_net_one() -> None:
    days = np.arange(HORIZON + 1)
    competing = time_to_event(SCALE, HORIZON, name="x", scores="well", death="competing")
    assert competing.summary(competing.law(P, 1))["cumulative_incidence"] == pytest.approx(incidence(days), abs=1e-14)
    censored = time_to_event(SCALE, HORIZON, name="x", scores="well", death="censor")
    # deaths of a day leave after that day's events, so the product-limit hazard stays 0.15
    assert censored.summary(censored.law(P, 1))["cumulative_incidence"] == pytest.approx(1 - 0.85**days, abs=1e-14)


def test_interim_follow_up_estimates_the_same_incidence_up_to_it() -> None:
    endpoint = time_to_event(SCALE, HORIZON, name="x", scores="well", follow_up=4)
    said = endpoint.summary(endpoint.law(P, 1))["cumulative_incidence"]
    assert said[:5] == pytest.approx(incidence(np.arange(5)), abs=1e-14)
    assert said[5:] == pytest.approx([said[4]] * 6, abs=1e-14)


def test_a_median_that_is_not_reached_is_none() -> None:
    endpoint = time_to_event(SCALE, HORIZON, name="death", scores="dead")
    said = endpoint.summary(endpoint.law(P, 1))
    assert (said["median_day"], said["median"]) == (None, None)


def test_median_exactly_on_a_day() -> None:
    assert median_time(np.array([0.0, 0.25, 0.5, 0.75])) == (2, pytest.approx(2.0))


def test_cumulative_incidence_with_censoring_by_hand() -> None:
    # 10 at risk: 2 events day 1, 2 censored day 1; 6 at risk: 3 events day 2; 3 at risk: 1 competing and 1 event day 3
    weights = np.array([2.0, 2.0, 3.0, 1.0, 1.0, 1.0])
    time = np.array([1.0, 1.0, 2.0, 3.0, 3.0, 3.0])
    status = np.array([1, 0, 1, 2, 1, 0])
    expected = [0.0, 0.2, 0.2 + 0.8 * 0.5, 0.6 + 0.4 / 3.0]
    assert cumulative_incidence(weights, time, status) == pytest.approx(expected, abs=1e-15)


def test_other_kinds() -> None:
    score = score_on_day(SCALE, HORIZON, name="score", day=2)
    said = score.summary(score.law(P, 1))
    assert said["probabilities"] == pytest.approx({"score 1": 0.27, "score 2": 0.64, "score 3": 0.09})
    assert said["mean_rank"] == pytest.approx(0.64 + 2 * 0.09)
    assert said["known"] == pytest.approx(1.0)
    death = event_by_day(SCALE, HORIZON, name="death", scores="dead", day=2)
    assert death.summary(death.law(P, 1))["probability"] == pytest.approx(0.09)
    free = free_days(SCALE, HORIZON, name="free", scores="ill", day=2)
    said = free.summary(free.law(P, 1))
    # day 1 well: 2 days; ill then well: 1; ill, ill: 0; dead by day 2: -1
    expected = {"2 days": 0.15, "1 day": 0.8 * 0.15, "0 days": 0.64, "-1 days": 0.09}
    assert said["probabilities"] == pytest.approx(expected)
    assert said["mean"] == pytest.approx(2 * 0.15 + 0.12 - 0.09)
    assert said["sd"] == pytest.approx(np.sqrt(4 * 0.15 + 0.12 + 0.09 - said["mean"] ** 2))
    json.dumps(said)


def test_counts_say_the_same_as_their_proportions() -> None:
    endpoint = time_to_event(SCALE, HORIZON, name="x", scores="well", death="censor")
    law = endpoint.law(P, 1)
    assert endpoint.summary(500.0 * law)["cumulative_incidence"] == pytest.approx(
        endpoint.summary(law)["cumulative_incidence"], abs=1e-14
    )
