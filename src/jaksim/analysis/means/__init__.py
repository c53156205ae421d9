"""Analyses of counts of days: differences of means."""
