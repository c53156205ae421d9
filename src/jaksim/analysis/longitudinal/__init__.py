"""Analyses of every day's score: the first-order Markov proportional odds model."""
