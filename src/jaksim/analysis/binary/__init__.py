"""Analyses of an event that has happened or not: differences, ratios and odds ratios of risks."""
