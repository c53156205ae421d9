"""Runs command lines given as JSON on standard input, one after the other, and writes what became of each."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout

from jaksim.cli import run


def tried(words):
    """Exit code of a command, and what it writes on both streams."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(words)
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return [code, *texts]


if __name__ == "__main__":
    for one in json.load(sys.stdin):
        sys.stdout.write(json.dumps(tried(one)) + "\n")
        sys.stdout.flush()
