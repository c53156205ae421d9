"""Runs every Python and console example of the README and the documentation."""

from __future__ import annotations

import doctest
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent
MATCHING = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


class ConsoleParser(CodeBlockParser):
    """Runs the `$ jaksim ...` lines of a console block and compares what they print where the block shows it.

    A command shown without output must succeed; shown output may be that of an error message.
    """

    language = "console"

    def evaluate(self, example: Example) -> str | None:
        for command, expected in _commands(str(example.parsed)):
            words = shlex.split(command)
            if words[0] != "jaksim":
                return f"only jaksim can be run here, not {words[0]!r}"
            done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=False)
            printed = done.stdout + done.stderr
            if not expected.strip():
                if done.returncode:
                    return f"{command}\nended with exit code {done.returncode}:\n{printed}"
            elif not doctest.OutputChecker().check_output(expected, printed, MATCHING):
                return f"{command}\nexpected:\n{expected}\nprinted:\n{printed}"
        return None


def _commands(block: str) -> Iterator[tuple[str, str]]:
    for part in ("\n" + block.replace("\\\n", " ")).split("\n$ ")[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _enter(namespace: dict[str, Any]) -> None:
    """Each page runs in an empty directory that has the scenarios and the examples."""
    namespace["_back"] = Path.cwd()
    namespace["_directory"] = tempfile.TemporaryDirectory()
    os.chdir(namespace["_directory"].name)
    Path("docs").mkdir()
    for folder in ("scenarios", "docs/examples"):
        Path(folder).symlink_to(ROOT / folder)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_back"])
    namespace["_directory"].cleanup()


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=MATCHING), ConsoleParser()],
    path=str(ROOT),
    patterns=["README.md", "docs/*.md"],
    excludes=["docs/_build/*"],
    setup=_enter,
    teardown=_leave,
).pytest()
