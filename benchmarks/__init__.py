"""Measured rates of jaksim; `python -m benchmarks` prints them and writes them as JSON."""
