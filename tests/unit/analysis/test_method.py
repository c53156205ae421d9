import numpy as np
import pytest

from jaksim.analysis import METHOD_NAMES, METHODS, get_method
from jaksim.endpoint.registry import build_endpoint
from jaksim.errors import InputError
from jaksim.scale import niaid_8

PAIRS = [(name, kind) for name in METHOD_NAMES for kind in get_method(name).kinds]


def test_registry_knows_every_method_by_its_name():
    assert [METHODS[name].name for name in METHODS] == list(METHOD_NAMES)
    assert all(method.estimand and method.evaluate for method in METHODS.values())
    with pytest.raises(KeyError):
        METHODS["log-rank"]


def test_unknown_method_names_the_nearest():
    with pytest.raises(InputError, match="did you mean 'log_rank'"):
        get_method("logrank")


def test_settings_fill_in_defaults():
    assert get_method("cox").settings() == {"ties": "efron", "variance": "model"}
    assert get_method("risk_difference").settings({"test": "score"}) == {"interval": "newcombe", "test": "score"}


def test_settings_refuse_unknown_options_and_values():
    with pytest.raises(InputError, match="did you mean 'ties'"):
        get_method("cox").settings({"tie": "efron"})
    with pytest.raises(InputError, match="did you mean 'breslow'"):
        get_method("cox").settings({"ties": "breslaw"})
    with pytest.raises(InputError, match="unknown option"):
        get_method("log_rank").settings({"ties": "efron"})


def test_every_choice_is_described_and_defaults_are_among_them():
    for method in METHODS.values():
        for key in method.options:
            if key.allowed:
                assert key.default in key.allowed
                assert all(word in key.description for word in key.allowed)
            assert key.default is None or method.settings({key.name: key.default})


def test_check_refuses_an_endpoint_of_another_kind(endpoints):
    with pytest.raises(InputError, match="kind 'ordinal'"):
        get_method("log_rank").check(endpoints["ordinal"])
    get_method("log_rank").check(endpoints["time_to_event"])


def test_proportions_need_follow_up_to_the_horizon(endpoints):
    censoring = {"name": "recovery", "kind": "time_to_event", "set": "recovered", "death": "censor"}
    for name in ("risk_difference", "risk_difference_mh"):
        get_method(name).check(endpoints["time_to_event"])
        with pytest.raises(InputError, match="before its horizon, day 28"):
            get_method(name).check(build_endpoint(censoring, niaid_8(), 28))


def test_benefit_sign(endpoints):
    assert get_method("log_rank").benefit_sign(endpoints["time_to_event"]) == 1
    assert get_method("risk_difference").benefit_sign(endpoints["binary"]) == -1
    assert get_method("proportional_odds").benefit_sign(endpoints["ordinal"]) == 1
    assert get_method("wilcoxon").benefit_sign(endpoints["binary"]) == 1


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_a_replicate_does_not_depend_on_its_block(name, kind, endpoints, random_tables, settings):
    method, endpoint = get_method(name), endpoints[kind]
    tables = random_tables(1, 40, 3, endpoint.n_categories, 200)
    tables[7] = 0.0
    tables[8, :, :, 1:] = 0.0
    together = np.empty((40, 3))
    method.evaluate(tables, endpoint, settings(method), together)
    alone = np.empty((1, 3))
    for b in range(40):
        method.evaluate(tables[b : b + 1], endpoint, settings(method), alone)
        np.testing.assert_array_equal(together[b], alone[0])
    assert np.isnan(together[7]).all()
    assert np.isfinite(np.delete(together, [7, 8], axis=0)).all()


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_exchanging_the_arms_turns_the_estimate_round(name, kind, endpoints, random_tables, settings):
    method, endpoint = get_method(name), endpoints[kind]
    tables = random_tables(2, 20, 3, endpoint.n_categories, 40)
    forward, backward = np.empty((20, 3)), np.empty((20, 3))
    method.evaluate(tables, endpoint, settings(method), forward)
    method.evaluate(np.ascontiguousarray(tables[:, ::-1]), endpoint, settings(method), backward)
    assert np.nanmax(np.abs(forward[:, 0] - method.null)) > 0.01
    np.testing.assert_allclose(backward[:, 0] - method.null, -(forward[:, 0] - method.null), rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(backward[:, 1], forward[:, 1], rtol=1e-8)
    np.testing.assert_allclose(backward[:, 2], -forward[:, 2], rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_order_of_strata_and_empty_strata_do_not_matter(name, kind, endpoints, random_tables, settings):
    method, endpoint = get_method(name), endpoints[kind]
    tables = random_tables(3, 20, 4, endpoint.n_categories, 25)
    rearranged = np.concatenate([tables[:, :, [2, 0]], np.zeros_like(tables[:, :, :1]), tables[:, :, [3, 1]]], axis=2)
    first, second = np.empty((20, 3)), np.empty((20, 3))
    method.evaluate(tables, endpoint, settings(method), first)
    method.evaluate(rearranged, endpoint, settings(method), second)
    np.testing.assert_allclose(second, first, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(("name", "kind"), PAIRS)
def test_z_is_smooth_in_the_counts(name, kind, endpoints, random_tables, settings):
    """Slopes over steps that leave the whole numbers agree with each other and with those over a whole patient."""
    method, endpoint = get_method(name), endpoints[kind]
    table = random_tables(4, 1, 3, endpoint.n_categories, 400)[0]
    arm, stratum, category = np.unravel_index(np.argsort(table, axis=None)[-12:], table.shape)

    def slopes(step):
        tables = np.repeat(table[None], 24, axis=0)
        tables[np.arange(12), arm, stratum, category] += step
        tables[np.arange(12, 24), arm, stratum, category] -= step
        out = np.empty((24, 3))
        method.evaluate(tables, endpoint, settings(method), out)
        return (out[:12] - out[12:]) / (2 * step)

    np.testing.assert_allclose(slopes(0.01), slopes(0.02), rtol=2e-4, atol=2e-7)
    np.testing.assert_allclose(slopes(1.0), slopes(0.02), rtol=2e-2, atol=2e-5)


def test_tables_of_the_wrong_shape_are_refused(endpoints):
    method, endpoint = get_method("log_rank"), endpoints["time_to_event"]
    with pytest.raises(InputError, match="tables have the wrong shape"):
        method.evaluate(np.zeros((5, 2, 3, 4)), endpoint, {}, np.empty((5, 3)))
    with pytest.raises(InputError, match="out has the wrong shape"):
        method.evaluate(np.zeros((5, 2, 3, endpoint.n_categories)), endpoint, {}, np.empty((4, 3)))


def test_an_endpoint_not_yet_known_gives_nothing():
    interim = build_endpoint({"name": "score", "kind": "score_on_day", "day": 14, "follow_up": 7}, niaid_8(), 28)
    tables = np.full((2, 2, 3, interim.n_categories), 5.0)
    for name in ("proportional_odds", "wilcoxon", "van_elteren"):
        out = np.zeros((2, 3))
        get_method(name).evaluate(tables, interim, {}, out)
        assert np.isnan(out).all()
