"""Counts of a multinomial drawn at once, at a cost that patients do not, or hardly, raise."""
