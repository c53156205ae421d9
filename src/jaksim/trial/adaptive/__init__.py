"""Adaptive designs as values: the rules by which a trial changes while patients come, one kind per file."""
