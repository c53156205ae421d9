"""Values of the command line that are read without Typer's schemas mean what Typer says they mean."""

import math
import subprocess
import sys
from types import SimpleNamespace

import pytest
import typer
from typer.models import OptionInfo

from jaksim.cli import run
from jaksim.cli.line.plain_values import LEFT_TO_TYPER, plain_value, plain_values, plainly_read

WORDS = (
    *(
        "0",
        "-0",
        "7",
        "007",
        "-12",
        "+5",
        " 5",
        "5 ",
        "1_000",
        "1e3",
        "1E-2",
        ".5",
        "5.",
        "-.25",
        "0.1",
        "1.45",
        "12.0",
    ),
    *(
        "inf",
        "-inf",
        "nan",
        "Infinity",
        "",
        " ",
        "-",
        ".",
        "e3",
        "1,5",
        "0x10",
        "١",
        "½",
        "one",
        "true",
        "1e999",
        "--3",
    ),
    *(
        "123456789012345",
        "1234567890123456789012",
        "0.30000000000000004",
        "9007199254740993",
        "1e-400",
        "\udcff",
        "a\x00b",
    ),
)
LIMITS = (OptionInfo(), OptionInfo(min=1), OptionInfo(min=0, max=5), OptionInfo(max=12))


def by_typer(value, kind, limits):
    from pydantic import ValidationError
    from typer._adapters import try_build_adapter

    try:
        return try_build_adapter(kind, limits).validate_python(value)
    except ValidationError:
        return None


@pytest.mark.parametrize("kind", [int, float, str])
def test_a_plain_value_is_the_value_of_typer_or_is_left_to_it(kind):
    read_here = 0
    for limits in LIMITS:
        if kind is str and (limits.min, limits.max) != (None, None):
            continue
        for word in (*WORDS, 3, 0.2, True):
            found = plain_value(word, kind, limits)
            if found is LEFT_TO_TYPER:
                continue
            meant = by_typer(word, kind, limits)
            assert (type(found), found) == (type(meant), meant), (word, limits.min, limits.max)
            if kind is float:
                assert math.copysign(1, found) == math.copysign(1, meant)
            read_here += 1
    assert read_here > 8


def test_several_words_are_a_list_and_none_is_nothing():
    limits = OptionInfo()
    assert plain_values(None, list[str], limits) == ()
    assert plain_values(("a", "b=1"), list[str], limits) == ["a", "b=1"]
    assert plain_values(("a", "\udcff"), list[str], limits) is LEFT_TO_TYPER
    assert plain_values(("1",), list[int], limits) is LEFT_TO_TYPER
    assert plain_value(None, int, limits) is None
    assert plain_value("1", int, OptionInfo(parser=str)) is LEFT_TO_TYPER


def test_parameters_that_are_not_described_are_left_alone():
    parameter = SimpleNamespace(nargs=1, required=False, callback=None, process_value=lambda _, value: ("typer", value))
    command = plainly_read(SimpleNamespace(get_params=lambda _: [parameter]))
    (read,) = command.get_params(None)
    assert "process_value" in vars(read)
    assert read.process_value(None, "3") == ("typer", "3")


def test_callbacks_and_what_is_missing_are_as_with_typer():
    seen = []
    app = typer.Typer(add_completion=False)

    @app.command()
    def command(
        name: str,
        size: int = typer.Option(3, callback=lambda value: seen.append(value) or value),
        share: float | None = None,
        many: list[str] | None = None,
    ) -> None:
        seen.append((name, size, share, many))

    def told(*words):
        try:
            plainly_read(typer.main.get_command(app)).main(args=list(words), standalone_mode=False)
        except typer.TyperException as error:
            return error.format_message()
        return seen[-2:]

    assert told("x", "--size", "4", "--share", ".5", "--many", "a", "--many", "b") == [4, ("x", 4, 0.5, ["a", "b"])]
    assert told("x") == [3, ("x", 3, None, None)]
    assert "Missing argument 'name'" in told()
    assert "valid integer" in told("x", "--size", "four")


HEAVY = {"numba", "scipy", "pandas", "pyarrow", "matplotlib", "simpy", "dask", "pydantic", "multiprocessing", "numpy"}
LINES = (
    *("--help", "plan --help", "power --help"),
    "plan ordinal --control .6,.2,.2 --odds-ratio 1.45 --power .8",
    "plan risks --control .3 --active .2 --power .9 --json",
    *("boundaries --looks 3", "show actt4", "scenarios", "keys", "evidence list"),
    "power actt4 --replicates 100 --engine law",
)
KERNELS = {"numba", "scipy"}


def test_commands_import_of_what_is_heavy_at_most_numpy_and_what_kernels_need():
    code = (
        f"import sys\nfrom jaksim.cli import run\nfor line in {LINES!r}:\n"
        "    assert run(line.split()) == 0\n"
        f"    print(line, *({HEAVY!r} & sys.modules.keys()), sep=': ', file=sys.stderr)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    helps, others = LINES[:3], LINES[3:-1]
    *small, power = found.splitlines()
    assert small == [*helps, *(f"{line}: numpy" for line in others)]
    assert set(power.split(": ")[1:]) <= {"numpy", *KERNELS}


def test_a_value_that_is_none_is_told_in_the_words_of_before(capsys):
    assert run(["boundaries", "--looks", "x3"]) == 2
    assert "(got 'x3')" in capsys.readouterr().err
