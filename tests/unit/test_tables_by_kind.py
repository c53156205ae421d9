"""Tables that are read by a kind know every kind."""

import dataclasses
import inspect
import re
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from jaksim.analysis.registry import METHOD_NAMES, get_method
from jaksim.calibration.predict import STATISTICS
from jaksim.calibration.statistic import CONTRASTS, DIFFERENCE_STATISTICS, ENDPOINT_KINDS, RATIO_STATISTICS
from jaksim.calibration.target_entry import STATISTIC_KINDS
from jaksim.cli.commands import COMMANDS
from jaksim.endpoint import kinds as kind_modules
from jaksim.endpoint.kinds import KINDS, kind_of
from jaksim.endpoint.registry import FAMILIES, build_endpoint
from jaksim.evidence.figures import DIFFERENCE_MEASURES, RATIO_MEASURES
from jaksim.key import KINDS as KEY_KINDS
from jaksim.key import Key
from jaksim.patient_data.data_endpoint import BETTER, value_endpoint
from jaksim.report.parts.words import method_words
from jaksim.scale import load_scale
from jaksim.scenario.keys import CATALOGUE
from jaksim.trial.adaptive.kinds import KINDS as ADAPTATIONS
from jaksim.trial.adaptive.kinds import module_of

HORIZON = 10
ROOMS = ("jaksim.trial.adaptive", "jaksim.scenario.adaptive", "jaksim.design.conduct.adaptive")
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
    "weighted_outcomes": {"components": [{"kind": "event_by_day", "set": "dead"}], "weights": [1.0]},
    "longitudinal": {},
}


def built(family):
    return build_endpoint({"name": "it", "kind": family, **NEEDED.get(family, {})}, load_scale("niaid-8"), HORIZON)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_builds_an_endpoint_of_its_kind_that_is_summed_up(family):
    endpoint = built(family)
    assert endpoint.kind == FAMILIES[family].kind
    assert FAMILIES[family].name == family
    assert endpoint.kind in KINDS
    found = endpoint.summary(np.ones(endpoint.n_categories))
    assert found
    assert endpoint.definition


@pytest.mark.parametrize("family", FAMILIES)
def test_the_default_of_every_key_of_a_family_is_that_of_its_function(family):
    record = FAMILIES[family]
    own = inspect.signature(record.build).parameters
    for key in record.options:
        assert key.kind in KEY_KINDS
        if key.name in own and not key.required:
            default = own[key.name].default
            assert key.default == (None if default is inspect.Parameter.empty else default)
            if key.default is not None:
                key.check(key.default, key.name)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_every_family_offers_a_shoot_out_can_be_built(family):
    standard = FAMILIES[family].standard
    tables = [] if standard is None else [table for _, table in standard(load_scale("niaid-8"), HORIZON, 0)]
    for table in tables:
        assert build_endpoint({**table, "kind": family}, load_scale("niaid-8"), HORIZON).name == table["name"]


def test_every_kind_is_that_of_a_family_and_has_a_module():
    assert {built(family).kind for family in FAMILIES} == set(KINDS)
    files = Path(kind_modules.__file__).parent.glob("[a-z]*.py")
    assert {file.stem for file in files} == set(KINDS)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_kind_says_all_of_an_endpoint(family):
    endpoint, law = built(family), None
    kind = kind_of(endpoint)
    assert re.fullmatch("#[0-9a-f]{6}", kind.colour)
    assert kind.words
    law = np.ones(endpoint.n_categories) / endpoint.n_categories
    value, text = kind.arm_value(endpoint, law, endpoint.summary(law))
    assert isinstance(value, float)
    assert text
    assert kind.measure(endpoint) == "probability" or kind.measure(endpoint) == f"mean {endpoint.unit}"
    assert len(kind.scores(endpoint)) == endpoint.n_categories
    assert kind.tally(endpoint, np.ones(endpoint.n_categories))
    columns = kind.columns(endpoint, np.arange(endpoint.n_categories))
    assert bool(columns) == (endpoint.transitions is None)
    assert all(len(column) == endpoint.n_categories for column in columns.values())
    assert set(kind.strategies) == {"withdrawal", "treatment_stop", "missed_visit"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_by_kind_of_endpoint_knows_the_kind(kind):
    assert len({one.colour for one in KINDS.values()}) == len(KINDS)
    assert any(kind in get_method(name).kinds for name in METHOD_NAMES)
    assert all(kind in get_method(name).kinds for name in METHOD_NAMES if kind in get_method(name).main)
    if KINDS[kind].column is None:
        assert kind not in BETTER
        return
    for word, meant in BETTER[kind].items():
        if not KINDS[kind].timed:
            data, _ = value_endpoint("it", kind, np.array([0.0, 1.0]), word)
            assert data.better == meant


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
    assert set(CONTRASTS) <= set(STATISTICS)
    for kinds in ENDPOINT_KINDS.values():
        assert set(kinds) <= set(KINDS)
    for measures in RATIO_STATISTICS.values():
        assert set(measures) <= set(RATIO_MEASURES)
    for measures in DIFFERENCE_STATISTICS.values():
        assert set(measures) <= set(DIFFERENCE_MEASURES)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_module(command):
    assert import_module(COMMANDS[command][0]).app is not None
