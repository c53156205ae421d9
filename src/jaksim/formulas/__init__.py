"""Closed formulas of trial planning: patients, events and power without simulation."""
