"""Patients enrolled one by one, recomputed from the raw random numbers, and their data cut at a date."""

from math import inf

import numpy as np
import pytest

from jaksim import rng
from jaksim.errors import InputError
from jaksim.rng import Purpose
from jaksim.simulate.enrolment import SCHEMES, Counted, compile_entry, cut, day_reached, empty_cohort, enrol_patients
from jaksim.simulate.enrolment import enrolled_by as entered
from jaksim.simulate.reference import exponential

SEED = 20201201 + (7 << 40)
STARTS, BEFORE, RATES = [0.0, 10.0, 25.0], [0.0, 20.0, 65.0], [2.0, 3.0, 8.0]
STRATA = [0.5, 0.2, 0.3]
LEVELS = {"minimisation": [[0, 2], [0, 3], [1, 3]], "": [[0], [1], [2]]}
WEIGHTS, PLACES = [2.0, 1.0, 1.0], [4, 2, 2]
ROWS, MOST = 3, 90
CARRIED = ("day", "stratum", "arm", "exposure", "number", "word")


def entry_of(scheme, even=False, coin=0.75, groups=(0, 1, 2), quotas=()):
    return compile_entry(
        STARTS,
        BEFORE,
        RATES,
        even=even,
        stratum_weights=STRATA,
        scheme=scheme,
        coin=coin,
        groups=groups,
        levels=LEVELS.get(scheme, LEVELS[""]),
        quotas=quotas,
    )


def enrol(cohort, entry, first, last, weights=WEIGHTS, places=PLACES, recruiting=(True, True, True)):
    n = cohort.replicates
    enrol_patients(
        cohort,
        entry,
        SEED,
        first=np.broadcast_to(first, n),
        last=np.broadcast_to(last, n),
        weights=np.broadcast_to(weights, (n, len(WEIGHTS))),
        block_sizes=np.broadcast_to(places, (n, len(PLACES))),
        recruiting=np.broadcast_to(recruiting, (n, len(STRATA))),
    )
    return cohort


def filled(scheme, **how):
    return enrol(empty_cohort(5, ROWS, MOST, 1), entry_of(scheme, **how), 0, MOST)


def patients(replicate, n, even, recruiting):
    """Exposure, stratum, word of the arm and word of the outcome of n patients, in plain Python."""
    at, candidate = 0.0, 0
    cumulative = np.cumsum(STRATA)
    while n > 0:
        wait, stratum, arm, outcome = (int(w) for w in rng.words(SEED, Purpose.ENROLMENT, replicate, 0, candidate, 4))
        at = candidate + 0.5 if even else at + exponential(wait)
        s = int(np.searchsorted(cumulative, stratum / 2**32, side="right"))
        candidate += 1
        if recruiting[s]:
            yield at, candidate - 1, s, arm, outcome
            n -= 1


def calendar_day(at):
    piece = int(np.searchsorted(BEFORE, at, side="right")) - 1
    return int(STARTS[piece] + (at - BEFORE[piece]) / RATES[piece])


class PlainArms:
    """The schemes of randomisation, each in its own few lines."""

    def __init__(self, scheme, coin, groups):
        self.scheme, self.coin, self.groups = scheme, coin, groups
        self.lists = {group: [] for group in groups}
        self.seen = []

    def arm(self, stratum, word):
        arm = getattr(self, "_" + self.scheme.replace(" ", "_"))(stratum, word)
        self.seen.append((stratum, arm))
        return arm

    def _simple(self, stratum, word):
        return int(np.searchsorted(np.cumsum(WEIGHTS), word / 2**32 * sum(WEIGHTS), side="right"))

    def _permuted_blocks(self, stratum, word):
        places = self.lists[self.groups[stratum]]
        if not places:
            places.extend(np.repeat(range(len(PLACES)), PLACES).tolist())
        return places.pop(word * len(places) >> 32)

    def _biased_coin(self, stratum, word):
        counts = [sum(s == stratum and arm == a for s, arm in self.seen) for a in range(3)]
        return self._by(counts, word)

    def _minimisation(self, stratum, word):
        levels = LEVELS["minimisation"]
        shared = [sum(one in levels[stratum] for one in levels[s]) for s in range(3)]
        return self._by([sum(shared[s] for s, arm in self.seen if arm == a) for a in range(3)], word)

    def _by(self, counts, word):
        scores = [count / weight for count, weight in zip(counts, WEIGHTS, strict=True)]
        behind = [score == min(scores) for score in scores]
        share = np.array(WEIGHTS)
        if not all(behind):
            for side, chance in ((True, self.coin), (False, 1.0 - self.coin)):
                chosen = np.array(behind) == side
                share[chosen] *= chance / share[chosen].sum()
        return int(np.searchsorted(np.cumsum(share), word / 2**32 * share.sum(), side="right"))


@pytest.mark.parametrize("even", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("recruiting", [(True, True, True), (True, False, True)])
def test_patients_are_those_of_the_random_numbers(scheme, even, recruiting):
    cohort = enrol(empty_cohort(5, ROWS, MOST, 1), entry_of(scheme, even), 0, MOST, recruiting=recruiting)
    for b in range(ROWS):
        arms = PlainArms(scheme, 0.75, (0, 1, 2))
        for i, (at, number, stratum, word, outcome) in enumerate(patients(5 + b, MOST, even, recruiting)):
            assert cohort.exposure[b, i] == at
            assert cohort.day[b, i] == calendar_day(at)
            assert (cohort.number[b, i], cohort.stratum[b, i], cohort.word[b, i]) == (number, stratum, outcome)
            assert cohort.arm[b, i] == arms.arm(stratum, word), (b, i)


def test_one_list_of_blocks_serves_all_strata_when_they_share_a_group():
    cohort = filled("permuted blocks", groups=(0, 0, 0))
    for row in cohort.arm:
        for first in range(0, MOST - 8, 8):
            assert np.bincount(row[first : first + 8], minlength=3).tolist() == PLACES


def test_every_stratum_is_balanced_after_each_of_its_blocks():
    cohort = filled("permuted blocks")
    for row, strata in zip(cohort.arm, cohort.stratum, strict=True):
        for s in range(3):
            arms = row[strata == s]
            for first in range(0, len(arms) - 7, 8):
                assert np.bincount(arms[first : first + 8], minlength=3).tolist() == PLACES


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_replicate_is_the_same_in_any_block(scheme):
    together = filled(scheme)
    for b in range(ROWS):
        alone = enrol(empty_cohort(5 + b, 1, MOST, 1), entry_of(scheme), 0, MOST)
        for name in CARRIED:
            assert getattr(alone, name)[0].tobytes() == getattr(together, name)[b].tobytes(), name


@pytest.mark.parametrize("scheme", ["simple", "biased coin", "minimisation"])
def test_enrolling_in_parts_is_enrolling_at_once(scheme):
    at_once, parts = filled(scheme), empty_cohort(5, ROWS, MOST, 1)
    for first, last in ((0, [1, 30, 50]), ([1, 30, 50], 64), (64, MOST)):
        enrol(parts, entry_of(scheme), first, last)
    for name in CARRIED:
        assert getattr(parts, name).tobytes() == getattr(at_once, name).tobytes(), name


def test_enrolling_again_keeps_the_earlier_patients_and_changes_only_the_arms():
    cohort = filled("simple")
    before = {name: getattr(cohort, name).copy() for name in CARRIED}
    enrol(cohort, entry_of("simple"), [20, 40, 60], MOST, weights=[0.0, 1.0, 1.0])
    for b, first in enumerate((20, 40, 60)):
        for name in CARRIED:
            kept = slice(first) if name == "arm" else slice(None)
            assert getattr(cohort, name)[b, kept].tobytes() == before[name][b, kept].tobytes(), name
        assert set(cohort.arm[b, first:].tolist()) == {1, 2}
        assert (before["arm"][b, first:] == 0).any()


def test_a_closed_stratum_turns_its_candidates_away_and_the_others_come_on_their_own_days():
    all_open = filled("simple")
    some = enrol(empty_cohort(5, ROWS, 30, 1), entry_of("simple"), 0, 30, recruiting=(True, False, True))
    for b in range(ROWS):
        wanted = all_open.stratum[b] != 1
        for name in CARRIED:
            assert getattr(some, name)[b].tolist() == getattr(all_open, name)[b][wanted][:30].tolist()


QUOTAS = (20, 8, 12)


def test_fixed_strata_are_drawn_without_replacement_from_the_same_words():
    cohort = filled("simple", quotas=QUOTAS)
    for b in range(ROWS):
        left = []
        for i in range(MOST):
            left = left or np.repeat(range(3), QUOTAS).tolist()
            word = int(rng.words(SEED, Purpose.ENROLMENT, 5 + b, 0, i, 4)[1])
            assert cohort.stratum[b, i] == left.pop(word * len(left) >> 32)
        assert np.bincount(cohort.stratum[b, :40]).tolist() == list(QUOTAS)


@pytest.mark.parametrize("recruiting", [(True, True, True), (True, False, True)])
def test_fixed_strata_do_not_depend_on_who_was_enrolled_before(recruiting):
    at_once, parts = (empty_cohort(5, ROWS, 50, 1) for _ in range(2))
    enrol(at_once, entry_of("simple", quotas=QUOTAS), 0, 50, recruiting=recruiting)
    for first, last in ((0, [3, 30, 44]), ([3, 30, 44], 50)):
        enrol(parts, entry_of("simple", quotas=QUOTAS), first, last, recruiting=recruiting)
    for name in CARRIED:
        assert getattr(parts, name).tobytes() == getattr(at_once, name).tobytes(), name


def test_even_arrivals_keep_the_rate_to_the_patient():
    cohort = filled("simple", even=True)
    days = np.bincount(cohort.day[0], minlength=29)
    assert days[:10].tolist() == [2] * 10
    assert days[10:25].tolist() == [3] * 15
    assert days[25:28].tolist() == [8] * 3


def test_refusals():
    cohort = filled("simple")
    with pytest.raises(InputError, match="room"):
        enrol(cohort, entry_of("simple"), 0, MOST + 1)
    with pytest.raises(InputError, match="no stratum recruits"):
        enrol(cohort, entry_of("simple"), 0, MOST, recruiting=(False, False, False))
    for scheme in SCHEMES:
        with pytest.raises(InputError, match="no arm recruits"):
            enrol(cohort, entry_of(scheme), 0, MOST, weights=[0.0] * 3, places=[0] * 3)
    with pytest.raises(InputError, match="did you mean 'minimisation'"):
        entry_of("minimization")


@pytest.fixture(scope="module")
def histories():
    """A cohort whose categories are patient number modulo 4, and what they are known as: 3 days to the end."""
    cohort = filled("simple")
    cohort.category[0] = np.arange(MOST) % 4
    part = np.array([0, 1, 1, 2], dtype=np.int32)
    known = np.array([[3, 3, 3], [3, 3, 2], [0, 3, 2], [0, 1, 2]], dtype=np.int32)
    return cohort, part, known


@pytest.mark.parametrize("lag", [0, 2])
def test_a_cut_counts_what_is_known_of_each_patient(histories, lag):
    cohort, part, known = histories
    look, first, last = np.array([0, 12, 40]), np.array([0, 3, 10]), np.array([MOST, 20, 70])
    found = cut(cohort, 0, part, known, look, shape=(3, 3, 4), lag=lag, first=first, last=last)
    for b in range(ROWS):
        expected = np.zeros((3, 3, 4))
        for i in range(first[b], last[b]):
            if cohort.day[b, i] <= look[b]:
                days = min(max(look[b] - lag - cohort.day[b, i], 0), 3)
                expected[cohort.arm[b, i], cohort.stratum[b, i], known[days, part[i % 4]]] += 1
        assert found[b].tolist() == expected.tolist()


@pytest.mark.parametrize("lag", [0, 2])
def test_later_cuts_of_some_replicates_go_on_from_those_counted(histories, lag):
    cohort, part, known = histories
    how, counted = {"shape": (3, 3, 4), "lag": lag}, Counted.none(ROWS, 36)
    for day, rows in ((4, [0, 1, 2]), (9, [0, 2]), (10, [2, 0]), (6, [1, 2]), (50, [0, 1, 2])):
        found = cut(cohort, 0, part, known, day, rows=np.array(rows), counted=counted, **how)
        np.testing.assert_array_equal(found, cut(cohort, 0, part, known, day, **how)[rows])
    assert (counted.n == MOST).all()


def test_the_day_on_which_enough_patients_count(histories):
    cohort, part, _ = histories
    after, counts = np.array([3, -1, 1]), np.ones((3, 3), dtype=bool)
    counts[0, 1] = False
    for target in (1, 7, 25, 10_000):
        found = day_reached(cohort, 0, part, after, target, counts=counts)
        for b in range(ROWS):
            wait = after[part[np.arange(MOST) % 4]]
            used = (wait >= 0) & counts[cohort.arm[b], cohort.stratum[b]]
            days = np.sort(cohort.day[b, used] + wait[used])
            assert found[b] == (days[target - 1] if target <= len(days) else -1)


def test_patients_who_entered_by_a_day(histories):
    cohort = histories[0]
    for day in (-1, 0, 10, 1000):
        assert entered(cohort, day).tolist() == (cohort.day <= day).sum(axis=1).tolist()


def test_waiting_times_are_never_zero_or_endless():
    assert 0.0 < exponential(2**32 - 1) < exponential(0) < inf
