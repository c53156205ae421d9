"""Tables that are read by a kind know every kind."""

import dataclasses
import typing
from importlib import import_module

import numpy as np
import pytest

from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.calibration.predict import STATISTICS
from jaksim.calibration.statistic import ENDPOINT_KINDS, RATIO_MEASURES
from jaksim.calibration.target_entry import STATISTIC_KINDS
from jaksim.cli.commands import COMMANDS
from jaksim.design.shoot_out import MAIN
from jaksim.endpoint import endpoint as endpoints
from jaksim.endpoint.registry import FAMILIES, build_endpoint
from jaksim.endpoint.summary import DESCRIPTIONS
from jaksim.key import Key
from jaksim.patient_data.data_endpoint import BETTER
from jaksim.report.parts.words import method_words
from jaksim.report.plots.shoot_out import COLOURS
from jaksim.scale import load_scale
from jaksim.scenario.keys import CATALOGUE
from jaksim.scenario.section import KINDS as KEY_KINDS
from jaksim.trial.adaptive.kinds import KINDS as ADAPTATIONS
from jaksim.trial.adaptive.kinds import module_of

HORIZON = 10
ROOMS = ("jaksim.trial.adaptive", "jaksim.scenario.adaptive", "jaksim.design.conduct.adaptive")
KINDS = typing.get_args(endpoints.Kind)
NEEDED = {
    "time_to_event": {"set": "recovered"},
    "time_to_change": {},
    "score_on_day": {"day": 5},
    "worst_score": {},
    "score_area": {},
    "event_by_day": {"set": "dead"},
    "free_days": {"set": "ventilated"},
    "hierarchical": {"components": [{"kind": "event_by_day", "set": "dead"}, {"kind": "score_on_day"}]},
    "desirability": {"components": [{"kind": "event_by_day", "set": "dead"}]},
    "longitudinal": {},
}


def built(family):
    return build_endpoint({"name": "it", "kind": family, **NEEDED[family]}, load_scale("niaid-8"), HORIZON)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_builds_an_endpoint_of_a_known_kind_that_is_summed_up(family):
    endpoint = built(family)
    assert endpoint.kind in KINDS
    found = endpoint.summary(np.ones(endpoint.n_categories))
    assert found
    assert endpoint.definition


def test_every_kind_is_that_of_a_family():
    assert {built(family).kind for family in FAMILIES} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_by_kind_of_endpoint_knows_the_kind(kind):
    assert kind in COLOURS
    assert kind in DESCRIPTIONS or kind == "time_to_event"  # which is summed up by days
    assert kind in BETTER or kind == "longitudinal"  # whose scores say what is better
    assert any(kind in get_method(name).kinds for name in METHOD_NAMES)
    assert set(MAIN.get(kind, ())) <= {name for name in METHOD_NAMES if kind in get_method(name).kinds}


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_every_method_is_of_known_kinds_and_has_words_and_defaults(name):
    method = get_method(name)
    assert method.name == name
    assert set(method.kinds) <= set(KINDS)
    assert method_words(name)
    assert isinstance(method.settings({}), dict)
    assert method.estimand
    assert method.scale in ("log_ratio", "difference", "probability")


@pytest.mark.parametrize("kind", ADAPTATIONS)
@pytest.mark.parametrize(
    "room", ["jaksim.trial.adaptive", "jaksim.scenario.adaptive", "jaksim.design.conduct.adaptive"]
)
def test_every_kind_of_adaptation_has_its_modules(room, kind):
    module = module_of(room, kind)
    if room.startswith("jaksim.scenario"):
        assert all(isinstance(key, Key) and key.kind in KEY_KINDS for key in module.KEYS)
        assert callable(module.read)
    elif room.startswith("jaksim.design"):
        assert callable(module.design)
    else:
        assert any(getattr(one, "kind", None) == kind for one in vars(module).values() if dataclasses.is_dataclass(one))


@pytest.mark.parametrize("section", CATALOGUE)
def test_every_key_of_a_scenario_is_of_a_known_kind_with_a_default_that_it_allows(section):
    for key in CATALOGUE[section]:
        assert key.kind in KEY_KINDS, key
        assert key.description.endswith((".", "`")), key
        if not key.required and key.default is not None and not isinstance(key.default, tuple):
            assert KEY_KINDS[key.kind](key.default), key


def test_every_statistic_of_a_calibration_has_its_parts():
    assert set(STATISTICS) == set(STATISTIC_KINDS)
    assert set(ENDPOINT_KINDS) <= set(STATISTICS)
    assert set(RATIO_MEASURES) <= set(STATISTICS)
    for kinds in ENDPOINT_KINDS.values():
        assert set(kinds) <= set(KINDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_module(command):
    assert import_module(COMMANDS[command][0]).app is not None
