"""Measured rates of jaksim; `python -m benchmarks` prints them as a table and writes them as JSON."""
