"""Weights of bad outcomes added up: on paths, as a law, and as the net benefit of a trial."""

from pathlib import Path

import numpy as np
import pytest

import jaksim
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scale import niaid_8

DEATH = {"kind": "event_by_day", "set": "dead", "name": "death"}
VENTILATION = {"kind": "event_by_day", "set": "ventilated", "name": "ventilation"}
RECOVERY = {"kind": "event_by_day", "set": "recovered", "occasion": "on", "name": "no recovery"}
NIAID = niaid_8()
SCENARIOS = Path(__file__).parents[3] / "scenarios"


def weighted(*components, weights, **options):
    spec = {"name": "burden", "kind": "weighted_outcomes", "components": list(components), "weights": weights}
    return build_endpoint({**spec, **options}, NIAID, 4)


def test_the_weights_of_what_happened_are_added_up():
    endpoint = weighted(DEATH, VENTILATION, RECOVERY, weights=[1.0, 0.4, 0.2])
    paths = [[5, 4, 3, 3, 2], [5, 5, 5, 5, 5], [6, 7, 6, 5, 3], [6, 7, 7, 7, 7], [6, 7, 8, 8, 8], [5, 5, 8, 8, 8]]
    found = endpoint.categories_of(np.array(paths))
    assert endpoint.value[found].tolist() == pytest.approx([0.0, 0.2, 0.4, 0.6, 1.6, 1.2])
    assert (np.diff(endpoint.value[np.argsort(endpoint.rank)]) >= 0).all()
    assert (endpoint.better, endpoint.kind) == ("lower value", "day_count")
    assert endpoint.labels[found[2]] == "0.4: ventilation"


def test_the_mean_is_the_weighted_sum_of_the_risks_whatever_the_outcomes_have_in_common():
    rng = np.random.default_rng(5)
    P = rng.dirichlet(np.ones(8), size=(4, 8))
    P[:, -1] = np.eye(8)[-1]
    weights = [1.0, 0.4, 0.2]
    burden = weighted(DEATH, VENTILATION, RECOVERY, weights=weights).law(P, 4)
    endpoint = weighted(DEATH, VENTILATION, RECOVERY, weights=weights)
    risks = []
    for table in (DEATH, VENTILATION, RECOVERY):
        one = build_endpoint({**table}, NIAID, 4)
        happened = float(one.law(P, 4)[one.status == 1].sum())
        risks.append(happened if one.better == "no event" else 1.0 - happened)
    assert float(burden @ endpoint.value) == pytest.approx(float(np.dot(weights, risks)), abs=1e-12)


def test_sums_that_are_equal_on_paper_are_one_value():
    endpoint = weighted(DEATH, VENTILATION, RECOVERY, weights=[0.3, 0.1, 0.2])
    assert len(set(endpoint.value.tolist())) == len(set(endpoint.rank.tolist()))


def test_before_the_day_nobody_is_known():
    endpoint = weighted(DEATH, weights=[1.0], day=4, follow_up=2)
    assert (endpoint.rank == -1).all()


@pytest.mark.parametrize(
    ("weights", "fault"),
    [([1.0], "one weight for each"), ([1.0, -0.1], "0 or more"), ([0.0, 0.0], "not all 0"), ([1.0, "x"], "weights")],
)
def test_weights_that_make_no_sense_are_refused(weights, fault):
    with pytest.raises(InputError, match=fault):
        weighted(DEATH, VENTILATION, weights=weights)


def test_components_are_binary_and_none_decides():
    with pytest.raises(InputError, match="binary"):
        weighted({"kind": "score_on_day"}, weights=[1.0])
    with pytest.raises(InputError, match="none decides"):
        weighted(DEATH | {"decisive": True}, weights=[1.0])


def test_safety_events_weigh_as_much_as_their_shares(tmp_path):
    """Shares of ACTT-2: 21 % on placebo, 16 % on baricitinib; deaths and ventilations as in endpoints of their own."""
    tables = (DEATH, VENTILATION, {"kind": "event_by_day", "safety": "serious adverse event", "name": "serious"})
    listed = ", ".join("{" + ", ".join(f'{key} = "{value}"' for key, value in table.items()) + "}" for table in tables)
    text = (SCENARIOS / "actt2-safety.toml").read_text("utf-8")
    text += '[[endpoint]]\nname = "burden"\nkind = "weighted_outcomes"\nweights = [1.0, 0.4, 0.2]\n'
    text += f"components = [{listed}]\n"
    for table in tables[:2]:
        text += f'[[endpoint]]\nname = "{table["name"]}"\nkind = "event_by_day"\nset = "{table["set"]}"\n'
    (tmp_path / "burden.toml").write_text(text)
    shown = jaksim.show(tmp_path / "burden.toml", days=[28]).as_dict()["endpoints"]
    by_name = {one["endpoint"]: {arm["arm"]: arm["value"] for arm in one["arms"]} for one in shown}
    for arm, serious in (("placebo", 0.21), ("baricitinib", 0.16)):
        expected = by_name["death"][arm] + 0.4 * by_name["ventilation"][arm] + 0.2 * serious
        assert by_name["burden"][arm] == pytest.approx(expected, abs=1e-9)
