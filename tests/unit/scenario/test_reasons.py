"""Every table of a scenario may say why its values are assumed, and every reason is printed once."""

import pytest

import jaksim
from jaksim.errors import InputError
from jaksim.scenario.document import read_document
from jaksim.scenario.reasons import taken_out
from jaksim.scenario.scenario import scenario_of

# Tables whose reasons only a prediction prints, and tables of values by a name of the user's.
PREDICTION = "prediction"
VALUES = ("options", "covariates", "to", "treatments", "interval")


def with_reasons(table, where="", name=""):
    """The same scenario with a reason of its own at every table; and the places of the reasons."""
    found, places = {}, []
    for key, value in table.items():
        place = f"{where}.{key}" if where else key
        if key == "assumption" or (where == "" and key == PREDICTION):
            found[key] = value
        elif isinstance(value, dict):
            found[key], inner = with_reasons(value, place, key)
            places += inner
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            pairs = [with_reasons(entry, f"{place}.{number}", key) for number, entry in enumerate(value)]
            found[key] = [entry for entry, _ in pairs]
            places += [one for _, inner in pairs for one in inner]
        else:
            found[key] = value
    if where and name not in VALUES:
        found["assumption"] = f"reason of {where}"
        places.append(f"reason of {where}")
    return found, places


@pytest.mark.parametrize(
    "name", ["delayed-effect", "recovery-multi-arm", "actt2-strategies", "stroke-alteplase", "factorial", "platform"]
)
def test_a_reason_at_any_table_is_printed_once(name):
    document, places = with_reasons(read_document(name))
    assert len(places) > 10
    found = scenario_of(document, name)
    notes = [line.note for line in found.assumptions]
    lost = [place for place in places if notes.count(place) == 0]
    assert lost == []
    assert all(not line.published for line in found.assumptions if line.note in places)
    # What is simulated is the same.
    plain = jaksim.load_scenario(name)
    assert found.trial.population == plain.trial.population
    assert [one.definition for one in found.trial.endpoints] == [one.definition for one in plain.trial.endpoints]


def test_a_reason_stands_beside_what_is_said_of_the_same():
    found = jaksim.load_scenario(
        "delayed-effect", changes=["disease.treatments.drug.effect.0.assumption=as in a guess"]
    )
    drug = [line for line in found.assumptions if line.about == "drug"]
    assert [line.statement for line in drug] == ["death, days 12-on", "moves death, hazard ratio 0.58"]
    assert drug[1].note == "as in a guess"
    places = [number for number, line in enumerate(found.assumptions) if line.about == "drug"]
    assert places[1] == places[0] + 1


def test_an_interaction_with_a_source_and_a_reason_is_marked():
    change = 'disease.interaction.0.assumption="nobody has measured it"'
    found = jaksim.load_scenario("actt4", changes=[change])
    (line,) = [line for line in found.assumptions if line.note == "nobody has measured it"]
    assert not line.published


@pytest.mark.parametrize("place", ["follow_up", "arm.0", "endpoint.0", "analysis.0", "disease"])
def test_a_reason_is_a_text(place):
    with pytest.raises(InputError, match="assumption: wrong kind of value"):
        jaksim.load_scenario("delayed-effect", changes=[f"{place}.assumption=3"])


def test_a_scenario_without_reasons_is_left_as_it_is():
    document = read_document("actt4")
    assert taken_out(document) == (document, ())


def test_accrual_of_sites_and_many_rates_is_printed_in_full():
    sites = '[{ name = "A", rate = 2.0 }, { name = "B", rate = 0.5, opens = 30.0, ramp = 14 }]'
    assert accrual(f"accrual={{ site = {sites} }}") == (
        "patients per day by site: A 2; B 0.5 from day 30 on, after 14 days of climbing"
    )
    assert accrual().endswith("11.5556 to day 16, 13")


def accrual(*changes):
    found = jaksim.load_scenario("delayed-effect", changes=changes)
    return next(line.statement for line in found.assumptions if line.about == "accrual")
