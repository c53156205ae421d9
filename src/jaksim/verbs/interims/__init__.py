"""Verbs about interim analyses: what a charter lists, and what to do at a real one."""
