"""Measures the registered cases: `python -m benchmarks [--json FILE] [WORD ...]`, cases whose name has a WORD."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path

from benchmarks.registry import CASES, Measured, Unavailable, measure

MODULES = ("engines", "trials", "analyses", "exact", "scaling", "peers", "processes")
PACKAGES = ("jaksim", "numpy", "numba", "scipy", "lifelines", "simpy")
DEFAULT_FILE = Path("out") / "benchmarks.json"


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    cpu = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        cpu = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), cpu)
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return {
        "cpu": cpu,
        "processors": os.cpu_count(),
        "load": os.getloadavg()[0],
        "python": platform.python_version(),
        **versions,
    }


def line(shown: Measured) -> str:
    who = f"{shown.name:<62}"
    if shown.unit.endswith("/s"):
        who += f" {shown.threads:>2} thread{' ' if shown.threads == 1 else 's'}"
    digits = 0 if shown.value >= 100 else 2
    return f"{who:<73} {shown.value:>14,.{digits}f} {shown.unit:<13} (undisturbed {shown.undisturbed:,.{digits}f})"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the registered cases.")
    parser.add_argument("words", nargs="*", help="measure the cases whose name contains one of these words")
    parser.add_argument("--json", type=Path, default=DEFAULT_FILE, help="file for the results")
    chosen = parser.parse_args(arguments)
    for name in MODULES:
        import_module(f"benchmarks.{name}")
    results = []
    for case in CASES.values():
        if chosen.words and not any(word in case.name for word in chosen.words):
            continue
        try:
            for shown in measure(case):
                print(line(shown), flush=True)
                results.append(shown.as_dict())
        except Unavailable as reason:
            print(f"{case.name:<62} left out: {reason}", flush=True)
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps({"machine": machine(), "results": results}, indent=2) + "\n")
