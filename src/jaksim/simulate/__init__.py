"""Simulation: the checked door to the jitted kernels."""

from jaksim.simulate.law import LawTables, compile_laws, draw_tables, move_tables
from jaksim.simulate.paths import PathPlan, compile_paths, path_tables, simulate_scores
from jaksim.simulate.sizes import draw_sizes
from jaksim.simulate.transitions import ChainPlan, compile_chains, draw_transitions, path_transitions

__all__ = [
    "ChainPlan",
    "LawTables",
    "PathPlan",
    "compile_chains",
    "compile_laws",
    "compile_paths",
    "draw_sizes",
    "draw_tables",
    "draw_transitions",
    "move_tables",
    "path_tables",
    "path_transitions",
    "simulate_scores",
]
