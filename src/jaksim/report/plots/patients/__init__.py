"""Figures of the patients of a data set."""
