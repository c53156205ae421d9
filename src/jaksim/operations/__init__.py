"""Conducting the operations of a trial: an exact law, events in SimPy, and a fast twin of the standard case."""
