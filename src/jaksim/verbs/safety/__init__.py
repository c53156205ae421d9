"""Verbs about harm in a running trial."""
