"""Fit a disease model to a study's published figures, each matched by the same statistic of the model."""
