from dataclasses import replace
from pathlib import Path

import pytest

from jaksim.errors import InputError
from jaksim.verification.case import Tolerance, choose, load_cases
from jaksim.verification.check import FAIL, NOT_COVERED, PASS, check
from jaksim.verification.registry import RUNNERS, runner_of

CASES = {case.id: case for case in load_cases()}


def test_none_is_dropped():
    assert len(load_cases()) == len(CASES) == 86
    page = Path(__file__).parents[3] / "docs" / "worked_results.md"  # which shows the last line of all cases
    assert "\n86 cases: 86 pass (" in page.read_text("utf-8")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_covered_case_passes(case):
    outcome = check(case)
    assert outcome.result in (PASS, NOT_COVERED), [one for one in outcome.comparisons if not one.agrees]
    assert (outcome.result == NOT_COVERED) == bool(outcome.reason)


def test_every_runner_has_a_case():
    kinds = {case.kind for case in CASES.values()}
    for kind in RUNNERS:
        assert kind in kinds
        assert callable(runner_of(kind))


@pytest.mark.parametrize("name", ["hmisc-popower-3cat", "surv-cox-efron", "gsd-FM-rr", "idm-OS-pwc"])
def test_a_wrong_number_fails(name):
    case = CASES[name]
    key, value = next(iter(case.expected.items()))
    wrong = [value[0], value[1] * 1.01, *value[2:]] if isinstance(value, list) else value * 1.01
    outcome = check(replace(case, expected={**case.expected, key: wrong}))
    assert outcome.result == FAIL
    assert sum(not one.agrees for one in outcome.comparisons) == 1


def test_a_case_of_which_nothing_is_answered_does_not_pass():
    case = CASES["surv-cox-efron"]
    outcome = check(replace(case, expected={"something else": 1.0}))
    assert (outcome.result, outcome.not_compared) == (FAIL, ("something else",))


def test_a_disputed_number_is_shown_and_decides_nothing():
    outcome = check(CASES["camis-WHAS500-wlr"])
    assert [one.key for one in outcome.comparisons if one.disputed] == ["chisq_FH_05_2"]
    assert [one.key for one in outcome.comparisons if not one.agrees] == ["chisq_FH_05_2"]
    assert outcome.result == PASS
    case = replace(CASES["surv-cox-efron"], disputed={"beta": "for the test"})
    assert check(case).result == FAIL


def test_tolerances():
    tolerance = Tolerance(absolute=0.1, relative=0.01, of={"n": 0.0, "z[1]": 2.0})
    assert tolerance.allows("power", 10.0, 10.2)
    assert not tolerance.allows("power", 10.0, 10.21)
    assert not tolerance.allows("n[3]", 10.0, 10.01)
    assert tolerance.allows("z[1]", 0.0, 2.0)
    assert not tolerance.allows("z[0]", 0.0, 2.0)


def test_cases_are_chosen_by_id_and_by_kind():
    cases = tuple(CASES.values())
    assert [case.id for case in choose(cases, ["surv-cox-efron"])] == ["surv-cox-efron"]
    assert len(choose(cases, ["gsd_boundary"])) == 9
    with pytest.raises(InputError, match="did you mean 'surv-cox-efron'"):
        choose(cases, ["surv-cox-efrom"])
