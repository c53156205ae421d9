"""Processes that compile kernels at the same time, one of which is killed, and what they leave on disk."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

SMALL = Path(__file__).parents[1] / "scenarios" / "small.toml"
ENDPOINT = 'endpoint=[{name="score",kind="score_on_day",day=8}]'
ANALYSIS = 'analysis=[{endpoint="score",method="wilcoxon",role="primary"}]'
COMMAND = (sys.executable, "-m", "jaksim", "power", str(SMALL), "--set", ENDPOINT, "--set", ANALYSIS)


def start(cache):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    command = (*COMMAND, "--replicates", "100", "--json")
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def answer(process):
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    return {**json.loads(out), "elapsed_seconds": None}


@pytest.mark.verify
def test_kernels_survive_processes_that_start_at_once_are_killed_and_leave_damaged_files(tmp_path):
    processes = [start(tmp_path) for _ in range(4)]
    while not list(tmp_path.rglob("*.nbc")):
        time.sleep(0.01)
    processes[0].kill()
    answers = [answer(process) for process in processes[1:]]
    processes[0].communicate()
    kept = sorted(tmp_path.rglob("*.nbc"))
    assert len(kept) >= 2
    for file, size in zip(kept, (0, 20, 3000, 10_000), strict=False):
        os.truncate(file, size)
    answers += [answer(start(tmp_path)) for _ in range(2)]
    assert all(one == answers[0] for one in answers)
    assert sorted(tmp_path.rglob("*.nbc")) == kept
