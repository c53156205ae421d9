"""Seconds until a fresh process has its first table, with kernels to be compiled and with kernels found on disk."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

from benchmarks.registry import Task, register

FIRST_TABLES = """
from benchmarks import engines
engines.law_task(1000, drawn=True)(0)
engines.path_task(1000)(0)
"""


def seconds_to_run(program: str, cache: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
    return time.perf_counter() - start


@register("first tables of both engines, nothing compiled", "seconds")
def cold() -> Task:
    def task(block: int) -> float:
        with tempfile.TemporaryDirectory() as cache:
            return seconds_to_run(FIRST_TABLES, cache)

    return task


@register("first tables of both engines, kernels on disk", "seconds")
def warm() -> Task:
    cache = tempfile.TemporaryDirectory()
    seconds_to_run(FIRST_TABLES, cache.name)

    def task(block: int) -> float:
        return seconds_to_run(FIRST_TABLES, cache.name)

    return task
