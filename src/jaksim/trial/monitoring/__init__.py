"""Monitoring of a trial by interim analyses: boundaries, and what is inferred when it has stopped."""
