import json

import numpy as np
import pytest

from jaksim.endpoint.endpoint import Endpoint
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scale import niaid_8

NIAID = niaid_8()
DEATH = {"name": "death", "kind": "time_to_event", "set": "dead"}
VENTILATION = {"name": "ventilation", "kind": "time_to_event", "set": "ventilated"}
RECOVERY = {"name": "recovery", "kind": "time_to_event", "set": "recovered"}
LAST_SCORE = {"name": "last score", "kind": "score_on_day"}
# From the best to the worst under death, ventilation, recovery, score.
ORDERED = [
    [5, 2, 2, 2, 2, 1],
    [5, 2, 2, 2, 2, 2],
    [5, 5, 3, 3, 2, 1],
    [5, 5, 5, 5, 5, 4],
    [5, 6, 6, 6, 7, 6],
    [5, 6, 7, 6, 4, 3],
    [5, 7, 7, 7, 7, 7],
    [5, 5, 5, 5, 5, 8],
    [5, 5, 5, 5, 7, 8],
    [5, 6, 7, 7, 7, 8],
    [5, 5, 8, 8, 8, 8],
]


def hierarchy(*components: dict[str, object], **options: object) -> Endpoint:
    return build_endpoint({"name": "h", "kind": "hierarchical", "components": list(components), **options}, NIAID, 5)


def test_death_then_ventilation_then_recovery_then_score() -> None:
    endpoint = hierarchy(DEATH, VENTILATION, RECOVERY, LAST_SCORE)
    ranks = endpoint.rank[endpoint.categories_of(np.array(ORDERED))]
    assert (np.diff(ranks) > 0).all()
    assert (endpoint.kind, endpoint.better, endpoint.unit) == ("ordinal", "lower rank", "rank")
    assert endpoint.components == ("death", "ventilation", "recovery", "last score")
    assert endpoint.component_rank.shape == (4, endpoint.n_categories)
    assert endpoint.component_rank[0].max() == 5
    assert endpoint.labels[0] == "death: no event > ventilation: no event > recovery: event day 1 > last score: score 1"


def test_a_decisive_death_leaves_deaths_of_one_day_tied() -> None:
    endpoint = hierarchy(DEATH | {"decisive": True}, VENTILATION, RECOVERY, LAST_SCORE)
    ranks = endpoint.rank[endpoint.categories_of(np.array(ORDERED))]
    assert np.diff(ranks).tolist()[7:9] == [0, 0]
    assert (np.diff(ranks)[:7] > 0).all()
    assert ranks[-1] > ranks[-2]
    dead = endpoint.component_rank[0] > 0
    assert (endpoint.component_rank[1:, dead] == -1).all()
    assert (endpoint.component_rank[1:, ~dead] >= 0).all()


def test_decisive_components_keep_the_automaton_small() -> None:
    components = [DEATH | {"decisive": True}, VENTILATION | {"decisive": True}, RECOVERY, LAST_SCORE]
    endpoint = build_endpoint({"name": "h", "kind": "hierarchical", "components": components}, NIAID, 28)
    assert (endpoint.n_categories, endpoint.automaton.n_memory) == (224, 252)


def test_desirability_may_be_broken_by_time_to_recovery() -> None:
    door = {
        "name": "door",
        "kind": "desirability",
        "components": [
            {"kind": "event_by_day", "set": "ventilated"},
            {"kind": "event_by_day", "set": "discharged", "occasion": "on"},
        ],
    }
    alone = build_endpoint(door, NIAID, 5)
    assert alone.labels == ("alive, 0 bad outcomes", "alive, 1 bad outcome", "alive, 2 bad outcomes", "dead")
    assert alone.rank[alone.categories_of(np.array(ORDERED))].tolist() == [0, 0, 0, 1, 2, 2, 2, 3, 3, 3, 3]
    broken = hierarchy(door, RECOVERY)
    ranks = broken.rank[broken.categories_of(np.array(ORDERED))]
    assert ranks[0] == ranks[1] < ranks[2] < ranks[3] < ranks[5] < ranks[4] == ranks[6] < ranks[7] == ranks[10]


def test_a_hierarchy_before_its_last_day_is_not_known() -> None:
    endpoint = hierarchy(DEATH, RECOVERY, day=4, follow_up=3)
    assert (endpoint.labels, endpoint.rank.tolist()) == (("not known before day 4",), [-1])
    assert endpoint.summary(np.ones(1))["known"] == 0.0


def test_the_law_of_a_hierarchy_describes_itself() -> None:
    endpoint = hierarchy(DEATH, LAST_SCORE)
    P = np.tile(np.eye(8) * 0.9 + 0.0125, (5, 1, 1))
    P[:, 7] = np.eye(8)[7]
    law = endpoint.law(P, 4)
    assert abs(law.sum() - 1.0) < 1e-12
    said = endpoint.summary(law)
    assert said["mean_rank"] == pytest.approx(law @ endpoint.rank)
    assert sum(said["probabilities"].values()) == pytest.approx(1.0)
    json.dumps(said)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "hierarchical"}, "endpoint 'x', components: the key is needed for kind 'hierarchical'"),
        ({"kind": "hierarchical", "components": "death"}, "components: wrong kind of value .*a list of tables"),
        ({"kind": "hierarchical", "components": []}, "components: the value is empty"),
        ({"kind": "hierarchical", "components": [{"kind": "deth"}]}, "components, number 1.*unknown kind of endpoint"),
        ({"kind": "hierarchical", "components": [RECOVERY | {"day": 3}]}, "number 1, day: stands beside the comp"),
        ({"kind": "hierarchical", "components": [RECOVERY | {"set": "recoverd"}]}, "did you mean 'recovered'"),
        ({"kind": "hierarchical", "components": [RECOVERY | {"decisive": 1}]}, "decisive: must be true or false"),
        ({"kind": "hierarchical", "components": [LAST_SCORE | {"decisive": True}]}, "only an event can be decisive"),
        ({"kind": "desirability", "components": [RECOVERY]}, "needs binary components"),
        ({"kind": "desirability", "components": []}, "components: the value is empty"),
    ],
)
def test_components_that_cannot_be_used(spec: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_endpoint({"name": "x", **spec}, NIAID, 28)
