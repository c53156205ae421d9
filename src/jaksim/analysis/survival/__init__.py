"""Analyses of times to an event: log-rank family, Cox, cumulative incidence, restricted mean."""
