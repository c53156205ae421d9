"""The answer of `show`."""

import pytest

import jaksim
from jaksim.errors import InputError


def test_the_answer_is_a_table_of_states_by_arm_baseline_and_day():
    found = jaksim.show("actt4", days=[7, 28, 7])
    assert found.tabled == (7, 28)
    frame = found.to_pandas()
    assert len(frame) == 2 * 3 * 29 * 8
    by_day = frame.groupby(["arm", "baseline_score", "day"])["probability"].sum()
    assert by_day.to_numpy() == pytest.approx(1.0)
    answer = found.as_dict()
    assert [arm["name"] for arm in answer["arms"]] == ["dexamethasone", "baricitinib"]
    assert sum(answer["occupation"][0]["days"]) == pytest.approx(28.0)
    assert "time to recovery" in repr(found)


def test_days_are_those_of_the_follow_up():
    assert jaksim.show("stroke-alteplase").tabled == (22, 45, 68, 90)
    with pytest.raises(InputError, match="0 to 28"):
        jaksim.show("actt4", days=[29])


def test_the_expected_endpoints_are_those_beside_the_power():
    shown = jaksim.show("actt4")
    power = jaksim.power("actt4", replicates=10)
    values = {(one.endpoint, arm.arm): arm.value for one in shown.endpoints for arm in one.arms}
    for analysis in power.analyses:
        for arm in (analysis.reference_value, analysis.active_value):
            assert values[analysis.endpoint, arm.arm] == pytest.approx(arm.value, rel=1e-12)


def test_the_power_has_the_distribution_of_every_endpoint_also_under_the_null():
    (plain, null) = (jaksim.power("actt4", replicates=10, null=null).as_dict()["expected"] for null in (False, True))
    shown = {one.endpoint: one for one in jaksim.show("actt4").endpoints}
    for entry in plain:
        assert [arm["summary"] for arm in entry["arms"]] == [arm.summary for arm in shown[entry["endpoint"]].arms]
    (score,) = [entry for entry in null if entry["kind"] == "ordinal"]
    reference, active = score["arms"]
    assert reference["summary"]["probabilities"] == active["summary"]["probabilities"]
    assert sum(reference["summary"]["probabilities"].values()) == pytest.approx(1.0)
