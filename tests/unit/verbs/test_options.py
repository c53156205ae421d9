"""Options of a verb: one value, from keywords and from flags."""

import inspect

import pytest

import jaksim
from jaksim.cli import run
from jaksim.errors import InputError
from jaksim.verbs.options.analyze import AnalyzeOptions, read_endpoint
from jaksim.verbs.options.base import from_keywords
from jaksim.verbs.options.boundaries import BoundariesOptions
from jaksim.verbs.options.sweep import SweepOptions


@pytest.mark.parametrize(
    ("verb", "options", "subjects"),
    [
        (jaksim.analyze, AnalyzeOptions, ["data"]),
        (jaksim.boundaries, BoundariesOptions, ["scenario"]),
        (jaksim.sweep, SweepOptions, ["scenario", "out"]),
    ],
)
def test_the_signature_and_the_help_list_the_options(verb, options, subjects):
    names = list(inspect.signature(verb).parameters)
    assert names == [*subjects, *options.__dataclass_fields__]
    assert all(name in verb.__doc__ for name in names)


def test_a_word_that_is_no_option_gets_the_nearest():
    with pytest.raises(InputError, match="did you mean 'spending'"):
        jaksim.boundaries(looks=3, spendin="pocock")


def test_options_are_values():
    options = from_keywords(BoundariesOptions, {"looks": 3}, "boundaries")
    assert options == BoundariesOptions(looks=3)
    with pytest.raises(AttributeError):
        options.looks = 4


@pytest.mark.parametrize(
    ("words", "found"),
    [(None, None), (["recovery"], "recovery"), (["kind=ordinal", "day=15"], {"kind": "ordinal", "day": 15})],
)
def test_an_endpoint_is_a_name_or_keys(words, found):
    assert read_endpoint(words) == found


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["boundaries", "--information", "0.5,x"], "--information: must be numbers with commas between them"),
        (["boundaries", "--looks", "3", "--no-efficacy", "one"], "--no-efficacy: must be whole numbers"),
        (["analyze", "x.csv", "--endpoint", "a", "--endpoint", "b"], "--endpoint: one endpoint is analysed at a time"),
        (["boundaries", "--lookz", "3"], "did you mean"),
    ],
)
def test_what_cannot_be_read_names_the_flag(arguments, message, capsys):
    assert run(arguments) == 2
    assert message in capsys.readouterr().err
