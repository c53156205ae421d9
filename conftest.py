"""Runs every Python and console example of the README and the documentation."""

from __future__ import annotations

import doctest
import gc
import io
import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

from sybil import Example, Sybil
from sybil.parsers.myst import CodeBlockParser, PythonCodeBlockParser

ROOT = Path(__file__).parent


def pytest_collection_finish() -> None:
    """What the thousands of collected tests hold stays to the end: do not search it for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


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
            code, printed = _run(words[1:])
            if not expected.strip():
                if code:
                    return f"{command}\nended with exit code {code}:\n{printed}"
            elif not doctest.OutputChecker().check_output(expected, printed, MATCHING):
                return f"{command}\nexpected:\n{expected}\nprinted:\n{printed}"
        return None


def _run(arguments: list[str]) -> tuple[int, str]:
    """Exit code of a command, and what it prints on standard output and then on standard error.

    It runs in this process: a new one would take longer to start than most commands to answer.
    """
    from jaksim.cli import run

    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err) if isinstance(stream.buffer, io.BytesIO)]
    return code, "".join(texts)


def _commands(block: str) -> Iterator[tuple[str, str]]:
    for part in ("\n" + block.replace("\\\n", " ")).split("\n$ ")[1:]:
        command, _, expected = part.partition("\n")
        yield command, expected


def _enter(namespace: dict[str, Any]) -> None:
    """Each page runs in an empty directory that has the scenarios and the examples, and adds nothing for good."""
    from jaksim.trial.adaptive.kinds import KINDS

    namespace["_kinds"] = dict(KINDS)
    namespace["_back"] = Path.cwd()
    namespace["_directory"] = tempfile.TemporaryDirectory()
    os.chdir(namespace["_directory"].name)
    Path("docs").mkdir()
    for folder in ("scenarios", "docs/examples"):
        Path(folder).symlink_to(ROOT / folder)


def _leave(namespace: dict[str, Any]) -> None:
    os.chdir(namespace["_back"])
    namespace["_directory"].cleanup()
    from jaksim.analysis import METHODS
    from jaksim.endpoint import FAMILIES
    from jaksim.trial.adaptive.kinds import KINDS

    for registry in (METHODS, FAMILIES):
        for name in registry.added:
            registry.forget(name)
    KINDS.clear()
    KINDS.update(namespace["_kinds"])


pytest_collect_file = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=MATCHING), ConsoleParser()],
    path=str(ROOT),
    patterns=["README.md", "docs/*.md"],
    excludes=["docs/_build/*"],
    setup=_enter,
    teardown=_leave,
).pytest()
