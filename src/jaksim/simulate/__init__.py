"""Simulation: the checked door to the jitted kernels."""

from jaksim.simulate.law import LawTables, compile_laws, draw_tables
from jaksim.simulate.paths import PathPlan, compile_paths, path_tables, simulate_scores
from jaksim.simulate.sizes import draw_sizes

__all__ = [
    "LawTables",
    "PathPlan",
    "compile_laws",
    "compile_paths",
    "draw_sizes",
    "draw_tables",
    "path_tables",
    "simulate_scores",
]
