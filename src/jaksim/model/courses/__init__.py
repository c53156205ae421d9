"""Courses of a patient's treatment: when it changes, to what, and the states that makes of a score."""
