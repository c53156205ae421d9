"""Figures of what a scenario expects."""
