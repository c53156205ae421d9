"""How blocks read as text."""

import pytest

from jaksim.report.blocks import Definitions, Entry, Figure, Heading, Paragraph, Table, Title, Verbatim
from jaksim.report.formats.text import as_text


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
