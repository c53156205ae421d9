"""How blocks read as text."""

import shlex

import pytest

from jaksim.report.blocks import Definitions, Entry, Figure, Heading, Paragraph, Table, Title, Verbatim
from jaksim.report.formats.text import as_text
from jaksim.report.parts.layout import recreated


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("", ""),
        (Title("A trial\nof two"), "A trial\\nof two"),
        (Heading("What it rests on"), "WHAT IT RESTS ON"),
        (Paragraph("Said\x1b."), "  Said\\x1b."),
        (Verbatim("a" * 120), "a" * 120),
        (Entry("trial.arms", "list", "The arms."), "trial.arms  (list)\n    The arms."),
        (Definitions((("seed", ("7",)), ("engine", ("law",)))), "  seed    7\n  engine  law"),
        (
            Definitions((("effects of all drugs", (("0.80", "on death"), "Source: a paper")),), widest=10),
            "  effects of  0.80               on death\n  all drugs   Source: a paper",
        ),
        (
            Table(("Arm", "n"), (("a", "1"), ("bb", "20")), frozenset({1})),
            "  Arm   n\n  ───────\n  a     1\n  bb   20",
        ),
        (Figure("Curves", lambda: pytest.fail("text draws nothing")), ""),
    ],
)
def test_each_block_reads_as_it_is_meant(block, text):
    assert as_text([block, "end"]) == f"{text}\nend" if not isinstance(block, Figure) else "end"


@pytest.mark.parametrize(
    "words",
    [
        ["jaksim", "power", "actt4"],
        ["jaksim", "plan", "ordinal", *(f"--control=.{one}" for one in range(60))],
        [
            "jaksim",
            "power",
            "a trial in a file with a long name.toml",
            "--set",
            "title=it's a trial " * 8,
            "--seed",
            "1",
        ],
    ],
)
def test_a_command_is_one_command_on_several_lines_too(words):
    text = as_text([recreated(shlex.join(words), "jaksim 1.0.")])
    assert shlex.split(text.partition("Recreate:")[2].replace("\\\n", " ")) == words
    assert all(line.endswith(" \\") for line in text.splitlines()[:-1])
