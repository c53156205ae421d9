"""Analyses of an ordered score: proportional odds, partial proportional odds, the Bayesian posterior."""
