import numpy as np

from jaksim.endpoint.registry import build_endpoint
from jaksim.endpoint.standard_set import same, standard_endpoints
from jaksim.scale import load_scale, niaid_8


def test_covers_what_trials_report():
    found = {one.name: one.kind for one in standard_endpoints(niaid_8(), 28, day_of_randomisation=1)}
    assert found["time to recovery"] == "time_to_event"
    assert found["score on day 15"] == found["score on day 29"] == "ordinal"
    assert found["death"] == found["ventilation or death"] == "binary"
    assert found["time to improvement by 2 categories"] == "time_to_event"
    assert found["worst score"] == found["hierarchy"] == "ordinal"
    assert "mean daily score" in found
    assert found["ventilator-free days"] == found["hospital-free days"] == "day_count"


def test_leaves_out_what_is_known_under_any_name():
    scale = niaid_8()
    known = [
        build_endpoint({"name": "mortality", "kind": "event_by_day", "scores": [8], "day": 28}, scale, 28),
        build_endpoint({"name": "time to recovery", "kind": "time_to_event", "set": "discharged"}, scale, 28),
    ]
    found = standard_endpoints(scale, 28, known=known)
    names = [one.name for one in found]
    assert "death" not in names
    assert "time to recovery" not in names
    everything = [*known, *found]
    assert not any(same(a, b) for i, a in enumerate(everything) for b in everything[:i])


def test_an_endpoint_with_another_day_or_direction_is_not_the_same():
    scale = niaid_8()

    def build(**keys):
        return build_endpoint({"name": "x", "kind": "event_by_day", "set": "dead", **keys}, scale, 28)

    assert same(build(), build(day=28, name="y"))
    assert not same(build(), build(day=27))
    assert not same(build(), build(better="event"))


def test_a_scale_without_named_sets_of_hospital_care_still_has_scores_and_death():
    scale = load_scale("mrs")
    found = {one.name: one for one in standard_endpoints(scale, 90)}
    assert {"score on day 45", "score on day 90", "death", "time to death"} <= found.keys()
    assert not any("ventil" in name or "hospital" in name for name in found)
    assert np.isfinite(found["score on day 90"].value).any()
