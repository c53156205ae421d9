"""Figures of answers, written with matplotlib."""
