"""Methods and families of endpoints from outside the package, with the record that jaksim's own have."""

import json
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jaksim
import jaksim.methods
from jaksim.analysis import METHODS, get_method
from jaksim.endpoint import FAMILIES, Category, Family, Key, build_endpoint, endpoint_of, enumerate_automaton
from jaksim.errors import InputError
from jaksim.methods import Method, weighted_method
from jaksim.registry import Registry
from jaksim.scale import load_scale
from jaksim.scenario.document import read_document
from jaksim.scenario.registered import registered_in
from jaksim.scenario.scenario import scenario_of
from jaksim.source_hash import source_hash
from jaksim.verbs.sweep.points import grid
from jaksim.verbs.sweep.sweep import design_of, resume
from jaksim.verbs.sweep.worker import Instructions, Worker, compute

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
TABLE = np.array([[[9, 4, 6, 3, 2, 8], [3, 2, 5, 1, 0, 6]], [[5, 7, 3, 8, 1, 9], [2, 4, 1, 2, 2, 7]]])
TIME, STATUS = [1, 2, 3, 4, 3, 5], [1, 1, 1, 1, 0, 0]
SETTINGS = {"replicates": 60, "seed": 5}


@pytest.fixture(autouse=True)
def nothing_registered(monkeypatch):
    for registry in (METHODS, FAMILIES):
        monkeypatch.setattr(registry, "_added", {})
        monkeypatch.setitem(registry.__dict__, "points", {})


def copy_of(name, new):
    return replace(get_method(name), name=new)


def last_score(scale, horizon, *, name, day=None, follow_up=None):
    """As the shipped score on one day."""
    last = horizon if day is None else day
    seen = horizon if follow_up is None else follow_up

    def step(memory, score, today):
        return score if today == last and seen >= last else memory

    def category(memory):
        if memory is None:
            return Category(f"not known before day {last}")
        return Category(f"score {memory}", rank=int(scale.rank[scale.index(memory)]), value=memory)

    automaton, categories = enumerate_automaton(scale, horizon, lambda score: None, step, category)
    return endpoint_of(
        automaton,
        categories,
        name=name,
        kind="ordinal",
        scale=scale,
        event=f"score on day {last}",
        better="lower rank",
        definition=f"Score at the end of day {last} on the {scale.name}, death included.",
    )


LAST_SCORE = Family(
    name="last_score",
    kind="ordinal",
    build=last_score,
    description="Score on one day.",
    options=(Key("day", "whole number", "Day of the score."), Key("follow_up", "whole number", "Last day observed.")),
)


def small(**changes):
    document = read_document(SMALL)
    for plan in document["analysis"]:
        plan["method"] = changes.get(plan["method"], plan["method"])
    for table in document["endpoint"]:
        table["kind"] = changes.get(table["kind"], table["kind"])
    return scenario_of(document, str(SMALL))


def numbers(result):
    found = result.as_dict()
    kept = ("power", "ci", "rejections", "analytic_power", "mean_estimate", "arms")
    return [{key: one[key] for key in kept if key in one} for one in found["analyses"]]


@pytest.mark.parametrize(
    ("shipped", "arrays"),
    [
        ("log_rank", (TIME, STATUS)),
        ("cox", (TIME, STATUS)),
        ("wilcoxon", ([0, 1, 2, 3, 4, 5],)),
        ("risk_difference", ([1, 1, 0, 0, 1, 0],)),
    ],
)
def test_an_own_method_that_equals_a_shipped_one_gives_the_same_numbers(shipped, arrays):
    jaksim.methods.register(copy_of(shipped, "own"))
    own, same = jaksim.methods.own(TABLE, *arrays), getattr(jaksim.methods, shipped)(TABLE, *arrays)
    assert own == replace(same, method="own")


def test_power_with_an_own_method_and_an_own_family_is_that_with_the_shipped_ones():
    jaksim.methods.register(copy_of("log_rank", "own_log_rank"))
    jaksim.methods.register(copy_of("proportional_odds", "own_odds"))
    jaksim.endpoint.register(LAST_SCORE)
    own = small(log_rank="own_log_rank", proportional_odds="own_odds", score_on_day="last_score")
    found, same = jaksim.power(own, **SETTINGS), jaksim.power(small(), **SETTINGS)
    assert numbers(found) == numbers(same)
    assert set(found.provenance["registered"]) == {
        "method own_log_rank",
        "method own_odds",
        "kind of endpoint last_score",
    }
    assert "registered" not in same.provenance


def test_data_are_analysed_by_an_own_method_and_on_an_own_endpoint():
    rng = np.random.default_rng(3)
    data = {"arm": np.repeat(["a", "b"], 60), "time": rng.integers(1, 20, 120), "status": rng.integers(0, 2, 120)}
    jaksim.methods.register(copy_of("log_rank", "own_log_rank"))
    asked = {"reference": "a", "active": "b"}
    own, same = (jaksim.analyze(data, method=name, **asked) for name in ("own_log_rank", "log_rank"))
    assert own.analyses[0].result == replace(same.analyses[0].result, method="own_log_rank")
    assert list(own.provenance["registered"]) == ["method own_log_rank"]

    jaksim.endpoint.register(LAST_SCORE)
    daily = {"arm": data["arm"], "baseline_score": np.full(120, 5)}
    daily |= {f"score_day_{day}": rng.integers(1, 8, 120) for day in (1, 2, 3)}
    asked |= {"scale": "niaid-8", "method": "wilcoxon"}
    own, same = (jaksim.analyze(daily, endpoint={"kind": kind}, **asked) for kind in ("last_score", "score_on_day"))
    assert own.analyses[0].result == same.analyses[0].result


def test_a_shoot_out_takes_what_is_registered():
    jaksim.methods.register(replace(get_method("log_rank"), name="own_log_rank"))
    offered = replace(LAST_SCORE, standard=lambda scale, horizon, first: [(5, {"name": "own score", "day": 3})])
    jaksim.endpoint.register(offered)
    found = jaksim.shoot_out(small(), replicates=20, seed=1)
    assert {one.method for one in found.analyses} >= {"own_log_rank", "log_rank"}
    assert "own score" in {one.endpoint for one in found.analyses}


def test_an_own_weight_of_one_or_of_fleming_and_harrington_is_the_shipped_test():
    for name, options, weight in (
        ("own_unit", {}, lambda free, at_risk, days, options: np.ones_like(free)),
        ("own_late", {"gamma": 1.0}, lambda free, at_risk, days, options: 1.0 - free),
        ("own_gehan", {"weight": "gehan"}, lambda free, at_risk, days, options: at_risk),
    ):
        jaksim.methods.register(weighted_method(name, weight))
        own = getattr(jaksim.methods, name)(TABLE, TIME, STATUS)
        same = jaksim.methods.weighted_log_rank(TABLE, TIME, STATUS, **options)
        assert [own.estimate, own.se, own.statistic] == pytest.approx(
            [same.estimate, same.se, same.statistic], rel=1e-12
        )


def test_an_own_weight_is_that_of_lifelines_and_of_the_closed_form():
    lifelines = pytest.importorskip("lifelines.statistics")
    table = TABLE[:, :1]
    rows = [np.repeat(np.arange(6), counts) for counts in table[:, 0]]
    times, events = np.array(TIME), np.array(STATUS)
    args = (times[rows[1]], times[rows[0]], events[rows[1]], events[rows[0]])
    jaksim.methods.register(weighted_method("root", lambda free, at_risk, days, options: np.sqrt(at_risk)))
    found = jaksim.methods.root(table, TIME, STATUS)
    expected = lifelines.logrank_test(*args, weightings="tarone-ware")
    assert found.statistic**2 == pytest.approx(expected.test_statistic, rel=1e-10)

    # Closed form: days weighted 3 before day 2.5 and -1 after it, from observed and expected events by hand.
    def step(free, at_risk, days, options):
        return np.where(days < options["change"], 3.0, -1.0)

    change = Key("change", "number", "Day on which the weight changes", 2.5)
    jaksim.methods.register(weighted_method("steps", step, options=(change,)))
    score = variance = 0.0
    for day in (1, 2, 3, 4):
        at_risk = [table[arm, 0, times >= day].sum() for arm in (0, 1)]
        d = [table[arm, 0, (times == day) & (events == 1)].sum() for arm in (0, 1)]
        n, weight = sum(at_risk), 3.0 if day < 2.5 else -1.0
        score += weight * (d[1] - sum(d) * at_risk[1] / n)
        variance += weight**2 * sum(d) * (at_risk[0] * at_risk[1] / n**2) * (n - sum(d)) / (n - 1)
    found = jaksim.methods.steps(table, TIME, STATUS)
    assert found.statistic == pytest.approx(score / np.sqrt(variance), rel=1e-12)
    assert jaksim.methods.steps(table, TIME, STATUS, change=9.0).statistic == pytest.approx(
        jaksim.methods.log_rank(table, TIME, STATUS).statistic, rel=1e-12
    )


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        (lambda free, at_risk, days, options: np.ones(2), "method bad: the weights are not one for each day"),
        (lambda free, at_risk, days, options: np.log(free - 1.0), "a weight of a day with an event is not a number"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*log")
def test_weights_that_are_none_are_refused(weight, message):
    jaksim.methods.register(weighted_method("bad", weight))
    with pytest.raises(InputError, match=message):
        jaksim.methods.bad(TABLE, TIME, STATUS)


def test_a_name_means_one_thing():
    own = jaksim.methods.register(copy_of("log_rank", "own"))
    assert jaksim.methods.register(own) is own
    with pytest.raises(InputError, match=r"another method has this name \(got 'own'\)"):
        jaksim.methods.register(copy_of("log_rank", "own"))
    other = copy_of("cox", "own")
    assert jaksim.methods.register(other, replace=True) is get_method("own") is other
    with pytest.raises(InputError, match=r"jaksim has a method of this name \(got 'cox'\)"):
        jaksim.methods.register(get_method("cox"))
    with pytest.raises(InputError, match="jaksim has a method of this name"):
        jaksim.methods.register(copy_of("log_rank", "cox"), replace=True)
    with pytest.raises(InputError, match="jaksim has a family of endpoints of this name"):
        jaksim.endpoint.register(replace(LAST_SCORE, name="free_days"))
    for name in ("my test", "", "_hidden", "2nd"):
        with pytest.raises(InputError, match="not a name of a method"):
            jaksim.methods.register(copy_of("log_rank", name))
    with pytest.raises(InputError, match="a method is a `Method`"):
        jaksim.methods.register(LAST_SCORE)


def test_a_wrong_spelling_finds_what_is_registered():
    jaksim.methods.register(copy_of("log_rank", "tippett_weights"))
    jaksim.endpoint.register(LAST_SCORE)
    with pytest.raises(InputError, match="did you mean 'tippett_weights'"):
        get_method("tipett_weights")
    with pytest.raises(InputError, match="did you mean 'last_score'"):
        build_endpoint({"name": "it", "kind": "last_scores"}, load_scale("niaid-8"), 5)


def test_a_family_gets_what_its_keys_hold_or_is_not_built():
    scale = load_scale("niaid-8")

    def taking(scale, horizon, *, name, **options):
        seen.append(options)
        return last_score(scale, horizon, name=name)

    seen = []
    keys = (Key("share", "number", "A share.", 0.5, low=0.0, high=1.0), Key("label", "text", "A word."))
    jaksim.endpoint.register(Family("keyed", "ordinal", taking, "With keys.", keys))
    build_endpoint({"name": "it", "kind": "keyed"}, scale, 5)
    build_endpoint({"name": "it", "kind": "keyed", "share": 0.25, "label": "x"}, scale, 5)
    assert seen == [{"share": 0.5}, {"share": 0.25, "label": "x"}]
    for given, message in (
        ({"share": 2}, "endpoint 'it', share: the value is out of range .got 2.; allowed: 0 to 1"),
        ({"shar": 0.1}, "unknown key for kind 'keyed'.*did you mean 'share'"),
        ({"label": 3}, "label: wrong kind of value"),
    ):
        with pytest.raises(InputError, match=message):
            build_endpoint({"name": "it", "kind": "keyed", **given}, scale, 5)
    jaksim.endpoint.register(replace(LAST_SCORE, name="wrong", kind="binary"))
    with pytest.raises(InputError, match="endpoint 'it': the family is of another kind than its endpoint"):
        build_endpoint({"name": "it", "kind": "wrong"}, scale, 5)


def test_the_hash_follows_the_source_and_what_is_closed_over(tmp_path):
    def scaled(factor):
        return lambda free, at_risk, days, options: factor * free

    one, same, other = (source_hash(weighted_method("w", scaled(factor))) for factor in (1.0, 1.0, 2.0))
    assert one == same != other
    hashes = []
    for text in ("1.0", "2.0", "1.0"):
        module = tmp_path / "weights.py"
        module.write_text(f"def weight(free, at_risk, days, options):\n    return {text} * free\n")
        names = {}
        exec(compile(module.read_text(), str(module), "exec"), names)
        hashes.append(source_hash(weighted_method("w", names["weight"])))
    assert hashes[0] == hashes[2] != hashes[1]
    typed = []
    for text in ("1.0", "2.0"):
        names = {}
        exec(f"weight = lambda free, at_risk, days, options: {text} * free", names)
        typed.append(source_hash(weighted_method("w", names["weight"])))
    assert typed[0] != typed[1]


def test_the_hash_of_a_scenario_follows_an_own_method():
    def first(free, at_risk, days, options):
        return free

    def second(free, at_risk, days, options):
        return free**2

    hashes = []
    for weight in (first, second, first):
        jaksim.methods.register(weighted_method("own", weight), replace=True)
        hashes.append(small(log_rank="own").hash)
    assert hashes[0] == hashes[2] != hashes[1]
    assert registered_in(read_document(SMALL)) == {}


@pytest.fixture
def own_scenario(tmp_path):
    text = SMALL.read_text().replace('method = "log_rank"', 'method = "tippett"')
    scenario = tmp_path / "own.toml"
    scenario.write_text(text.replace('"four.toml"', json.dumps(str(SMALL.parent / "four.toml"))))
    return scenario


def test_a_sweep_goes_on_only_with_the_method_that_it_was_begun_with(tmp_path, own_scenario):
    def weight(free, at_risk, days, options):
        return 1.0 - free

    asked = {"out": tmp_path / "sweep", "vary": ["population.patients=100,200"], "replicates": 20, "workers": 2}
    jaksim.methods.register(weighted_method("tippett", weight))
    state = jaksim.sweep(own_scenario, **asked)
    assert state.complete
    assert jaksim.sweep(own_scenario, **asked).fingerprint == state.fingerprint

    def other(free, at_risk, days, options):
        return free

    jaksim.methods.register(weighted_method("tippett", other), replace=True)
    with pytest.raises(InputError, match=r"another design: hash\.method tippett: "):
        jaksim.sweep(own_scenario, **asked)
    with pytest.raises(InputError, match="the source of method tippett is another one here"):
        resume(tmp_path / "sweep")
    METHODS.forget("tippett")
    with pytest.raises(InputError, match="method tippett is not registered here"):
        resume(tmp_path / "sweep")


def test_a_worker_without_the_method_or_with_another_one_refuses(tmp_path, own_scenario, monkeypatch):
    jaksim.methods.register(copy_of("log_rank", "tippett"))
    jaksim.endpoint.register(LAST_SCORE)
    own_scenario.write_text(own_scenario.read_text().replace('kind = "score_on_day"', 'kind = "last_score"'))
    sent = pickle.dumps(Instructions.of(design_of(own_scenario, grid(["population.patients=100,200"]))))
    assert compute(sent, []) == []
    Worker(pickle.loads(sent))
    jaksim.methods.register(copy_of("cox", "tippett"), replace=True)
    with pytest.raises(InputError, match="worker: the source of method tippett is another one here; allowed: the same"):
        Worker(pickle.loads(sent))
    monkeypatch.setattr(METHODS, "_added", {})
    with pytest.raises(InputError, match="worker: method tippett is not registered here"):
        Worker(pickle.loads(sent))
    jaksim.methods.register(copy_of("log_rank", "tippett"))
    monkeypatch.setattr(FAMILIES, "_added", {})
    with pytest.raises(InputError, match="worker: kind of endpoint last_score is not registered here"):
        Worker(pickle.loads(sent))


def package(folder, name, source, points):
    """An installed package of one module."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(points)


OWN = """
from dataclasses import replace
from jaksim.analysis import get_method
METHOD = replace(get_method("log_rank"), name="tippett")
"""


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """The registry of methods as a new process has it, with packages that are installed in a folder."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return lambda: Registry(Method, "method", "jaksim.analysis", "*/methods", "METHOD", "jaksim.methods")


def find(registry, name):
    return registry.find(name, lambda: InputError("unknown analysis method", allowed=registry, got=name))


def test_an_installed_package_brings_its_methods(tmp_path, registry):
    package(tmp_path, "own_pack", OWN, "[jaksim.methods]\ntippett = own_pack:METHOD\n")
    found = registry()
    assert "tippett" in found
    assert "own_pack" not in sys.modules
    assert find(found, "tippett").fill is get_method("log_rank").fill
    with pytest.raises(InputError, match="did you mean 'tippett'"):
        find(found, "tipett")


@pytest.mark.parametrize(
    ("source", "point", "message"),
    [
        ("import nothing_of_this_name", "tippett = broken_pack:METHOD", "cannot be imported .ModuleNotFoundError"),
        ("1 / 0", "tippett = broken_pack:METHOD", "cannot be imported .ZeroDivisionError"),
        ("x = 1", "tippett = broken_pack:METHOD", "cannot be imported .AttributeError"),
        ("METHOD = 3", "tippett = broken_pack:METHOD", "does not name a method of this name .got 3."),
        (OWN, "tippet = broken_pack:METHOD", "does not name a method of this name .got 'tippett'."),
        (OWN, "cox = broken_pack:METHOD", "package broken_pack has a method of the name of jaksim's own"),
    ],
)
def test_a_broken_entry_point_is_one_message(tmp_path, registry, source, point, message):
    package(tmp_path, "broken_pack", source, f"[jaksim.methods]\n{point}\n")
    with pytest.raises(InputError, match=message):
        find(registry(), point.split(" ")[0] if "cox" not in point else "unknown_one")
    sys.modules.pop("broken_pack", None)


def test_two_packages_with_one_name_are_refused(tmp_path, registry):
    for name in ("pack_one", "pack_two"):
        package(tmp_path, name, OWN, f"[jaksim.methods]\ntippett = {name}:METHOD\n")
    with pytest.raises(InputError, match=r"package pack_(one|two) has a method of the name of that of package pack_"):
        find(registry(), "tippett")


def test_the_command_line_knows_a_package_and_refuses_a_broken_one(tmp_path, own_scenario, monkeypatch, capfd):
    from jaksim.cli import run

    package(tmp_path, "pack_a", OWN, "[jaksim.methods]\ntippett = pack_a:METHOD\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(METHODS.__dict__, "points")
    words = ["power", str(own_scenario), "--replicates", "20", "--json"]
    assert run(words) == 0
    assert json.loads(capfd.readouterr().out)["provenance"]["registered"].keys() == {"method tippett"}

    monkeypatch.setattr(METHODS, "_added", {})
    monkeypatch.delitem(METHODS.__dict__, "points", raising=False)
    monkeypatch.delitem(sys.modules, "pack_a")
    (tmp_path / "pack_a.py").write_text("raise OSError('no licence')")
    assert run(words) == 2
    said = capfd.readouterr()
    assert said.out == ""
    assert "entry point tippett = pack_a:METHOD of package pack_a: this method cannot be imported" in said.err
    assert "no licence" in said.err
    assert "Traceback" not in said.err
