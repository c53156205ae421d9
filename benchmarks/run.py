"""Measures the registered cases: `python -m benchmarks.run [--json FILE] [WORD ...]`, cases whose name has a WORD."""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections.abc import Sequence
from importlib import import_module, metadata
from pathlib import Path

from benchmarks.registry import CASES, Rate, measure

MODULES = ("engines", "start_up")
DEFAULT_FILE = Path("out") / "benchmarks.json"


def machine() -> dict[str, object]:
    """What the rates were measured on."""
    cpu = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        lines = information.read_text().splitlines()
        cpu = next((line.split(": ", 1)[1] for line in lines if line.startswith("model name")), cpu)
    versions = {name: metadata.version(name) for name in ("jaksim", "numpy", "numba", "scipy")}
    return {"cpu": cpu, "processors": os.cpu_count(), "python": platform.python_version(), **versions}


def line(rate: Rate) -> str:
    who = f"{rate.name:<50} {rate.threads:>2} thread{' ' if rate.threads == 1 else 's'}"
    if rate.unit == "seconds":
        return f"{who} {rate.rate:>14,.2f} s"
    return f"{who} {rate.rate:>14,.0f} {rate.unit}/s  (undisturbed {rate.undisturbed:,.0f})"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Measure the registered cases.")
    parser.add_argument("words", nargs="*", help="measure the cases whose name contains one of these words")
    parser.add_argument("--json", type=Path, default=DEFAULT_FILE, help="file for the results")
    chosen = parser.parse_args(arguments)
    for name in MODULES:
        import_module(f"benchmarks.{name}")
    rates = []
    for case in CASES.values():
        if chosen.words and not any(word in case.name for word in chosen.words):
            continue
        for rate in measure(case):
            print(line(rate), flush=True)
            rates.append(rate)
    results = {"machine": machine(), "rates": [rate.as_dict() for rate in rates]}
    chosen.json.parent.mkdir(parents=True, exist_ok=True)
    chosen.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
