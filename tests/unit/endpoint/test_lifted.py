"""Strategies for withdrawal, treatment stop and missed visits: closed forms, and every path read by hand."""

import itertools
import math

import numpy as np
import pytest

from jaksim.endpoint import build_endpoint
from jaksim.errors import InputError
from jaksim.exact.transition import transition_matrices
from jaksim.model.courses.rules import TreatmentStop
from jaksim.model.intensity import IntensityTable
from jaksim.model.intercurrent import IntercurrentEvents, MissedVisit, Risk
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale(
    "three", (1, 2, 3), ("well", "ill", "dead"), True, (3,), {"well": (1,), "ill": (2,), "dead": (3,), "bad": (2, 3)}
)
EXACT = 1e-12


def table(**moves: float) -> IntensityTable:
    """Constant intensities between the three states, given as from21=0.1."""
    generator = np.zeros((3, 3))
    for name, value in moves.items():
        generator[int(name[-2]) - 1, int(name[-1]) - 1] = value
    return IntensityTable(np.zeros(1), (generator - np.diag(generator.sum(axis=1)))[None])


def law(states, endpoint, treated, untreated=None, arm="active", score=2):
    daily = transition_matrices(states.intensities(arm, [treated, untreated or treated]), endpoint.horizon)
    state = SCALE.index(score)
    return sum(share * endpoint.law(daily, start) for share, start in states.starts(arm, state))


def by_label(endpoint, probabilities):
    return {name: float(p) for name, p in zip(endpoint.labels, probabilities, strict=True) if p > 0.0}


def states_with(thought_away=(), **events):
    return PatientStates(SCALE, ("control", "active"), IntercurrentEvents(**events), thought_away)


A, W, H = 0.2, 0.07, 5
RECOVERY = {"name": "recovery", "kind": "time_to_event", "set": "well"}
SCORE = {"name": "score", "kind": "score_on_day"}


def test_withdrawal_from_one_score_is_a_competing_exponential() -> None:
    states = states_with(withdrawal=(Risk((2,), per_day=W),))
    stays = math.exp(-(A + W))
    first = {day: stays ** (day - 1) * (1.0 - stays) / (A + W) for day in range(1, H + 1)}
    open_ = stays**H

    def found(strategy, spec=RECOVERY):
        endpoint = build_endpoint(spec | {"withdrawal": strategy}, SCALE, H, states)
        return by_label(endpoint, law(states, endpoint, table(from21=A)))

    events = {f"event day {day}": A * first[day] for day in first}
    gone = {day: W * first[day] for day in first}
    expected = {
        "censor": {**events, **{f"censored day {d - 1}": p for d, p in gone.items()}, f"censored day {H}": open_},
        "while observed": {
            **events,
            **{f"competing event day {d}": p for d, p in gone.items()},
            f"censored day {H}": open_,
        },
        "composite": {**events, f"censored day {H}": open_ + sum(gone.values())},
        "worst case": {**events, f"censored day {H}": open_ + sum(gone.values())},
        "carry forward": {**events, f"censored day {H}": open_ + sum(gone.values())},
    }
    for strategy, probabilities in expected.items():
        assert found(strategy) == pytest.approx(probabilities, abs=EXACT), strategy
    stayed = {f"event day {d}": math.exp(-A * (d - 1)) - math.exp(-A * d) for d in range(1, H + 1)}
    assert found("hypothetical") == pytest.approx({**stayed, f"censored day {H}": math.exp(-A * H)}, abs=EXACT)

    left, well = sum(gone.values()), sum(events.values())
    score = {
        "complete case": {"score 1": well, "score 2": open_, "not observed": left},
        "composite": {"score 1": well, "score 2": open_ + left},
        "worst case": {"score 1": well, "score 2": open_, "score 3": left},
        "carry forward": {"score 1": well, "score 2": open_ + left},
        "while observed": {"score 1": well, "score 2": open_ + left},
        "hypothetical": {"score 1": 1.0 - math.exp(-A * H), "score 2": math.exp(-A * H)},
    }
    for strategy, probabilities in score.items():
        assert found(strategy, SCORE) == pytest.approx(probabilities, abs=EXACT), strategy


def test_withdrawal_before_a_bad_event_is_the_event_as_a_composite() -> None:
    states = states_with(withdrawal=(Risk(per_day=W),))
    death = {"name": "death", "kind": "time_to_event", "set": "dead", "withdrawal": "composite"}
    endpoint = build_endpoint(death, SCALE, H, states)
    found = by_label(endpoint, law(states, endpoint, table(from23=A)))
    stays = math.exp(-(A + W))
    expected = {f"event day {d}": stays ** (d - 1) * (1 - stays) for d in range(1, H + 1)}
    assert found == pytest.approx({**expected, f"censored day {H}": stays**H}, abs=EXACT)


def test_after_a_treatment_stop_the_untreated_intensities_hold() -> None:
    treated, untreated, stop = 0.3, 0.1, 0.15
    states = states_with(treatment_stop=(TreatmentStop((2,), per_day=stop),))
    endpoint = build_endpoint(SCORE, SCALE, H, states)
    found = by_label(endpoint, law(states, endpoint, table(from21=treated), table(from21=untreated)))
    pace = treated + stop - untreated
    ill = math.exp(-(treated + stop) * H) + stop * math.exp(-untreated * H) * (1.0 - math.exp(-pace * H)) / pace
    assert found == pytest.approx({"score 1": 1.0 - ill, "score 2": ill}, abs=EXACT)

    composite = build_endpoint(RECOVERY | {"treatment_stop": "while on treatment"}, SCALE, H, states)
    found = by_label(composite, law(states, composite, table(from21=treated), table(from21=untreated)))
    stays = math.exp(-(treated + stop))
    for day in range(1, H + 1):
        leaving = stays ** (day - 1) * (1.0 - stays) / (treated + stop)
        # A patient who stops and recovers on one day has stopped by the end of it.
        assert found[f"competing event day {day}"] == pytest.approx(leaving * stop, abs=EXACT)
        assert found[f"event day {day}"] == pytest.approx(leaving * treated, abs=EXACT)


def test_the_course_without_the_stop_has_the_law_without_the_stop() -> None:
    treated, untreated = table(from21=0.3, from23=0.05, from12=0.1), table(from21=0.1, from23=0.2, from12=0.1)
    plain = PatientStates(SCALE, ("control", "active"))
    states = states_with(("treatment_stop",), treatment_stop=(TreatmentStop(per_day=0.2),))
    single = states_with(treatment_stop=(TreatmentStop(per_day=0.2),))
    for spec in (RECOVERY, SCORE, {"name": "free", "kind": "free_days", "set": "ill"}):
        alone = build_endpoint(spec, SCALE, H)
        expected = law(plain, alone, treated)
        endpoint = build_endpoint(spec | {"treatment_stop": "hypothetical"}, SCALE, H, states)
        np.testing.assert_allclose(law(states, endpoint, treated, untreated), expected, atol=EXACT)
        policy = [build_endpoint(spec, SCALE, H, one) for one in (states, single)]
        laws = [law(one, e, treated, untreated) for one, e in zip((states, single), policy, strict=True)]
        np.testing.assert_allclose(laws[0], laws[1], atol=EXACT)
        assert np.abs(laws[0] - expected).max() > 0.01


def test_a_missed_visit_has_the_probability_of_the_score_and_arm() -> None:
    visits = (
        MissedVisit((1,), day=3, probability=0.3),
        MissedVisit((2,), day=3, probability=0.1),
        MissedVisit((2,), ("active",), day=3, probability=0.5),
    )
    states = states_with(missed_visit=visits)
    seen = {"active": (0.7, 0.9 * 0.5), "control": (0.7, 0.9)}
    ill = math.exp(-A * 3)
    for arm, (well_seen, ill_seen) in seen.items():
        expected = {"score 1": (1.0 - ill) * well_seen, "score 2": ill * ill_seen}
        missing = 1.0 - sum(expected.values())
        endpoint = build_endpoint(SCORE | {"day": 3}, SCALE, H, states)
        found = by_label(endpoint, law(states, endpoint, table(from21=A), arm=arm))
        assert found == pytest.approx({**expected, "not observed": missing}, abs=EXACT)
        before = math.exp(-A * 2)
        carried = build_endpoint(SCORE | {"day": 3, "missed_visit": "carry forward"}, SCALE, H, states)
        found = by_label(carried, law(states, carried, table(from21=A), arm=arm))
        well = (1.0 - ill) * well_seen + (1.0 - before) * (1.0 - well_seen)
        assert found == pytest.approx({"score 1": well, "score 2": 1.0 - well}, abs=EXACT)
        elsewhere = build_endpoint(SCORE | {"day": 4}, SCALE, H, states)
        assert law(states, elsewhere, table(from21=A), arm=arm).sum() == pytest.approx(1.0, abs=EXACT)
        assert "not observed" not in elsewhere.labels


SPECIFICATIONS = (
    RECOVERY,
    RECOVERY | {"sustained": 2, "death": "competing"},
    RECOVERY | {"readmission": "composite", "day": 3},
    {"name": "death", "kind": "time_to_event", "set": "dead"},
    {"name": "better", "kind": "time_to_change", "or_set": "well"},
    SCORE,
    {"name": "worst", "kind": "worst_score"},
    {"name": "free", "kind": "free_days", "set": "ill"},
    {"name": "last free", "kind": "free_days", "set": "ill", "counting": "last stretch", "death": 0},
    {"name": "home", "kind": "free_days", "set": "ill", "death": "while alive"},
    {"name": "area", "kind": "score_area"},
    {"name": "dead", "kind": "event_by_day", "set": "dead"},
    {"name": "on", "kind": "event_by_day", "set": "well", "occasion": "on", "day": 2},
    {
        "name": "hierarchy",
        "kind": "hierarchical",
        "components": [{"kind": "time_to_event", "set": "dead"}, {"kind": "free_days", "set": "ill"}],
    },
)
DAYS = 4


def read_by_hand(endpoint, strategy, flag, path):
    """What a patient has whose score of day `flag` is the first one unseen (0 for never)."""
    plain = {name: getattr(endpoint, name) for name in ("labels", "time", "status", "rank")}
    last = max(t for t in plain["time"] if t == t) if endpoint.kind == "time_to_event" else 0
    whole = plain["labels"][endpoint.categories_of([path])[0]]
    if not flag or strategy == "hypothetical":
        return whole
    seen = list(path[:flag])
    futures = itertools.product(*[(1, 2, 3)] * (len(path) - flag))
    futures = [seen + list(f) for f in futures if all(b == 3 for a, b in itertools.pairwise(seen + list(f)) if a == 3)]
    if len(known := {plain["labels"][k] for k in endpoint.categories_of(futures)}) == 1:
        return known.pop()
    if strategy == "carry forward" or (strategy == "while observed" and endpoint.kind == "day_count"):
        rest = seen[-1] if strategy == "carry forward" else 2  # ill, a day that is not free
        carried = seen + [rest] * (len(path) - flag)
        return plain["labels"][endpoint.categories_of([carried])[0]]
    if endpoint.kind == "time_to_event":
        failure = f"censored day {last:g}" if endpoint.better == "event" else f"event day {flag}"
        words = {"censor": f"censored day {flag - 1}", "while observed": f"competing event day {flag}"}
        return words.get(strategy, failure)
    if strategy == "complete case":
        return "not observed"
    everyone = [
        p
        for p in itertools.product(*[(1, 2, 3)] * len(path))
        if all(b == 3 for a, b in itertools.pairwise(p) if a == 3)
        and (strategy == "worst case" or endpoint.kind == "binary" or p[-1] != 3)
    ]
    ranks = endpoint.rank[endpoint.categories_of(everyone)]
    return plain["labels"][int(np.flatnonzero(endpoint.rank == ranks.max())[0])]


@pytest.mark.parametrize("spec", SPECIFICATIONS, ids=lambda spec: spec["name"])
def test_every_path_of_a_patient_who_withdraws_is_read_as_its_strategy_says(spec) -> None:
    states = states_with(withdrawal=(Risk(per_day=W),))
    plain = build_endpoint(spec, SCALE, DAYS)
    paths = [
        p
        for p in itertools.product((1, 2, 3), repeat=DAYS + 1)
        if p[0] != 3 and all(b == 3 for a, b in itertools.pairwise(p) if a == 3)
    ]
    strategies = ["hypothetical", "composite", "worst case", "carry forward"]
    strategies += ["censor", "while observed"] if plain.kind == "time_to_event" else ["complete case"]
    strategies += ["while observed"] if plain.idle is not None else []
    for strategy in strategies:
        lifted = build_endpoint(spec | {"withdrawal": strategy}, SCALE, DAYS, states)
        for path in paths:
            for flag in (0, *(day for day in range(1, DAYS + 1) if path[day - 1] != 3)):
                walk = [s - 1 + 3 * bool(flag and day >= flag) for day, s in enumerate(path)]
                found = lifted.labels[lifted.automaton.run([walk])[0]]
                assert found == read_by_hand(plain, strategy, flag, path), (strategy, path, flag)


@pytest.mark.parametrize("seed", range(6))
def test_laws_sum_to_one_and_without_any_risk_are_the_plain_laws(seed) -> None:
    stream = np.random.default_rng(seed)
    first, second = (
        table(**dict(zip(("m12", "m21", "m13", "m23"), stream.uniform(0.0, 0.4, 4), strict=True))) for _ in range(2)
    )
    rates = stream.uniform(0.01, 0.3, 3)
    events = {
        "withdrawal": (Risk(per_day=rates[0], end=2.5), Risk((2,), ("active",), per_day=rates[1])),
        "treatment_stop": (TreatmentStop(per_day=rates[2], start=1.0),),
        "missed_visit": (MissedVisit(day=DAYS, probability=float(rates[0])),),
    }
    states = states_with(**events)
    silent = states_with(
        withdrawal=(Risk(),),
        treatment_stop=(TreatmentStop(per_day=0.0),),
        missed_visit=(MissedVisit(day=DAYS),),
    )
    for spec in SPECIFICATIONS:
        plain = build_endpoint(spec, SCALE, DAYS)
        expected = by_label(plain, plain.law(transition_matrices(first, DAYS), 1))
        for strategy in ("hypothetical", "composite", "carry forward"):
            endpoint = build_endpoint(spec | {"withdrawal": strategy}, SCALE, DAYS, states)
            assert law(states, endpoint, first, second).sum() == pytest.approx(1.0, abs=EXACT)
            quiet = build_endpoint(spec | {"withdrawal": strategy}, SCALE, DAYS, silent)
            assert by_label(quiet, law(silent, quiet, first, second)) == pytest.approx(expected, abs=EXACT)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"withdrawal": "treatment policy"}, ["no score is seen after", "withdrawal"]),
        ({"withdrawal": "complet case"}, ["unknown value", "did you mean 'complete case'"]),
        ({"withdrawal": 3}, ["unknown value", "withdrawal"]),
        ({"treatment_stop": "complete case"}, ["nothing is missing"]),
        ({"missed_visit": "treatment policy"}, ["no score to take"]),
        ({"kind": "worst_score", "missed_visit": "complete case"}, ["only an endpoint that reads a single day"]),
        ({"kind": "score_area", "withdrawal": "while observed"}, ["no value for a part of the days"]),
        (
            {"kind": "free_days", "set": "ill", "readmission": "worst case", "withdrawal": "while observed"},
            ["no value for a part of the days"],
        ),
        ({"withdrawl": "composite"}, ["did you mean 'withdrawal'"]),
        (
            {"kind": "hierarchical", "components": [{"kind": "score_on_day", "withdrawal": "composite"}]},
            ["stands beside the components"],
        ),
    ],
)
def test_strategies_that_make_no_sense_are_refused_with_the_reason(keys, words) -> None:
    with pytest.raises(InputError) as caught:
        build_endpoint(SCORE | keys, SCALE, H)
    for word in words:
        assert word in str(caught.value)
