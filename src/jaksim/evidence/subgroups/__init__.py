"""Subgroups of published trials: how far they differ, whether chance would do the same, and what is left of it."""
