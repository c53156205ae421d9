"""Messages name parameters; only the command line turns them into flags."""

import subprocess
from pathlib import Path

import pytest

import jaksim
from jaksim.cli import run
from jaksim.errors import InputError
from jaksim.mention import in_flags, in_python

AML = str(Path(__file__).parents[2] / "docs" / "examples" / "aml.csv")
SOURCE = Path(jaksim.__file__).parent
# Rooms below the command line; how a sweep goes on is a matter of the command line alone.
LIBRARY = ("analysis", "endpoint", "exact", "model", "patient_data", "formulas", "scenario", "trial", "simulate")


@pytest.mark.parametrize(
    ("text", "python", "flags"),
    [
        ("‹missing=drop› leaves them out", 'missing="drop" leaves them out', "--missing drop leaves them out"),
        ("‹day_of_randomisation›: no", "day_of_randomisation: no", "--day-of-randomisation: no"),
        ("‹scale=NAME›", "scale=NAME", "--scale NAME"),
        ("‹endpoint=KEY=VALUE›", "endpoint=KEY=VALUE", "--endpoint KEY=VALUE"),
        (
            "‹options=cox.ties›, ‹covariates›, ‹methods›, ‹changes›",
            None,
            "--option cox.ties, --covariate, --method, --set",
        ),
        ("‹unstratified›", "stratified=False", "--unstratified"),
        ("no parameter", "no parameter", "no parameter"),
    ],
)
def test_a_parameter_is_read_in_both_ways(text, python, flags):
    spelled = {"options": "--option", "methods": "--method", "covariates": "--covariate", "changes": "--set"}
    assert in_flags(text, spelled) == flags
    if python is not None:
        assert in_python(text) == python


@pytest.mark.parametrize(
    ("words", "keywords", "flags", "names"),
    [
        ([], {}, "--method", "methods"),
        (["--method", "cox", "--codes", "x"], {"method": "cox", "codes": "x"}, "--codes", "codes"),
        (["--method", "cox", "--option", "x"], {"method": "cox", "options": ["x"]}, "--option", "options"),
    ],
)
def test_the_same_fault_in_python_and_on_the_command_line(words, keywords, flags, names, capsys):
    assert run(["analyze", AML, *words]) == 2
    message = capsys.readouterr().err
    assert flags in message
    assert "‹" not in message
    with pytest.raises(InputError) as fault:
        jaksim.analyze(AML, **keywords)
    assert names in str(fault.value)
    assert "--" not in str(fault.value)
    assert "‹" not in str(fault.value)


@pytest.mark.parametrize("room", LIBRARY)
def test_no_message_of_the_library_speaks_of_flags(room):
    found = subprocess.run(
        ["grep", "-rnE", "--include=*.py", r"(where|allowed)=f?[\"'][^\"']*--[a-z]", str(SOURCE / room)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.stdout == ""
