"""Treatments of a scenario: effects from parameter sets, written as hazard ratios, or stated on an endpoint."""
