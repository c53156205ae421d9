"""States of patients beyond the score: their layout, their intensities and their shares at randomisation."""

import numpy as np
import pytest

from jaksim.errors import InputError
from jaksim.model.courses.rules import TreatmentStop
from jaksim.model.intensity import IntensityTable
from jaksim.model.intercurrent import IntercurrentEvents, MissedVisit, Risk
from jaksim.model.patient_states import PatientStates
from jaksim.scale import OrdinalScale

SCALE = OrdinalScale("three", (1, 2, 3), ("well", "ill", "dead"), True, (3,))
ARMS = ("control", "drug")
TREATED = IntensityTable(
    np.array([0.0, 2.0]),
    np.array([[[0, 0, 0], [0.4, -0.5, 0.1], [0, 0, 0]], [[0, 0, 0], [0.2, -0.3, 0.1], [0, 0, 0]]]),
)
UNTREATED = IntensityTable(np.zeros(1), np.array([[[0, 0, 0], [0.1, -0.3, 0.2], [0, 0, 0]]]))


def states(thought_away=(), **events):
    return PatientStates(SCALE, ARMS, IntercurrentEvents(**events), thought_away)


def test_without_events_the_states_are_those_of_the_scale():
    plain = states()
    assert plain.size == 3
    assert plain.score.tolist() == plain.score_without.tolist() == [0, 1, 2]
    assert not plain.withdrawn.any()
    assert not plain.stopped.any()
    assert plain.absorbing == (2,)
    assert list(plain.starts("drug", 1)) == [(1, 1)]


def test_intensities_of_withdrawal_and_stop_stand_beside_those_of_the_scale():
    known = states(
        withdrawal=(Risk((1, 2), per_day=0.05), Risk((2,), ("drug",), per_day=0.03, start=1.0, end=3.0)),
        treatment_stop=(TreatmentStop((2,), per_day=0.2),),
    )
    table = known.intensities("drug", [TREATED, UNTREATED])
    assert table.breaks.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert known.size == 12
    ill = np.flatnonzero((known.score == 1) & ~known.withdrawn & ~known.stopped)[0]
    leaves = table.generators[:, ill].copy()
    leaves[:, ill] = 0.0
    stop = np.flatnonzero((known.score == 1) & ~known.withdrawn & known.stopped)[0]
    gone = np.flatnonzero((known.score == 1) & known.withdrawn & ~known.stopped)[0]
    np.testing.assert_allclose(leaves[:, gone], [0.05, 0.08, 0.08, 0.05])
    np.testing.assert_allclose(leaves[:, stop], 0.2)
    np.testing.assert_allclose(leaves[:, 0], [0.4, 0.4, 0.2, 0.2])
    np.testing.assert_allclose(leaves[:, 2], 0.1)
    np.testing.assert_allclose(table.generators[:, stop, [3, 5]], [[0.1, 0.2]] * 4)
    control = known.intensities("control", [TREATED, UNTREATED])
    np.testing.assert_allclose(control.generators[:, ill, gone], 0.05)
    for state in known.absorbing:
        assert not table.generators[:, state].any()


def test_two_courses_after_a_stop_move_on_their_own():
    known = states(("treatment_stop",), treatment_stop=(TreatmentStop((2,), per_day=0.2),))
    assert known.size == 3 + 9
    generator = known.intensities("drug", [TREATED, UNTREATED]).generators[0]
    both_ill = np.flatnonzero(known.stopped & (known.score == 1) & (known.score_without == 1))[0]
    assert generator[1, both_ill] == pytest.approx(0.2)
    for actual, other, rate in ((0, 1, 0.1), (2, 1, 0.2), (1, 0, 0.4), (1, 2, 0.1)):
        found = np.flatnonzero(known.stopped & (known.score == actual) & (known.score_without == other))[0]
        assert generator[both_ill, found] == pytest.approx(rate)
    assert len(known.absorbing) == 2
    assert all(known.score[state] == known.score_without[state] == 2 for state in known.absorbing)


def test_the_sets_in_which_a_visit_is_missed_are_nested_and_have_the_chance_of_each_score():
    known = states(
        missed_visit=(
            MissedVisit((1,), day=4, probability=0.3),
            MissedVisit((2,), ("drug",), day=4, probability=0.1),
            MissedVisit(day=6, probability=0.2),
        )
    )
    assert [visit.day for visit in known.visits] == [4, 6]
    for arm, chances in (("control", (0.3, 0.0, 0.0)), ("drug", (0.3, 0.1, 0.0))):
        starts = list(known.starts(arm, 1))
        assert sum(share for share, _ in starts) == pytest.approx(1.0)
        for state, chance in enumerate(chances):
            missed = sum(share for share, start in starts if known.visits[0].missed[known.visit_set[0, start], state])
            assert missed == pytest.approx(chance)
        assert all(known.score[start] == 1 for _, start in starts)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Risk(per_day=-0.1), "per_day"),
        (lambda: Risk(per_day=float("inf")), "per_day"),
        (lambda: Risk(per_day=0.1, start=3.0, end=3.0), "after the start"),
        (lambda: MissedVisit(day=3, probability=1.2), "not a probability"),
        (lambda: MissedVisit(day=0, probability=0.2), "randomisation"),
        (lambda: IntercurrentEvents(withdrawal=(Risk((3,), per_day=0.1),)).check(SCALE, ARMS), "absorbing"),
        (
            lambda: IntercurrentEvents(
                withdrawal=(
                    Risk(
                        arms=("drag",),
                    ),
                )
            ).check(SCALE, ARMS),
            "did you mean 'drug'",
        ),
    ],
)
def test_values_that_make_no_sense_are_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()
