"""Signals of harm in a running trial: events counted against a known rate, or against the other arm."""
