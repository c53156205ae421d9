"""`jaksim plan`: one question, one command."""

import json
import subprocess
import sys

import pytest

ORDINAL = ("plan", "ordinal", "--control", ".60,.08,.08,.05,.09,.10")


def test_a_size_as_hmisc_gives_it(jaksim):
    outcome = jaksim(*ORDINAL, "--odds-ratio", 1.45, "--power", 0.8, "--json")
    assert outcome.code == 0, outcome.err
    (design,) = outcome.json["designs"]
    # Hmisc::posamsize of the average of the control distribution and that by pomodm(odds.ratio = 1/1.45).
    assert design["patients_by_formula"] == pytest.approx(931.1, abs=0.05)
    assert design["patients"] == 934


def test_the_report_names_formula_source_and_limits(jaksim):
    report = jaksim(*ORDINAL, "--odds-ratio", 1.45, "--power", 0.8).out
    for part in ("934: 467 active, 467 reference", "Whitehead 1993", "Limits", "Recreate: jaksim plan ordinal"):
        assert part in report


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--odds-ratio", "1.4"), "--power and --patients are left out"),
        (("--odds-ratio", "1,4;5", "--power", ".8"), "numbers with commas"),
        (("--odd-ratio", "1.4", "--power", ".8"), "--odds-ratio"),
        (("--active", ".5,.5", "--power", ".8"), "--active"),
    ],
)
def test_bad_input_is_one_message_in_flags(refused, words, message):
    assert message in refused(*ORDINAL, *words)


def test_an_unknown_kind_is_told_the_nearest(refused):
    assert "did you mean 'ordinal'?" in refused("plan", "ordnal")


def test_a_plan_imports_nothing_heavy():
    code = (
        "import sys; from jaksim.cli import run; assert run(sys.argv[1:]) == 0; import json; "
        "print(json.dumps([m for m in ('numba', 'scipy.stats', 'pandas', 'matplotlib') if m in sys.modules]))"
    )
    words = [*ORDINAL, "--odds-ratio", "1.45", "--power", "0.8"]
    found = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert json.loads(found.stdout.splitlines()[-1]) == []
