"""Ctrl-C while kernels are compiled, which nothing can interrupt, ends the process at once."""

import os
import signal
import subprocess
import sys
import time

import pytest

SLOW = """
import sys, threading, time
from jaksim.cli import main
from jaksim.kernel.compiled import watching
import jaksim.cli as cli

def compiling(arguments):
    with watching.told(compiling):
        print("compiling", flush=True)
        threading.Event().wait(60)

cli.run = compiling if sys.argv[1] == "compiling" else lambda arguments: (print("ready", flush=True), time.sleep(60))
main()
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("state", "words"),
    [("compiling", "jaksim: interrupted while compiling; finished kernels are kept\n"), ("not", None)],
)
def test_an_interrupt_ends_a_process_that_compiles(state, words):
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, state], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    if words is None:
        assert "KeyboardInterrupt" in said
    else:
        assert (process.returncode, said) == (130, words)
