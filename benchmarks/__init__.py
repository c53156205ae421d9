"""Benchmarks of jaksim, run by `make bench`; `pytest` runs each case once, without timing it."""
