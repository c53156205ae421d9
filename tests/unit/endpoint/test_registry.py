import inspect

import pytest

from jaksim.endpoint.registry import COMMON_KEYS, FAMILIES, build_endpoint
from jaksim.errors import InputError
from jaksim.scale import niaid_8

NIAID = niaid_8()


@pytest.mark.parametrize(
    ("spec", "kind", "n_categories"),
    [
        ({"kind": "time_to_event", "set": "recovered"}, "time_to_event", 29),
        ({"kind": "time_to_event", "scores": [8], "day": 14, "follow_up": 7}, "time_to_event", 8),
        ({"kind": "score_on_day", "day": 14}, "ordinal", 8),
        ({"kind": "event_by_day", "set": ["dead", "ventilated"]}, "binary", 2),
        ({"kind": "event_by_day", "set": "dead", "scores": 7}, "binary", 2),
        ({"kind": "free_days", "set": "ventilated", "death": 0}, "day_count", 29),
        ({"kind": "time_to_change", "categories": 2, "or_set": "discharged", "day": 14}, "time_to_event", 15),
        ({"kind": "worst_score"}, "ordinal", 8),
        ({"kind": "score_area", "death": "worst case"}, "day_count", 170),
    ],
)
def test_a_scenario_table_becomes_an_endpoint(spec: dict[str, object], kind: str, n_categories: int) -> None:
    endpoint = build_endpoint({"name": "the endpoint", **spec}, NIAID, 28)
    assert (endpoint.name, endpoint.kind, endpoint.n_categories) == ("the endpoint", kind, n_categories)


@pytest.mark.parametrize("kind", FAMILIES)
def test_every_key_is_described_and_taken(kind: str) -> None:
    family = FAMILIES[kind]
    taken = set(inspect.signature(family.build).parameters) - {"scale", "horizon", "name"}
    assert set(family.keys) - {"set"} == taken
    for description in (*(key.description for key in family.options), *COMMON_KEYS.values(), family.description):
        assert description[0].isupper() or description[0] == "'"
        assert description.endswith(".")


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "time_to_event", "set": "recovered"}, "endpoint, name: an endpoint needs a name"),
        ({"name": "x"}, "endpoint 'x', kind: unknown kind of endpoint"),
        ({"name": "x", "kind": "score_onday"}, "did you mean 'score_on_day'"),
        ({"name": "x", "kind": ["score_on_day"]}, "unknown kind of endpoint"),
        ({"name": "x", "kind": "score_on_day", "dya": 14}, "unknown key for kind 'score_on_day'.*did you mean 'day'"),
        ({"name": "x", "kind": "score_on_day", "set": "dead"}, "unknown key"),
        ({"name": "x", "kind": "score_on_day", "day": 29}, "endpoint 'x', day: day outside the horizon"),
        (
            {"name": "x", "kind": "score_on_day", "day": "14"},
            "day: wrong kind of value .got .*14.*a whole number",
        ),
        ({"name": "x", "kind": "event_by_day"}, "endpoint 'x', set: needs 'set', 'scores' or both"),
        ({"name": "x", "kind": "event_by_day", "set": "ventilatd"}, "did you mean 'ventilated'"),
        ({"name": "x", "kind": "event_by_day", "set": [7]}, "set: must be set names"),
        ({"name": "x", "kind": "event_by_day", "scores": ["dead"]}, "scores: must be scores"),
        ({"name": "x", "kind": "event_by_day", "scores": [9]}, "unknown score .got 9."),
        ({"name": "x", "kind": "free_days", "set": "ventilated", "death": "worst"}, "death: unknown value"),
        ({"name": "x", "kind": "free_days", "set": "ventilated", "death": [0]}, "death: wrong kind of value"),
        ({"name": "x", "kind": "time_to_event", "set": "dead", "better": {}}, "better: wrong kind of value"),
    ],
)
def test_tables_that_cannot_be_built(spec: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        build_endpoint(spec, NIAID, 28)
