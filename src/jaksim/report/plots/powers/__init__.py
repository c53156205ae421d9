"""Figures of powers against patients, against the keys of a sweep, and of predictions."""
