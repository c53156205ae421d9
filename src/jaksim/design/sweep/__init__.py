"""Sweeps: many trials, kept on disk while they are computed."""
