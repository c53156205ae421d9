"""Rescue, switch, stop and missed doses: laws and paths against a plain simulation that knows nothing of states."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest

from jaksim.design.engine.cells import Cells
from jaksim.design.engine.engine import PathEngine
from jaksim.design.expected.turns import turn_shares
from jaksim.scenario import load_scenario

RESCUED = Path(__file__).parents[1] / "scenarios" / "rescued.toml"
DAYS = 10
WORST_Z = 4.0
PLAIN = {(2, 1): 0.1, (3, 2): 0.12, (2, 3): 0.08, (3, 4): 0.06, (1, 2): 0.03}  # by move
CHANGES = [0.0, 1.0, 2.5, 4.0, 6.0, 7.0, math.inf]


def hazard(move, day, drugs):
    """Intensity of a move on a day under treatments, of which "open" acts from when it is begun."""
    rate = PLAIN[move]
    if move == (3, 2) and day >= 2.5:
        rate = 0.2
    if move[1] < move[0]:
        rate *= 1.8 if "drug" in drugs and ("late drug" in drugs or day < 7.0) else 1.0
        rate *= 2.5 if "open" in drugs else 1.0
        rate *= math.exp(-0.6) if {"open", "drug"} <= drugs else 1.0
    if move[1] == 4 and "open" in drugs:
        rate *= 0.2
    return rate


class Patient:
    """One patient, whose rules are those of a subclass."""

    def __init__(self, arm, score, stream):
        self.arm, self.score, self.stream = arm, score, stream
        self.drugs = {"drug"} if arm == "drug" else set()
        self.begun = set()
        self.entered()

    def entered(self):
        """At randomisation."""

    def moved(self, before, day):
        """After a move between scores."""

    def on_day(self, day):
        """On one of the days on which something changes."""

    def events(self, day):
        """Rates of what happens beside moves, by what is done then."""
        return {}

    def scores(self):
        day, path, events = 0.0, [self.score], []
        for until in CHANGES[1:]:
            until = min(until, float(DAYS))
            while True:
                rates = [(hazard(move, day, self.drugs), move) for move in PLAIN if move[0] == self.score]
                rates += [(rate, done) for done, rate in self.events(day).items()] if self.score != 4 else []
                total = sum(rate for rate, _ in rates)
                wait = self.stream.exponential(1.0 / total) if total else math.inf
                if day + wait >= until:
                    break
                day += wait
                reached = np.cumsum([rate for rate, _ in rates])
                what = rates[int(np.searchsorted(reached, self.stream.uniform(0.0, total), side="right"))][1]
                if callable(what):
                    what()
                else:
                    before, self.score = self.score, what[1]
                    events.append((day, self.score))
                    self.moved(before, day)
            day = until
            if self.score != 4:
                self.on_day(day)
        days, scores = [0.0, *(day for day, _ in events)], [path[0], *(score for _, score in events)]
        return [scores[np.searchsorted(days, end, side="right") - 1] for end in range(DAYS + 1)]

    def rescue(self):
        self.drugs.add("open")
        self.begun.add("rescue")


class AtDeterioration(Patient):
    def moved(self, before, day):
        if self.score == 3 and before == 2 and day >= 1.0 and "rescue" not in self.begun and self.stream.random() < 0.6:
            self.rescue()


class WhileIll(Patient):
    """Rescue at an intensity in one arm, which ends after two stages of two days each."""

    stage = 0

    def events(self, day):
        if self.stage == 0 and self.arm == "control" and self.score in (2, 3) and day < 6.0:
            return {self.onwards: 0.3}
        return {self.onwards: 0.5} if self.stage in (1, 2) else {}

    def onwards(self):
        self.stage += 1
        self.rescue() if self.stage == 1 else None
        if self.stage == 3:
            self.drugs.discard("open")


class GoesOver(Patient):
    """On day 4 those still ill go over to the drug, with a chance of 0.7; before, whoever gets very ill."""

    def over(self):
        self.drugs |= {"drug", "late drug"}
        self.begun.add("switch")

    def moved(self, before, day):
        if self.arm == "control" and self.score == 3 and day < 4.0 and "switch" not in self.begun:
            self.over()

    def on_day(self, day):
        ill = self.arm == "control" and self.score in (2, 3) and "switch" not in self.begun
        if day == 4.0 and ill and self.stream.random() < 0.7:
            self.over()


class StopsAtDischarge(AtDeterioration):
    """Both drugs end at a move to score 1, and are not begun again."""

    def moved(self, before, day):
        super().moved(before, day)
        if self.score == 1:
            self.begun.add("treatment_stop")
        if "treatment_stop" in self.begun:
            self.drugs.clear()


class MissesDoses(Patient):
    """The drug is taken on 70 % of the days, in pauses of half a day."""

    paused = False

    def entered(self):
        if self.arm == "drug" and self.stream.random() < 0.3:
            self.pause()

    def events(self, day):
        if self.arm != "drug":
            return {}
        return {self.resume: 2.0} if self.paused else {self.pause: 0.3 / (0.7 * 0.5)}

    def pause(self):
        self.paused = True
        self.drugs.discard("drug")

    def resume(self):
        self.paused = False
        self.drugs.add("drug")


NO_RESCUE = "rescue=[]"
CASES = {
    "at deterioration": (AtDeterioration, []),
    "while ill": (
        WhileIll,
        [
            'rescue=[{ treatments = ["open"], current_scores = [2, 3], arms = ["control"], per_day = 0.3, end = 6, '
            "lasts = 4, stages = 2 }]"
        ],
    ),
    "goes over": (
        GoesOver,
        [
            NO_RESCUE,
            'switch=[{ to = "drug", arms = ["control"], current_scores = [2, 3], day = 5, probability = 0.7 }, '
            '{ to = "drug", arms = ["control"], current_scores = [3], probability = 1.0, end = 4 }]',
        ],
    ),
    "stops at discharge": (
        StopsAtDischarge,
        ['treatment_stop=[{ current_scores = [1], probability = 1.0, treatments = ["drug", "open"] }]'],
    ),
    "misses doses": (MissesDoses, [NO_RESCUE, 'missed_doses=[{ covered = 0.7, days = 0.5, arms = ["drug"] }]']),
}


@pytest.mark.parametrize("case", CASES)
def test_laws_and_paths_are_those_of_patients_followed_by_hand(case):
    kind, changes = CASES[case]
    trial = load_scenario(RESCUED, changes=changes).trial
    cells = Cells(trial)
    paths = [table.sum(axis=0) for table in PathEngine(cells, 5).tables(0, 60)]
    shares = {(one.arm, one.event): one.share[-1] for one in turn_shares(cells)}
    stream, n = np.random.default_rng(1), 3000
    worst, happened = 0.0, dict.fromkeys(shares, 0.0)
    for position, cell in enumerate(cells.cells):
        score = trial.scale.scores[trial.states.score[cell.groups[0].start_index]]
        patients = [kind(cell.arm.name, score, stream) for _ in range(n)]
        walked = np.array([patient.scores() for patient in patients])
        for (arm, event), total in happened.items():
            share = sum(event in patient.begun for patient in patients) / n
            happened[arm, event] = total + cell.stratum.weight * share * (arm == cell.arm.name)
        for number, endpoint in enumerate(load_scenario(RESCUED, changes=[NO_RESCUE]).trial.endpoints):
            lifted = trial.endpoints[number]
            laws = dict(zip(lifted.labels, cells.marginal_laws[number][position], strict=True))
            found = np.bincount(endpoint.categories_of(walked), minlength=endpoint.n_categories)
            law = np.array([laws[label] for label in endpoint.labels])
            assert law.sum() == pytest.approx(1.0, abs=1e-12)
            walks = dict(zip(lifted.labels, paths[number][position], strict=True))
            for counts in (found, np.array([walks[label] for label in endpoint.labels])):
                total = counts.sum()
                spread = np.sqrt(total * law * (1.0 - law))
                often = total * law * (1.0 - law) > 10.0
                worst = max(worst, np.abs((counts - total * law)[often] / spread[often]).max())
    assert worst < WORST_Z
    for key, share in happened.items():
        if key[1] != "missed_doses":
            assert 0.1 < share < 0.9
            error = math.sqrt(share * (1.0 - share) * (0.6**2 + 0.4**2) / n)
            assert abs(share - shares[key]) < WORST_Z * error, key


def test_doses_are_missed_of_what_is_randomised_and_not_of_the_rescue():
    missed = 'missed_doses=[{ covered = 0.7, days = 2, arms = ["drug"]NAMED }]'
    laws = [
        Cells(load_scenario(RESCUED, changes=[missed.replace("NAMED", named)]).trial).marginal_laws
        for named in ("", ', treatments = ["drug"]')
    ]
    for one, other in zip(*laws, strict=True):
        assert one == pytest.approx(other, abs=1e-12)


def test_two_rules_of_one_rescue_are_one_and_two_rescues_are_two():
    rule = '{{ treatments = ["{}"], current_scores = [3], probability = {} }}'
    halves = [f"rescue=[{rule.format('open', 0.5)}, {rule.format('open', 0.2)}]"]
    one, whole = (
        load_scenario(RESCUED, changes=found).trial for found in (halves, [f"rescue=[{rule.format('open', 0.6)}]"])
    )
    assert one.states.size == whole.states.size == 8
    for here, there in itertools.pairwise([Cells(one).marginal_laws, Cells(whole).marginal_laws]):
        for law, other in zip(here, there, strict=True):
            np.testing.assert_allclose(law, other, atol=1e-13)


STOP = "treatment_stop=[{ per_day = 0.1, current_scores = [2, 3] }]"
PAUSES = 'missed_doses=[{ covered = 0.8, days = 2, arms = ["drug"] }]'
LEAVES = "withdrawal=[{ per_day = 0.03 }]"


def worst_of_paths(trial):
    """Worst z of the path engine's counts against the exact laws of all endpoints in all cells."""
    cells = Cells(trial)
    worst = 0.0
    for table, laws in zip(PathEngine(cells, 8).tables(0, 60), cells.marginal_laws, strict=True):
        counts = table.sum(axis=0)
        expected = counts.sum(axis=1, keepdims=True) * laws
        spread = np.sqrt(expected * (1.0 - laws))
        often = spread**2 > 10.0
        worst = max(worst, np.abs((counts - expected)[often] / spread[often]).max())
    return worst


@pytest.mark.parametrize(
    ("changes", "same_as"),
    [
        ([], [NO_RESCUE]),
        ([STOP], [NO_RESCUE, STOP]),
        (
            [STOP, "endpoint.recovery.treatment_stop=composite"],
            [NO_RESCUE, STOP, "endpoint.recovery.treatment_stop=composite"],
        ),
        ([STOP, "endpoint.recovery.treatment_stop=hypothetical"], [NO_RESCUE]),
        ([PAUSES], [NO_RESCUE, PAUSES]),
    ],
    ids=["alone", "with a stop", "a stop is a failure", "a stop thought away too", "with pauses"],
)
def test_thought_away_by_one_endpoint_a_rescue_has_not_happened_to_it_alone(changes, same_as):
    trial = load_scenario(RESCUED, changes=["endpoint.recovery.rescue=hypothetical", *changes]).trial
    cells, without = Cells(trial), Cells(load_scenario(RESCUED, changes=same_as).trial)
    kept = Cells(load_scenario(RESCUED, changes=[one for one in changes if "hypothetical" not in one]).trial)
    for number, other in ((0, without), (1, kept), (2, kept), (3, kept)):
        here, there = trial.endpoints[number].labels, other.trial.endpoints[number].labels
        place = [here.index(label) for label in there]
        np.testing.assert_allclose(cells.marginal_laws[number][:, place], other.marginal_laws[number], atol=1e-12)
    assert worst_of_paths(trial) < WORST_Z


@pytest.mark.parametrize("strategy", ["treatment policy", "composite", "worst case", "while on treatment", "censor"])
def test_paths_follow_the_laws_for_each_strategy_where_everything_happens(strategy):
    names = ("recovery", "score", "death", "free days")
    strategies = [
        f"endpoint.{name}.{event}={'composite' if strategy == 'censor' and name != 'recovery' else strategy}"
        for name in names
        for event in ("rescue", "switch")
    ]
    switch = 'switch=[{ to = "drug", arms = ["control"], day = 6, current_scores = [2, 3], probability = 0.5 }]'
    trial = load_scenario(RESCUED, changes=[switch, LEAVES, *strategies]).trial
    assert worst_of_paths(trial) < WORST_Z


def test_rules_of_one_arm_are_those_of_all_under_the_null():
    only = [
        'rescue=[{ treatments = ["open"], arms = ["control"], per_day = 0.3 }]',
        'switch=[{ to = "drug", arms = ["control"], day = 4 }]',
    ]
    trial = load_scenario(RESCUED, changes=only).trial
    null = trial.under_null()
    for laws in Cells(null).marginal_laws:
        np.testing.assert_allclose(laws[:2], laws[2:], atol=1e-14)
    for laws in Cells(trial).marginal_laws:
        assert np.abs(laws[:2] - laws[2:]).max() > 0.01
    switched = {one.event: one.share[-1] for one in turn_shares(Cells(null)) if one.arm == "drug"}
    assert switched["switch"] > 0.9
    alone = Cells(load_scenario(RESCUED, changes=only[:1]).trial.under_null())
    np.testing.assert_allclose(Cells(null).marginal_laws[2], alone.marginal_laws[2], atol=1e-12)


def random_rules(stream):
    """Changes that give the trial rules of every kind, with triggers, lengths and arms at random."""

    def trigger():
        scores = stream.choice(["", "current_scores = [3], ", "current_scores = [2, 3], "])
        days = stream.choice(["", "start = 1, ", "start = 0.5, end = 6.3, "])
        kind = stream.integers(3)
        if kind == 0:
            return f"{scores}{days}per_day = {stream.uniform(0.05, 0.5):.3f}"
        if kind == 1:
            moves = stream.choice(["any", "better", "worse"])
            return f'{scores}{days}probability = {stream.uniform(0.2, 1.0):.3f}, on_move = "{moves}"'
        return f"{scores}day = {stream.integers(2, 9)}, probability = {stream.uniform(0.2, 1.0):.3f}"

    length = stream.choice(["", f", lasts = {stream.uniform(1.0, 6.0):.2f}, stages = {stream.integers(1, 3)}"])
    arms = stream.choice(["", 'arms = ["control"], '])
    changes = [f'rescue=[{{ treatments = ["open"], {arms}{trigger()}{length} }}]']
    if stream.random() < 0.5:
        changes.append(f'switch=[{{ to = "drug", arms = ["control"], {trigger()} }}]')
    if stream.random() < 0.5:
        changes.append(f"treatment_stop=[{{ {trigger()} }}]")
    if stream.random() < 0.5:
        changes.append(f"missed_doses=[{{ covered = {stream.uniform(0.5, 0.95):.2f}, days = 1.3 }}]")
    for name, event in itertools.product(("recovery", "score", "death", "free days"), ("rescue", "switch")):
        strategy = stream.choice(["treatment policy", "composite", "worst case", "while on treatment"])
        changes.append(f"endpoint.{name}.{event}={strategy}")
    return changes


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.verify) for seed in range(1, 12))])
def test_paths_follow_the_laws_under_rules_at_random(seed):
    trial = load_scenario(RESCUED, changes=random_rules(np.random.default_rng(seed))).trial
    assert worst_of_paths(trial) < WORST_Z
    for arm in trial.arms:
        for laws in Cells(trial.in_world_of(arm)).marginal_laws:
            np.testing.assert_allclose(laws[:2], laws[2:], atol=1e-13)
